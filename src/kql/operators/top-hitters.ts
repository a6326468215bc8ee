import { aggregate, call, type OrderItem, type SqlExpression } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { AggregateExpression, Column, Expression, PlanNode } from '../plan.ts'
import { innerScope, partitionColumns, withWhere, type Relation } from '../relation.ts'
import { unnamed } from '../projection.ts'
import { planCount } from './take.ts'

interface TopHittersNode extends PlanNode {
  readonly kind: 'top-hitters'
  /** The summary: the value, its sum or count, and the least that was added. */
  readonly input: PlanNode
  readonly count: number
}

const least = 'top-hitters least'

/**
 * Kusto's answer is an estimate, exact as long as nothing ties for the last place and no summand is negative; what it
 * would answer otherwise cannot be known.
 */
export const topHitters = operator<TopHittersNode>({
  kind: 'top-hitters',
  syntax: ['TopHittersOperator'],
  doc: 'The values that occur most often, or that have the greatest sums; exact, so that ties for the last place are refused.',
  example: {
    query: 'datatable(a: string, v: long)["x", 1, "y", 2, "x", 3] | top-hitters 1 of a by v',
    rows: [['x', 4]],
  },
  plan: (node, input, planner): TopHittersNode => {
    const columns = planner.columns(node)
    const [key, value] = columns
    if (!key || !value || columns.length !== 2)
      return planner.refuse('unsupported-syntax', 'the columns of this operator are not known', node)
    const place = planner.place(node)
    const by = node.children['ByClause']
    const summand = by ? planner.scalar(child(by, 'Expression')) : undefined
    const aggregated = (
      name: string,
      args: readonly Expression[],
      type: Column['type'],
    ): AggregateExpression => {
      return { kind: 'aggregate', name, args, type, place }
    }
    const summary: PlanNode & Record<string, unknown> = {
      kind: 'summarize',
      input: required(input),
      keys: [{ name: key.name, expression: planner.scalar(unnamed(child(node, 'OfExpression'), planner)) }],
      aggregates: [
        {
          names: [value.name],
          expression: summand ? aggregated('sum', [summand], value.type) : aggregated('count', [], 'long'),
        },
        {
          names: [least],
          expression: summand ? aggregated('min', [summand], summand.type) : aggregated('count', [], 'long'),
        },
      ],
      columns: [key, value, { name: least, type: summand?.type ?? 'long' }],
      place,
    }
    return {
      kind: 'top-hitters',
      input: summary,
      count: planCount(child(node, 'Expression'), planner),
      columns,
      place,
    }
  },
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const [key, value, lowest] = base.columns
    if (!key || !value || !lowest) throw new Error('a summary has three columns')
    const scope = innerScope(base)
    const isNegative = call('ifNull', call('less', scope(lowest.name).sql, 0), 0)
    const byValue = { expression: scope(value.name).sql, descending: true, nullsFirst: false }
    const checked = withoutError(base, isNegative, 'top-hitters over negative values')
    const ranked = withWindow(checked, aggregate('rank', []), [byValue], emitter)
    const first = withWhere(ranked.relation, call('lessOrEquals', ranked.value, node.count))
    const counted = withWindow(first, aggregate('count', []), [], emitter)
    const isTied = call('greater', counted.value, node.count)
    const result = withoutError(
      counted.relation,
      isTied,
      'top-hitters: several values tie for the last place',
    )
    return {
      ...result,
      columns: [key, value],
      order: [{ physical: value.physical, descending: true, nullsFirst: false }],
    }
  },
})

/** The relation with a window's value over all rows of the part. */
function withWindow(
  input: Relation,
  over: SqlExpression,
  orderBy: readonly OrderItem[],
  emitter: Emitter,
): { readonly relation: Relation; readonly value: SqlExpression } {
  const partitionBy = partitionColumns(input).flatMap(({ name, expression }) =>
    name === input.partition?.key ? [expression] : [],
  )
  const label = emitter.hidden('value')
  const columns = [
    ...input.select.columns,
    { name: label, expression: { kind: 'window', call: over, window: { partitionBy, orderBy } } as const },
  ]
  const relation = emitter.bracket({ ...input, select: { ...input.select, columns }, sealed: true })
  const value = relation.select.columns.find(({ name }) => name === label)?.expression
  if (!value) throw new Error('the window is lost')
  return { relation, value }
}

function withoutError(input: Relation, condition: SqlExpression, message: string): Relation {
  return withWhere(input, call('equals', call('throwIf', condition, message), 0))
}
