import { assertNever } from '../../error.ts'
import {
  aggregate,
  and,
  call,
  column,
  type JoinKind,
  type SelectColumn,
  type Source,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required, type Operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import {
  bracketed,
  evidenceLimit,
  type EvidenceColumns,
  naturalOrder,
  naturalOrders,
  orderItems,
  outerScope,
  physicalName,
  type Relation,
  type RelationColumn,
} from '../relation.ts'
import { isText } from '../types.ts'

export interface JoinNode extends PlanNode {
  readonly kind: string
  readonly left: PlanNode
  readonly right: PlanNode
  readonly join: string
  readonly keys: readonly { readonly left: string; readonly right: string }[]
  /** For each column of the result: the side it comes from, and its name there. */
  readonly sources: readonly { readonly side: 'left' | 'right'; readonly name: string }[]
}

const kinds: Readonly<Record<string, JoinKind>> = {
  innerunique: 'INNER',
  inner: 'INNER',
  leftouter: 'LEFT',
  rightouter: 'RIGHT',
  fullouter: 'FULL',
  leftsemi: 'LEFT SEMI',
  rightsemi: 'RIGHT SEMI',
  leftanti: 'LEFT ANTI',
  leftantisemi: 'LEFT ANTI',
  anti: 'LEFT ANTI',
  rightanti: 'RIGHT ANTI',
  rightantisemi: 'RIGHT ANTI',
}

function joinOperator(
  kind: string,
  syntax: string,
  fallback: string,
  doc: string,
  example: Operator['example'],
): Operator {
  return operator<JoinNode>({
    kind,
    syntax: [syntax],
    doc,
    example,
    plan: (node, input, planner): JoinNode => {
      const left = required(input)
      const right = planner.inner().tabular(child(node, 'Expression'))
      const join = joinKind(node, fallback, planner)
      const clause =
        node.children[kind === 'lookup' ? 'LookupClause' : 'ConditionClause'] ?? node.children['OnClause']
      if (clause?.kind !== 'JoinOnClause')
        return planner.refuse('unsupported-syntax', `${kind} needs an on clause`, node)
      const keys = childItems(clause, 'Expressions').map((item) => joinKey(item, planner))
      const columns = planner.columns(node)
      const sources = columnSources(kind, join, left, right, keys)
      if (sources.length !== columns.length)
        planner.refuse('unsupported-syntax', 'the columns of this join are not known', node)
      const given = { left: left.columns, right: right.columns }
      const typed = columns.map(({ name, type }, index) => {
        const source = sources[index]
        const own = source && given[source.side].find((item) => item.name === source.name)
        return { name, type: own?.type ?? type }
      })
      return { kind, left, right, join, keys, sources, columns: typed, place: planner.place(node) }
    },
    emit: emitJoin,
  })
}

function joinKind(node: TreeNode, fallback: string, planner: Planner): string {
  const parameter = childItems(node, 'Parameters').find((item) => nameOf(child(item, 'Name')) === 'kind')
  if (!parameter) return fallback
  const name = nameOf(child(parameter, 'Expression'))
  if (kinds[name] === undefined)
    planner.refuse('unsupported-argument', `the join kind ${name} is not supported`, parameter)
  return name
}

/** `name`, or `$left.a == $right.b` in either order. */
function joinKey(item: TreeNode, planner: Planner): { readonly left: string; readonly right: string } {
  if (item.kind === 'NameReference') return { left: nameOf(item), right: nameOf(item) }
  if (item.kind === 'ParenthesizedExpression') return joinKey(child(item, 'Expression'), planner)
  if (item.kind === 'EqualExpression') {
    const [first, second] = [side(child(item, 'Left')), side(child(item, 'Right'))]
    if (first?.side === '$left' && second?.side === '$right') return { left: first.name, right: second.name }
    if (first?.side === '$right' && second?.side === '$left') return { left: second.name, right: first.name }
  }
  return planner.refuse('unsupported-syntax', 'a join is on names or on $left.a == $right.b', item)
}

function side(node: TreeNode): { readonly side: string; readonly name: string } | undefined {
  if (node.kind === 'ParenthesizedExpression') return side(child(node, 'Expression'))
  if (node.kind !== 'PathExpression') return undefined
  const owner = child(node, 'Expression')
  if (owner.kind !== 'NameReference') return undefined
  return { side: nameOf(owner), name: nameOf(child(node, 'Selector')) }
}

function columnSources(
  kind: string,
  join: string,
  left: PlanNode,
  right: PlanNode,
  keys: JoinNode['keys'],
): JoinNode['sources'] {
  const ofLeft = left.columns.map(({ name }) => ({ side: 'left' as const, name }))
  const ofRight = right.columns.map(({ name }) => ({ side: 'right' as const, name }))
  if (kind === 'lookup') {
    const dropped = new Set(keys.map((key) => key.right))
    return [...ofLeft, ...ofRight.filter(({ name }) => !dropped.has(name))]
  }
  if (/^(left)?(semi|anti|antisemi)$/.test(join)) return ofLeft
  if (/^right(semi|anti|antisemi)$/.test(join)) return ofRight
  return [...ofLeft, ...ofRight]
}

function emitJoin(node: JoinNode, emitter: Emitter): Relation {
  const join = kinds[node.join]
  if (!join) throw new Error(`no join ${node.join}`)
  const left = padded(emitter.relation(node.left), join === 'RIGHT' || join === 'FULL', emitter)
  const right = padded(emitter.relation(node.right), join === 'LEFT' || join === 'FULL', emitter)
  const chosen =
    node.join === 'innerunique'
      ? firstByKey(
          left,
          node.keys.map((key) => key.left),
          emitter,
        )
      : left
  const [leftAlias, rightAlias] = [emitter.alias(), emitter.alias()]
  const scopes = { left: outerScope(chosen, leftAlias), right: outerScope(right, rightAlias) }
  const conditions = node.keys.map((key): SqlExpression => {
    const [a, b] = [scopes.left(key.left), scopes.right(key.right)]
    if (isText(a.type) !== isText(b.type) || (a.type !== b.type && isText(a.type))) {
      throw new Error(`join keys of ${a.type} and ${b.type}`)
    }
    // Null keys match one another.
    return call(a.nullable || b.nullable ? 'isNotDistinctFrom' : 'equals', a.sql, b.sql)
  })
  const columns: RelationColumn[] = []
  const selected: SelectColumn[] = []
  for (const [index, source] of node.sources.entries()) {
    const value = scopes[source.side](source.name)
    const name = node.columns[index]?.name ?? source.name
    columns.push({ name, type: value.type, physical: physicalName(name), nullable: value.nullable })
    selected.push({ name: physicalName(name), expression: value.sql })
  }
  const sides = [...new Set(node.sources.map((source) => source.side))]
  const order = sides.flatMap((name) => {
    const [relation, alias] = name === 'left' ? [chosen, leftAlias] : [right, rightAlias]
    return relation.order.map(({ physical }) => {
      const place = emitter.hidden('row')
      selected.push({ name: place, expression: column(physical, alias) })
      // Of several facts for one row, the engine gives the last one first.
      return { ...naturalOrder(place), descending: node.kind === 'lookup' && name === 'right' }
    })
  })
  const joined = joinedEvidence(
    sides.map((name) =>
      name === 'left' ? { relation: chosen, alias: leftAlias } : { relation: right, alias: rightAlias },
    ),
    emitter,
  )
  const evidence = joined?.names
  selected.push(...(joined?.columns ?? []))
  return {
    select: {
      columns: selected,
      from: joinSource(
        join,
        { kind: 'select', select: chosen.select, alias: leftAlias },
        { kind: 'select', select: right.select, alias: rightAlias },
        and(...conditions),
        node.kind === 'join',
      ),
    },
    columns,
    order,
    sealed: false,
    ...(evidence ? { evidence } : {}),
  }
}

type SelectSource = Extract<Source, { kind: 'select' }>

/**
 * The engine keeps the smaller side in memory where it can tell how large both are, and else the second. Rows of
 * literals are few; of the others the left ones of an inner join, as Kusto's advice is to write it.
 */
function joinSource(
  join: JoinKind,
  left: SelectSource,
  right: SelectSource,
  on: SqlExpression,
  isAdvised: boolean,
): Source {
  const isLeftSmall = readsNoTable(left) || (join === 'INNER' && isAdvised && !readsNoTable(right))
  return isLeftSmall
    ? { kind: 'join', join: mirrored[join], left: right, right: left, on }
    : { kind: 'join', join, left, right, on }
}

/** The same join with its sides exchanged. */
const mirrored: Readonly<Record<JoinKind, JoinKind>> = {
  INNER: 'INNER',
  LEFT: 'RIGHT',
  RIGHT: 'LEFT',
  FULL: 'FULL',
  'LEFT SEMI': 'RIGHT SEMI',
  'RIGHT SEMI': 'LEFT SEMI',
  'LEFT ANTI': 'RIGHT ANTI',
  'RIGHT ANTI': 'LEFT ANTI',
}

function readsNoTable(source: Source): boolean {
  switch (source.kind) {
    case 'one':
      return true
    case 'table':
      return false
    case 'select':
      return (source.select.unionAll ?? [source.select]).every(({ from }) => readsNoTable(from))
    case 'join':
    case 'cross':
      return readsNoTable(source.left) && readsNoTable(source.right)
    default:
      return assertNever(source)
  }
}

/** The records of both rows that were joined; of a semi or anti join, those of the row that is left. */
function joinedEvidence(
  sides: readonly { readonly relation: Relation; readonly alias: string }[],
  emitter: Emitter,
): { readonly names: EvidenceColumns; readonly columns: readonly SelectColumn[] } | undefined {
  const traced = sides.flatMap(({ relation: { evidence }, alias }) => (evidence ? [{ evidence, alias }] : []))
  if (traced.length === 0) return undefined
  const samples = traced.map(({ evidence, alias }) => column(evidence.sample, alias))
  const counts = traced.map(({ evidence, alias }) => column(evidence.count, alias))
  const names = { sample: emitter.hidden('evidence'), count: emitter.hidden('records') }
  const all = samples.length === 1 && samples[0] ? samples[0] : call('arrayConcat', ...samples)
  return {
    names,
    columns: [
      { name: names.sample, expression: call('arraySlice', call('arraySort', all), 1, evidenceLimit) },
      { name: names.count, expression: counts.reduce((sum, count) => call('plus', sum, count)) },
    ],
  }
}

/** A side whose columns an outer join may have to pad: NULL where the type has one, '' for texts. */
function padded(input: Relation, isPadded: boolean, emitter: Emitter): Relation {
  const base = { ...emitter.bracket(input), order: naturalOrders(input) }
  const isEvidence = (name: string): boolean =>
    name === base.evidence?.sample || name === base.evidence?.count
  const kept = new Map(base.columns.map((item) => [item.physical, item]))
  const places = new Set(base.order.map(({ physical }) => physical))
  const columns = base.select.columns
    .filter(({ name }) => kept.has(name) || places.has(name) || isEvidence(name))
    .map(({ name, expression }) => {
      const type = kept.get(name)?.type ?? 'long'
      const isNull = isPadded && !isText(type) && !isEvidence(name)
      return { name, expression: isNull ? call('toNullable', expression) : expression }
    })
  const nullable = base.columns.map((item) =>
    isPadded && !isText(item.type) ? { ...item, nullable: true } : item,
  )
  return { ...base, select: { ...base.select, columns }, columns: nullable }
}

/**
 * `innerunique`: of the left rows with one key, the first in their order, or any. The engine can tell how many rows a
 * GROUP BY leaves, which it cannot of LIMIT BY; of one row each, all aggregates take the same.
 */
function firstByKey(input: Relation, keys: readonly string[], emitter: Emitter): Relation {
  const base = bracketed(input, emitter.alias())
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const physical = new Set(keys.map((key) => base.columns.find(({ name }) => name === key)?.physical ?? key))
  const by = [...physical].map((name) => column(name, alias))
  if (base.order.length > 0) {
    const select = { ...base.select, limitBy: { count: 1, by }, orderBy: orderItems(base, alias) }
    return { ...base, select, sealed: true }
  }
  const columns = base.select.columns.map(({ name, expression }) => ({
    name,
    expression: physical.has(name) ? expression : aggregate('anyRespectNulls', [expression]),
  }))
  return { ...base, select: { ...base.select, columns, groupBy: by }, sealed: true }
}

const tables =
  'let L = datatable(k: long, v: string)[1, "a", 1, "b"]; let R = datatable(k: long, w: string)[1, "x"];'

export const join = joinOperator(
  'join',
  'JoinOperator',
  'innerunique',
  'Rows of two tables whose keys are equal; null keys are. Of equal left keys, one row only, unless another kind is said.',
  { query: `${tables} L | join R on k`, rows: [[1, 'a', 1, 'x']] },
)

export const lookup = joinOperator(
  'lookup',
  'LookupOperator',
  'leftouter',
  'Adds the columns of a table of facts; every left row stays unless `kind=inner` is said.',
  {
    query: `${tables} L | lookup R on k | sort by v asc`,
    rows: [
      [1, 'a', 'x'],
      [1, 'b', 'x'],
    ],
  },
)
