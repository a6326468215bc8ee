import type { SelectColumn } from '../sql/node.ts'
import { stageRowFunctions } from './window.ts'
import { sortedArrays } from './expressions.ts'
import type { Emitter } from './emitter.ts'
import { scalarFunction } from './functions.ts'
import { child, childItems, nameOf, tableColumns, type BoundColumn, type TreeNode } from './parser/tree.ts'
import type { Column, Expression, NamedExpression, PlanNode } from './plan.ts'
import { passThrough, type Planner } from './planner.ts'
import {
  innerScope,
  partitionColumns,
  partitionOf,
  physicalName,
  type Relation,
  type RelationColumn,
  type RowOrder,
} from './relation.ts'

/** The input's columns with some replaced or added, as `extend` and its kin make them. */
export function planExtension(
  node: TreeNode,
  list: string,
  input: PlanNode,
  planner: Planner,
): NamedExpression[] {
  const taken = new Set(input.columns.map(({ name }) => name))
  const added = new Map(
    childItems(node, list)
      .flatMap((item) => planNamed(item, node, taken, planner))
      .map((item) => [item.name, item]),
  )
  const kept = passThrough(input.columns, planner.place(node)).map((item) => added.get(item.name) ?? item)
  const names = new Set(kept.map(({ name }) => name))
  return inResultOrder(
    [...kept, ...[...added.values()].filter(({ name }) => !names.has(name))],
    node,
    planner,
  )
}

/** A list of expressions that make one column each, named as the binder names them. */
export function planProjection(node: TreeNode, list: string, planner: Planner): NamedExpression[] {
  const columns = tableColumns(node)
  let next = 0
  const planned = childItems(node, list).flatMap((item) => {
    const values = planItem(item, planner)
    if (item.kind === 'SimpleNamedExpression' && values.length > 1) {
      planner.refuse(
        'unsupported-syntax',
        'one name for several columns',
        item,
        'name each of them: `(a, b) = …`',
      )
    }
    const named = values.map((expression, index) => ({ name: columns[next + index]?.name ?? '', expression }))
    next += values.length
    return named
  })
  if (next !== columns.length)
    planner.refuse('unsupported-syntax', 'an expression that makes several columns', node)
  return planned
}

/** The value of an item of a list, or its values where it is a function that fills several columns. */
function planItem(item: TreeNode, planner: Planner): readonly Expression[] {
  const value = planner.scalar(
    item.kind === 'CompoundNamedExpression' ? child(item, 'Expression') : unnamed(item, planner),
  )
  const arrays = sortedArrays(value)
  if (arrays.length > 0) return arrays
  const parts = value.kind === 'call' ? scalarFunction(value.name)?.parts : undefined
  if (!parts || value.kind !== 'call') {
    if (item.kind === 'CompoundNamedExpression')
      planner.refuse('unsupported-syntax', 'several names for one expression', item)
    return [value]
  }
  return parts.map(({ name, type }) => ({ ...value, name: `${value.name}.${name}`, type }))
}

/** The expression inside `name = expression`. */
export function unnamed(item: TreeNode, planner: Planner): TreeNode {
  if (item.kind === 'CompoundNamedExpression')
    planner.refuse('unsupported-syntax', 'several names for one expression', item)
  return item.kind === 'SimpleNamedExpression' ? child(item, 'Expression') : item
}

function planNamed(item: TreeNode, node: TreeNode, taken: Set<string>, planner: Planner): NamedExpression[] {
  if (item.kind === 'SimpleNamedExpression' || item.kind === 'CompoundNamedExpression') {
    const names = item.kind === 'SimpleNamedExpression' ? [nameOf(child(item, 'Name'))] : compoundNames(item)
    const values = planItem(item, planner)
    if (names.length > values.length)
      planner.refuse('bad-argument', 'there are more names than columns', item)
    // The binder has the other columns too; the engine leaves them out.
    return names.flatMap((name, index) =>
      values.slice(index, index + 1).map((expression) => ({ name, expression })),
    )
  }
  if (item.kind === 'NameReference' && item.symbol?.kind === 'column') return []
  const values = planItem(item, planner)
  const columns =
    values.length > 1
      ? partColumns(values, node, taken)
      : tableColumns(node).filter(({ source }) => source === item.id)
  if (columns.length !== values.length)
    return planner.refuse('unsupported-syntax', 'the name of this column is not known', item, 'name it')
  return values.flatMap((expression, index) =>
    columns.slice(index, index + 1).map(({ name }) => ({ name, expression })),
  )
}

/** The binder's columns for the parts of a function, which it names `function_argument_part`: the first run not taken. */
function partColumns(
  values: readonly Expression[],
  node: TreeNode,
  taken: Set<string>,
): readonly BoundColumn[] {
  const patterns = values.map((value) => {
    const [name = '', part = ''] = value.kind === 'call' ? value.name.split('.') : []
    return new RegExp(`^${name}_.*_?${part}\\d*$`)
  })
  const columns = tableColumns(node)
  const start = columns.findIndex(
    ({ name }, index) =>
      !taken.has(name) &&
      patterns.every((pattern, offset) => pattern.test(columns[index + offset]?.name ?? '')),
  )
  const run = start < 0 ? [] : columns.slice(start, start + values.length)
  for (const { name } of run) taken.add(name)
  return run
}

function compoundNames(item: TreeNode): string[] {
  return childItems(child(item, 'Names'), 'Names').map((name) => nameOf(name))
}

function inResultOrder(
  items: readonly NamedExpression[],
  node: TreeNode,
  planner: Planner,
): NamedExpression[] {
  const byName = new Map(items.map((item) => [item.name, item]))
  const ordered = tableColumns(node).flatMap(({ name }) => byName.get(name) ?? [])
  if (ordered.length !== byName.size)
    planner.refuse('unsupported-syntax', 'a column has no known place', node)
  return ordered
}

/** The types of named expressions, as a plan node's columns. */
export function columnsFrom(items: readonly NamedExpression[]): Column[] {
  return items.map(({ name, expression }) => ({ name, type: expression.type }))
}

/** Replaces a relation's columns; the order of its rows stays, in private columns where its own are dropped. */
export function projectRelation(
  source: Relation,
  named: readonly NamedExpression[],
  emitter: Emitter,
): Relation {
  const staged = stageRowFunctions(
    source,
    named.map(({ expression }) => expression),
    emitter,
  )
  const input = staged.relation
  const items = named.map(({ name, expression }, index) => ({
    name,
    expression: staged.expressions[index] ?? expression,
  }))
  const computed = items.flatMap(({ expression }) => (expression.kind === 'column' ? [] : [expression]))
  const base = emitter.ready(input, computed)
  const scope = innerScope(base)
  const columns: RelationColumn[] = []
  const selected: SelectColumn[] = []
  for (const { name, expression } of items) {
    const value = emitter.expression(expression, scope)
    const physical = physicalName(name)
    columns.push({ name, type: value.type, physical, nullable: value.nullable })
    selected.push({ name: physical, expression: value.sql })
  }
  selected.push(...partitionColumns(base))
  selected.push(...base.select.columns.filter(({ name: own }) => own === base.ingested))
  const { order, carried } = carryOrder(base, selected, emitter)
  return {
    select: { ...base.select, columns: [...selected, ...carried] },
    columns,
    order,
    sealed: false,
    ...partitionOf(base),
    ...(base.ingested === undefined ? {} : { ingested: base.ingested }),
  }
}

/** The order's columns under names that survive the projection. */
export function carryOrder(
  base: Relation,
  selected: readonly SelectColumn[],
  emitter: Emitter,
): { readonly order: readonly RowOrder[]; readonly carried: readonly SelectColumn[] } {
  const carried: SelectColumn[] = []
  const order = base.order.map((item) => {
    const source = base.select.columns.find(({ name }) => name === item.physical)
    if (!source) throw new Error(`the order's column ${item.physical} is lost`)
    const kept = selected.find(({ name }) => name === item.physical)
    if (kept && kept.expression === source.expression) return item
    const name = item.physical.startsWith('__') && !kept ? item.physical : emitter.hidden('order')
    carried.push({ name, expression: source.expression })
    return { ...item, physical: name }
  })
  return { order, carried }
}
