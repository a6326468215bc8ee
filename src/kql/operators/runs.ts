import { binding, call, column, integer, type SqlExpression } from '../../sql/node.ts'
import { Refusal } from '../diagnostic.ts'
import { operator } from '../operator.ts'
import type { PlanNode } from '../plan.ts'
import { innerScope, naturalOrders, type Relation } from '../relation.ts'
import { datetimeToTicks, unixEpochTicks } from '../types.ts'

/**
 * A query as it answers at many times, in one: each row takes part in every run that sees it, and the subquery works on
 * each run for itself. No text becomes this node: it is made of other plans.
 */
export interface RunsNode extends PlanNode {
  readonly kind: 'runs'
  /** Rows with TimeGenerated. */
  readonly input: PlanNode
  /** Of the `context` node that stands for those rows in the subquery. */
  readonly number: number
  readonly subquery: PlanNode
  /** Ticks from one run to the next; runs stand at multiples of it since the year 1. */
  readonly step: string
  /** A run at `now` sees rows later than so many ticks before. */
  readonly reach: string
  /** The last column: the run's time, in ticks since 1970. */
  readonly runColumn: string
}

/** The SQL has two more parameters: `first`, the first run's time, and `now`, the last one's. */
export const runs = operator<RunsNode>({
  kind: 'runs',
  syntax: [],
  doc: 'A query at many times.',
  example: { query: 'print 1', rows: [[1]] },
  plan: (node, _input, planner) => planner.refuse('unsupported-syntax', 'runs cannot be written', node),
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const key = emitter.hidden('run')
    const item = emitter.hidden('item')
    const ticks = datetimeToTicks(call('assumeNotNull', innerScope(base)('TimeGenerated').sql))
    const columns = [...base.select.columns, { name: key, expression: column(item) }]
    const arrayJoin = [{ name: item, expression: runsOf(ticks, BigInt(node.step), BigInt(node.reach)) }]
    const rows: Relation = {
      ...base,
      select: { ...base.select, columns, arrayJoin },
      order: [],
      sealed: true,
      partition: { key, payload: [] },
    }
    emitter.inputs.set(node.number, emitter.bracket(rows))
    const { partition, ...result } = emitter.relation(node.subquery)
    if (partition?.key !== key) {
      throw new Refusal('unsupported-operator', 'an operator cannot work on each run for itself', node.place)
    }
    const run = { name: node.runColumn, type: 'long', physical: key } as const
    return { ...result, columns: [...result.columns, run], order: naturalOrders(result) }
  },
})

/** The times of the runs that see a row, in ticks. */
function runsOf(ticks: SqlExpression, step: bigint, reach: bigint): SqlExpression {
  const since = call('plus', ticks, integer(unixEpochTicks + step - 1n))
  const own = call('minus', call('multiply', call('intDiv', since, step), step), unixEpochTicks)
  const first = call('greatest', own, binding('first', 'Int64'))
  const end = call('least', call('plus', ticks, reach), call('plus', binding('now', 'Int64'), 1))
  return call('range', call('toInt64', first), call('toInt64', end), call('toInt64', integer(step)))
}
