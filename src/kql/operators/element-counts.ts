import { bound, call, integer, lambda, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import type { AggregateExpression, Expression, PlanNode } from '../plan.ts'
import { innerScope, physicalName, type Relation, type RelationColumn, type Scope } from '../relation.ts'
import { elementsOf, type Expansion } from './mv-expand.ts'

/** A list whose elements are expanded, inside those of the list before it. */
export interface ElementList {
  readonly expansion: Expansion
  readonly bagsAsArrays: boolean
}

/** `mv-apply` of a subquery that only counts elements: each row for itself, so that none has to be taken apart. */
export interface ElementCounts {
  readonly lists: readonly ElementList[]
  readonly counts: readonly { readonly name: string; readonly count: AggregateExpression }[]
}

/** The shapes of plan nodes that such a subquery is made of. */
type SubqueryNode = PlanNode & {
  readonly input?: PlanNode
  readonly keys?: readonly unknown[]
  readonly aggregates?: readonly { readonly names: readonly string[]; readonly expression: Expression }[]
  readonly expansions?: readonly Expansion[]
  readonly bagsAsArrays?: boolean
  readonly index?: string | undefined
  readonly limit?: number | undefined
  readonly number?: number
}

/** What a subquery counts, if it is `[mv-expand … |] summarize` with nothing but `count` and `countif`. */
export function elementCounts(
  subquery: PlanNode,
  context: number,
  first: ElementList,
): ElementCounts | undefined {
  // Plan nodes are plain data; the kind says which fields a node has.
  const { kind, keys, aggregates, input } = subquery as SubqueryNode
  if (kind !== 'summarize' || keys?.length !== 0 || !aggregates || !input) return undefined
  const lists = listsOf(input, context)
  const counts = aggregates.flatMap(({ names, expression }) => {
    const [name] = names
    const isCount = expression.kind === 'aggregate' && ['count', 'countif'].includes(expression.name)
    return name !== undefined && names.length === 1 && isCount ? [{ name, count: expression }] : []
  })
  if (!lists || counts.length < aggregates.length) return undefined
  return { lists: [first, ...lists], counts }
}

function listsOf(node: PlanNode, context: number): readonly ElementList[] | undefined {
  const { kind, number, expansions, bagsAsArrays, index, limit, input } = node as SubqueryNode
  if (kind === 'context') return number === context ? [] : undefined
  const [expansion] = expansions ?? []
  if (kind !== 'mv-expand' || !expansion || !input || expansions?.length !== 1) return undefined
  if (index !== undefined || limit !== undefined) return undefined
  const outer = listsOf(input, context)
  return outer && [...outer, { expansion, bagsAsArrays: bagsAsArrays === true }]
}

/** The input's rows that have elements, with the counts beside their columns. */
export function countElements(
  input: Relation,
  { lists, counts }: ElementCounts,
  names: readonly string[],
  emitter: Emitter,
): Relation {
  const [first, ...inner] = lists
  if (!first) throw new Error('there is a list to count in')
  const open = emitter.ready(input, [first.expansion.expression])
  const elements = emitter.hidden('elements')
  const array = listOf(first, innerScope(open), emitter)
  const listed = { ...open.select, columns: [...open.select.columns, { name: elements, expression: array }] }
  const base = emitter.bracket({ ...open, select: listed, sealed: true })
  const source = base.select.columns.find(({ name }) => name === elements)?.expression
  if (!source) throw new Error('the column of elements is lost')
  const scope = innerScope(base)
  const added = new Map(
    counts.map(({ name, count }): [string, SelectColumn] => {
      const expression = call('toInt64', countIn(source, first, inner, scope, count.args[0], emitter))
      return [name, { name: physicalName(name), expression }]
    }),
  )
  const own = new Map(base.columns.map((item) => [item.name, item]))
  const columns = names.map((name): RelationColumn => {
    const count = added.get(name)
    const kept = count
      ? { name, type: 'long' as const, physical: count.name, nullable: false }
      : own.get(name)
    if (!kept) throw new Error(`the column ${name} has no source`)
    return kept
  })
  const replaced = new Set([...added.values()].map(({ name }) => name))
  const others = base.select.columns.filter(({ name }) => !replaced.has(name))
  const all = countIn(source, first, inner, scope, undefined, emitter)
  const where = call('greater', inner.length === 0 ? call('length', source) : all, integer(0))
  const select = { ...base.select, columns: [...others, ...added.values()], where }
  return { ...base, select, columns, sealed: true }
}

function countIn(
  elements: SqlExpression,
  list: ElementList,
  inner: readonly ElementList[],
  scope: Scope,
  condition: Expression | undefined,
  emitter: Emitter,
): SqlExpression {
  const [next, ...rest] = inner
  const { name, type } = list.expansion
  return call(
    next ? 'arraySum' : 'arrayCount',
    lambda(['e'], (element) => {
      const value = operand(element, 'dynamic')
      const converted = type === 'dynamic' ? value : operand(convert(value, type), type)
      const within: Scope = (column, step) => (column === name ? converted : scope(column, step))
      if (next)
        return bound(listOf(next, within, emitter), (items) =>
          countIn(items, next, rest, within, condition, emitter),
        )
      if (!condition) return integer(1)
      return call('ifNull', emitter.predicate(condition, within), integer(0))
    }),
    elements,
  )
}

function listOf({ expansion, bagsAsArrays }: ElementList, scope: Scope, emitter: Emitter): SqlExpression {
  const value = convert(emitter.expression(expansion.expression, scope), 'dynamic')
  return bound(value, (json) => elementsOf(json, bagsAsArrays))
}
