import { array, call, cast, column, text, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, tableColumns, type TreeNode } from '../parser/tree.ts'
import type { Column, PlanNode } from '../plan.ts'
import type { AsNode } from './as.ts'
import type { Planner } from '../planner.ts'
import {
  evidenceType,
  naturalOrder,
  naturalOrders,
  outerScope,
  physicalName,
  type EvidenceColumns,
  type Relation,
} from '../relation.ts'
import { nullOf, physicalTypes } from '../types.ts'

interface UnionNode extends PlanNode {
  readonly kind: 'union'
  readonly inputs: readonly PlanNode[]
  /** The column that tells where a row comes from, and what it says for each input. */
  readonly source: { readonly column: string; readonly values: readonly string[] } | undefined
  /** For each input and each column of the result: the input's column, where it has one. */
  readonly mapping: readonly (readonly (string | null)[])[]
}

export const union = operator<UnionNode>({
  kind: 'union',
  syntax: ['UnionOperator'],
  doc: 'The rows of several tables, columns matched by name and type.',
  example: {
    query: 'union (print a = 1), (print b = "x") | sort by a',
    rows: [
      [1, ''],
      [null, 'x'],
    ],
  },
  plan: (node, input, planner): UnionNode => {
    const parameters = new Map(
      childItems(node, 'Parameters').map((item) => [nameOf(child(item, 'Name')), child(item, 'Expression')]),
    )
    const isFuzzy = parameters.has('isfuzzy')
    const members = childItems(node, 'Expressions').flatMap((item) =>
      isFuzzy && isMissing(item) ? [] : planMember(item, planner),
    )
    const all = [...(input ? [{ plan: input, label: labelOf(input) }] : []), ...members]
    if (all.length === 0) planner.refuse('bad-argument', 'none of the tables exists', node)
    const columns = tableColumns(node)
      .filter(({ type }) => !isFuzzy || type !== undefined)
      .map((column) => planner.column(column, node))
    const withSource = parameters.get('withsource') ?? parameters.get('with_source')
    const isInner = nameOfOptional(parameters.get('kind')) === 'inner'
    return unionNode(all, columns, nameOfOptional(withSource), planner, node, isInner)
  },
  emit: (node, emitter) => {
    const relations = node.inputs.map((plan) => emitter.relation(plan))
    const depth = Math.max(...relations.map((relation) => naturalOrders(relation).length))
    const places = depth === 0 ? [] : Array.from({ length: depth + 1 }, () => emitter.hidden('row'))
    const isTraced = relations.some((relation) => relation.evidence)
    const evidence = isTraced
      ? { sample: emitter.hidden('evidence'), count: emitter.hidden('records') }
      : undefined
    const ingested = relations.some((relation) => relation.ingested) ? emitter.hidden('ingested') : undefined
    const members = relations.map((relation, position) => {
      const alias = emitter.alias()
      const scope = outerScope(relation, alias)
      const columns = node.columns.map((column, index): SelectColumn => {
        const name = node.mapping[position]?.[index]
        const isSource = column.name === node.source?.column
        const value = name
          ? scope(name).sql
          : isSource
            ? text(node.source?.values[position] ?? '')
            : nullOf(column.type)
        return { name: physicalName(column.name), expression: value }
      })
      const own = naturalOrders(relation)
      const placed = places.map((name, index): SelectColumn => {
        const place = index === 0 ? undefined : own[index - 1]
        const constant = call('toInt64', index === 0 ? position : 0)
        return { name, expression: place ? call('toInt64', column(place.physical, alias)) : constant }
      })
      const traced = evidence ? evidenceColumns(evidence, relation, alias) : []
      const times =
        ingested === undefined ? [] : [{ name: ingested, expression: ingestedOr(relation, alias) }]
      return {
        columns: [...columns, ...placed, ...traced, ...times],
        from: { kind: 'select', select: relation.select, alias },
      } as const
    })
    const [first] = members
    if (!first) throw new Error('a union of nothing')
    return emitter.bracket({
      select: { ...first, unionAll: members },
      columns: node.columns.map((column) => ({ ...column, physical: physicalName(column.name) })),
      order: places.map((name) => naturalOrder(name)),
      sealed: true,
      ...(evidence ? { evidence } : {}),
      ...(ingested === undefined ? {} : { ingested }),
    })
  },
})

/** When a row of one of the tables was ingested; null for rows that were not. */
function ingestedOr({ ingested }: Relation, alias: string): SqlExpression {
  return ingested === undefined ? nullOf('datetime') : cast(column(ingested, alias), physicalTypes.datetime)
}

function nameOfOptional(node: TreeNode | undefined): string | undefined {
  return node ? nameOf(node) : undefined
}

function evidenceColumns(
  names: EvidenceColumns,
  { evidence }: Relation,
  alias: string,
): readonly SelectColumn[] {
  const none = cast(array([]), evidenceType)
  return [
    { name: names.sample, expression: evidence ? column(evidence.sample, alias) : none },
    { name: names.count, expression: evidence ? column(evidence.count, alias) : call('toUInt64', 0) },
  ]
}

export interface Member {
  readonly plan: PlanNode
  /** What `withsource` says: a table's name. */
  readonly label: string | undefined
}

/** A union of planned tables into the binder's columns, which it matches by name and type. */
export function unionNode(
  members: readonly Member[],
  bound: readonly Column[],
  sourceColumn: string | undefined,
  planner: Planner,
  node: TreeNode,
  isInner = false,
): UnionNode {
  const inputs = members.map(({ plan }) => plan)
  if (isInner) refuseClashes(inputs, planner, node)
  const places = placesOf(
    isInner ? commonOf(bound, inputs, sourceColumn) : bound,
    inputs,
    sourceColumn,
    isInner,
  )
  const columns = places.map(({ column }) => column)
  if (columns.length === 0) planner.refuse('bad-argument', 'the tables have no column in common', node)
  const mapping = inputs.map((plan) =>
    places.map(({ origins }) => {
      const isOrigin = (own: Column): boolean =>
        origins.some(({ name, type }) => name === own.name && type === own.type)
      return plan.columns.find(isOrigin)?.name ?? null
    }),
  )
  for (const [index, plan] of inputs.entries()) {
    const used = new Set(mapping[index])
    const lost = isInner ? undefined : plan.columns.find(({ name }) => !used.has(name))
    if (lost) planner.refuse('unsupported-syntax', `the union has no place for the column ${lost.name}`, node)
  }
  const values = members.map(({ label }, index) => label ?? `union_arg${index}`)
  const source = sourceColumn === undefined ? undefined : { column: sourceColumn, values }
  return { kind: 'union', inputs, source, mapping, columns, place: planner.place(node) }
}

/** Of an inner union, the binder's columns that every table has; it does not leave out the others. */
function commonOf(
  bound: readonly Column[],
  inputs: readonly PlanNode[],
  sourceColumn: string | undefined,
): readonly Column[] {
  const isCommon = ({ name }: Column): boolean =>
    inputs.every(({ columns }) => columns.some((column) => column.name === name))
  return bound.filter((column) => column.name === sourceColumn || isCommon(column))
}

function refuseClashes(inputs: readonly PlanNode[], planner: Planner, node: TreeNode): void {
  const types = Map.groupBy(
    inputs.flatMap(({ columns }) => columns),
    ({ name }) => name,
  )
  for (const [name, own] of types)
    if (own.length === inputs.length && own.some(({ type }) => type !== own[0]?.type))
      planner.refuse('unsupported-syntax', `an inner union of tables with ${name} of different types`, node)
}

/** A column of the result, and the inputs' columns that fill it. */
interface ResultColumn {
  readonly column: Column
  readonly origins: readonly Column[]
}

/**
 * `x` of one type in one table and of another in the next become `x_long` and `x_string`. Where a table has a column
 * `x_long` of its own, the engine leaves it its name and calls the other `x_long1`; the binder does the opposite.
 */
function placesOf(
  bound: readonly Column[],
  inputs: readonly PlanNode[],
  sourceColumn: string | undefined,
  isInner: boolean,
): readonly ResultColumn[] {
  const all = new Map(
    inputs.flatMap(({ columns }) =>
      columns.map(({ name, type }) => [`${type} ${name}`, { name, type }] as const),
    ),
  )
  const own = [...all.values()]
  const isSplit = ({ name }: Column): boolean => own.filter((other) => other.name === name).length > 1
  const taken = new Set(own.filter((column) => !isSplit(column)).map(({ name }) => name))
  const isClash = own.some((column) => isSplit(column) && taken.has(`${column.name}_${column.type}`))
  // Where one type comes from two tables before another type, the binder keeps the first alone.
  const isForgotten = own.some(
    (column) =>
      !isInner && isSplit(column) && !bound.some(({ name }) => name === `${column.name}_${column.type}`),
  )
  if (!isClash && !isForgotten) {
    return bound.map((column) => {
      const isOrigin = (item: Column): boolean =>
        item.type === column.type && (isSplit(item) ? `${item.name}_${item.type}` : item.name) === column.name
      return { column, origins: column.name === sourceColumn ? [] : own.filter((item) => isOrigin(item)) }
    })
  }
  const places = own.map((origin): ResultColumn => {
    if (!isSplit(origin)) return { column: origin, origins: [origin] }
    const plain = `${origin.name}_${origin.type}`
    let name = plain
    for (let count = 1; taken.has(name); count += 1) name = `${plain}${count}`
    taken.add(name)
    return { column: { ...origin, name }, origins: [origin] }
  })
  const source = bound.find(({ name }) => name === sourceColumn)
  return [...(source ? [{ column: source, origins: [] }] : []), ...places]
}

/** Whether a table that a fuzzy union names does not exist. */
function isMissing(item: TreeNode): boolean {
  if (item.kind === 'NameReference') return item.symbol === undefined && item.type?.kind === 'table'
  if (item.kind !== 'PipeExpression' && item.kind !== 'ParenthesizedExpression') return false
  return isMissing(child(item, 'Expression'))
}

function labelOf(plan: PlanNode): string | undefined {
  return plan.kind === 'as' ? (plan as AsNode).name : undefined
}

function planMember(item: TreeNode, planner: Planner): Member[] {
  const isPattern = item.kind === 'NameReference' && item.type?.kind !== 'table'
  if (isPattern || item.kind === 'WildcardedNameReference')
    return planner.wildcard(item).map((plan) => ({ plan, label: plan.table }))
  const plan = planner.inner().tabular(item)
  const named = withoutBrackets(item)
  const isNamed = named.kind === 'NameReference'
  const isSource = isNamed && (plan.kind === 'table' || planner.environment.isView(nameOf(named)))
  const label = isSource ? nameOf(named) : labelOf(plan)
  return [{ plan, label }]
}

function withoutBrackets(item: TreeNode): TreeNode {
  return item.kind === 'ParenthesizedExpression' ? withoutBrackets(child(item, 'Expression')) : item
}
