import { aggregate, call, column, integer, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import { aggregateFunction } from '../aggregates.ts'
import type { Place } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { AggregateExpression, Column, Expression, NamedExpression, PlanNode } from '../plan.ts'
import { aggregatesOf } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { unnamed } from '../projection.ts'
import {
  evidenceLimit,
  innerScope,
  naturalOrder,
  naturalOrders,
  orderItems,
  partitionColumns,
  partitionOf,
  physicalName,
  type Relation,
  type RelationColumn,
  type RowOrder,
} from '../relation.ts'

interface SummarizeNode extends PlanNode {
  readonly kind: 'summarize'
  readonly input: PlanNode
  readonly keys: readonly NamedExpression[]
  /** Expressions over aggregates; one that gives several columns has their names. */
  readonly aggregates: readonly { readonly names: readonly string[]; readonly expression: Expression }[]
}

export const summarize = operator<SummarizeNode>({
  kind: 'summarize',
  syntax: ['SummarizeOperator'],
  doc: 'Aggregates over groups of rows; without `by`, over all.',
  example: {
    query: 'datatable(k: string, v: long)["a", 1, "a", 2] | summarize sum(v) by k',
    rows: [['a', 3]],
  },
  plan: (node, input, planner): SummarizeNode => {
    const from = required(input)
    const columns = planner.columns(node)
    const by = node.children['ByClause']
    const keyNodes = by ? childItems(by, 'Expressions') : []
    const keys = keyNodes.map((item, index) => ({
      name: columns[index]?.name ?? '',
      expression: planner.scalar(unnamed(item, planner)),
    }))
    const aggregates = planAggregates(
      childItems(node, 'Aggregates'),
      columns.slice(keys.length),
      keys,
      from,
      planner,
    )
    const names = [...keys.map(({ name }) => name), ...aggregates.flatMap((item) => item.names)]
    const named = columns.map(({ type, name }, index) => ({
      name: names[index] ?? name,
      type: keys[index]?.expression.type ?? type,
    }))
    if (
      by === undefined &&
      aggregates.every(({ expression }) => aggregatesOf(expression).next().done === true)
    )
      planner.refuse('unsupported-syntax', 'nothing is aggregated here', node, 'use take or distinct')
    return { kind: 'summarize', input: from, keys, aggregates, columns: named, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const isOrdered = node.aggregates.some(({ expression }) => needsOrder(expression))
    const base = emitter.ready(isOrdered ? ordered(input, emitter) : input, inputExpressions(node))
    return group(node, base, emitter)
  },
})

/** How often each value of a column occurs. */
export function countBy(input: PlanNode, column: Column, countName: string, place: Place): PlanNode {
  const node: SummarizeNode = {
    kind: 'summarize',
    input,
    keys: [{ name: column.name, expression: { kind: 'column', ...column, place } }],
    aggregates: [
      { names: [countName], expression: { kind: 'aggregate', name: 'count', args: [], type: 'long', place } },
    ],
    columns: [column, { name: countName, type: 'long' }],
    place,
  }
  return node
}

/** Reads aggregates, and tells which of the binder's columns each of them fills. */
export function planAggregates(
  nodes: readonly TreeNode[],
  columns: readonly Column[],
  keys: readonly NamedExpression[],
  input: PlanNode,
  planner: Planner,
): SummarizeNode['aggregates'] {
  let next = 0
  const planned = nodes.map((item) => {
    const isCompound = item.kind === 'CompoundNamedExpression'
    const value = item.kind === 'SimpleNamedExpression' || isCompound ? child(item, 'Expression') : item
    const expression = planner.aggregating(starColumns(value, keys, input)).scalar(value)
    const count = columnCount(expression)
    const names = columns.slice(next, next + count).map(({ name }) => engineName(value, item) ?? name)
    next += count
    return { names, expression }
  })
  if (next !== columns.length) {
    const [first] = nodes
    if (first) planner.refuse('unsupported-syntax', 'the columns of this aggregate are not known', first)
  }
  return planned
}

/** The engine names a covariance for both its columns, the binder for the first alone. */
function engineName(value: TreeNode, item: TreeNode): string | undefined {
  if (item !== value || value.kind !== 'FunctionCallExpression') return undefined
  const name = nameOf(child(value, 'Name'))
  const [first, second] = childItems(child(value, 'ArgumentList'), 'Expressions')
  if (!name.startsWith('covariance') || first?.symbol?.kind !== 'column' || second?.symbol?.kind !== 'column')
    return undefined
  return `${name}_${nameOf(first)}_${nameOf(second)}`
}

/** What `*` stands for in `arg_max(v, *)`: every column but the keys and the value itself. */
function starColumns(value: TreeNode, keys: readonly NamedExpression[], input: PlanNode): readonly Column[] {
  if (value.kind !== 'FunctionCallExpression') return []
  const [first] = childItems(child(value, 'ArgumentList'), 'Expressions')
  const used = new Set(
    keys.flatMap(({ name, expression }) => (expression.kind === 'column' ? [expression.name, name] : [name])),
  )
  if (first?.symbol?.kind === 'column') used.add(nameOf(first))
  return input.columns.filter(({ name }) => !used.has(name))
}

function columnCount(expression: Expression): number {
  if (expression.kind !== 'aggregate') return 1
  const definition = aggregateFunction(expression.name)
  if (!definition?.emitColumns) return 1
  if (expression.name === 'percentilesw') return expression.args.length - 2
  return expression.name.startsWith('percentiles') ? expression.args.length - 1 : expression.args.length
}

function needsOrder(expression: Expression): boolean {
  return [...aggregatesOf(expression)].some(({ name }) => aggregateFunction(name)?.ordered === true)
}

/** Everything that is computed from the input: keys, and arguments of aggregates. */
function inputExpressions(node: SummarizeNode): Expression[] {
  const args = node.aggregates.flatMap(({ expression }) =>
    [...aggregatesOf(expression)].flatMap((item: AggregateExpression) => item.args),
  )
  return [...node.keys.map(({ expression }) => expression), ...args]
}

/** The relation's rows in its order, fixed by an inner ORDER BY. */
export function ordered(input: Relation, emitter: Emitter): Relation {
  if (input.order.length === 0) return input
  const base = emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const select = { ...base.select, orderBy: orderItems(base, alias) }
  return { ...emitter.bracket({ ...base, select, sealed: true }), order: naturalOrders(input) }
}

function group(node: SummarizeNode, base: Relation, emitter: Emitter): Relation {
  const scope = innerScope(base)
  const columns: RelationColumn[] = []
  const selected: SelectColumn[] = []
  const groupBy = node.keys.map(({ name, expression }) => {
    const value = emitter.expression(expression, scope)
    columns.push({ name, type: value.type, physical: physicalName(name), nullable: value.nullable })
    selected.push({ name: physicalName(name), expression: value.sql })
    return value.sql
  })
  const { order, places } = groupPlaces(base, emitter)
  const types = new Map(node.columns.map(({ name, type }) => [name, type]))
  for (const { names, expression } of node.aggregates) {
    const values = emitter.aggregateColumns(
      expression,
      scope,
      names.map((name) => types.get(name) ?? 'dynamic'),
      order.length > 0,
    )
    for (const [index, name] of names.entries()) {
      const value = values[index]
      if (!value) throw new Error(`no value for the column ${name}`)
      columns.push({ name, type: value.type, physical: physicalName(name), nullable: value.nullable })
      selected.push({ name: physicalName(name), expression: value.sql })
    }
  }
  selected.push(...places)
  const parts = groupParts(base)
  groupBy.push(...parts.keys)
  selected.push(...parts.columns)
  const { from, where } = base.select
  const select = {
    columns: selected,
    from,
    ...(where ? { where } : {}),
    ...(groupBy.length > 0 ? { groupBy } : {}),
  }
  return picked({ select, columns, order, sealed: true, ...partitionOf(base) }, emitter)
}

/** Columns picked out of one aggregate's tuple: the tuple is computed once, in a SELECT of its own. */
function picked(relation: Relation, emitter: Emitter): Relation {
  const names = new Map<SqlExpression, string>()
  for (const { expression } of relation.select.columns) {
    const [tuple] = expression.kind === 'call' && expression.name === 'tupleElement' ? expression.args : []
    if (tuple && !names.has(tuple)) names.set(tuple, emitter.hidden('row'))
  }
  if (names.size === 0) return relation
  const alias = emitter.alias()
  const inner: SelectColumn[] = [...names].map(([expression, name]) => ({ name, expression }))
  const outer = relation.select.columns.map((item): SelectColumn => {
    const { name, expression } = item
    const [tuple, index] =
      expression.kind === 'call' && expression.name === 'tupleElement' ? expression.args : []
    const hidden = tuple ? names.get(tuple) : undefined
    if (hidden !== undefined && index)
      return { name, expression: call('tupleElement', column(hidden, alias), index) }
    inner.push(item)
    return { name, expression: column(name, alias) }
  })
  const select = { ...relation.select, columns: inner }
  return { ...relation, select: { columns: outer, from: { kind: 'select', select, alias } }, sealed: false }
}

/** Inside a partition, the key joins the groups' keys and the payload goes along. */
export function groupParts(base: Relation): {
  readonly keys: readonly SqlExpression[]
  readonly columns: readonly SelectColumn[]
} {
  const columns = partitionColumns(base)
  const key = columns.find(({ name }) => name === base.partition?.key)
  const gathered = ({ name, expression }: SelectColumn): SqlExpression => {
    if (name === base.evidence?.count) return aggregate('sum', [expression])
    if (name !== base.evidence?.sample) return aggregate('any_respect_nulls', [expression])
    return aggregate('groupArraySortedArray', [expression], [integer(evidenceLimit)])
  }
  return {
    keys: key ? [key.expression] : [],
    columns: columns.map((item) => (item === key ? item : { name: item.name, expression: gathered(item) })),
  }
}

/** Groups of literal rows stand in the order of their first rows. */
export function groupPlaces(
  base: Relation,
  emitter: Emitter,
): { readonly order: readonly RowOrder[]; readonly places: readonly SelectColumn[] } {
  const places = naturalOrders(base).map(({ physical }): SelectColumn => {
    const source = base.select.columns.find(({ name }) => name === physical)
    if (!source) throw new Error(`the order's column ${physical} is lost`)
    return { name: emitter.hidden('row'), expression: aggregate('min', [source.expression]) }
  })
  return { order: places.map(({ name }) => naturalOrder(name)), places }
}
