import {
  aggregate,
  and,
  call,
  column,
  integer,
  when,
  type Select,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { isTabular, type TreeNode } from '../parser/tree.ts'
import { argumentOf, columnsFrom, plugin, type PluginCall } from '../plugin.ts'
import type { Expression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import {
  constantOf,
  inPeriod,
  kept,
  lastStep,
  over,
  periodOf,
  planActivity,
  stepOf,
  type ActivityNode,
} from './period.ts'
import { wholeWidths } from './timeline.ts'

interface NewActivityNode extends ActivityNode {
  /** Only the ids that were new in the step of this time. */
  readonly cohort: Expression | undefined
  /** Ids that are not new. */
  readonly lookback: PlanNode | undefined
}

const mostSteps = 2000

export const newActivityMetrics = plugin<NewActivityNode>({
  name: 'new_activity_metrics',
  doc: 'For each step, the ids that were new in it, and how many of them are there in each later step of the period.',
  approximate: 'a step without new ids gives no rows',
  example: {
    query: `datatable(id: string, t: long)["A", 1, "B", 2, "A", 11, "C", 12, "C", 21]
      | evaluate new_activity_metrics(id, t, 1, 30, 10) | project-away retention_rate, churn_rate`,
    rows: [
      [1, 1, 2, 2, 0],
      [1, 11, 1, 1, 1],
      [1, 21, 1, 0, 2],
      [11, 11, 1, 1, 0],
      [11, 21, 0, 1, 0],
    ],
  },
  plan: planNewActivity,
  emit: emitNewActivity,
})

function planNewActivity(invocation: PluginCall, planner: Planner): NewActivityNode {
  const { name, node, input, args } = invocation
  const last = args.at(-1)
  const [lookback, before] = last && isTabular(last) ? [last, args.slice(0, -1)] : [undefined, args]
  const sixth = before[5]
  const cohort = sixth && sixth.symbol?.kind !== 'column' ? planner.scalar(sixth) : undefined
  const fixed = planActivity(1)({ ...invocation, args: before.slice(0, 5) }, planner)
  const dimensions = columnsFrom({ ...invocation, args: before }, cohort ? 6 : 5, planner)
  if (lookback && dimensions.length > 0)
    planner.refuse(
      'unsupported-argument',
      `${name} with dimensions and a look back`,
      argumentOf(invocation, 5, planner),
    )
  return {
    ...fixed,
    input,
    dimensions,
    cohort,
    lookback: lookback && planLookback(lookback, fixed.id, planner),
    place: planner.place(node),
  }
}

/** The look back's column of the same name holds the ids. */
function planLookback(node: TreeNode, id: string, planner: Planner): PlanNode {
  const plan = planner.inner().tabular(node)
  const found = plan.columns.find(({ name }) => name === id)
  if (found) return plan
  return planner.refuse('bad-argument', `the look back needs a column ${id}`, node)
}

function emitNewActivity(node: NewActivityNode, emitter: Emitter): Relation {
  const period = periodOf(node, emitter)
  const step = period.time.width(constantOf(node, 0))
  const names = period.dimensions.map((item) => item.name)
  const last = lastStep(period, step)
  const isWhole = call(
    'equals',
    call('throwIf', call('greater', last, mostSteps), `more than ${mostSteps} steps`),
    0,
  )
  const present: Select = {
    columns: [
      ...period.dimensions,
      { name: 'bins', expression: aggregate('groupUniqArray', [stepOf(period, step)]) },
    ],
    from: period.base.select.from,
    where: and(
      inPeriod(period),
      call('isNotNull', period.id),
      isWhole,
      ...unknownBefore(node, period.id, emitter),
    ),
    groupBy: [...period.dimensions.map((item) => item.expression), period.id],
  }
  const seen = over(present, emitter, (at) => ({
    columns: [
      ...kept(names, at),
      { name: 'first', expression: call('arrayMin', at('bins')) },
      { name: 'bin', expression: column('bin') },
    ],
    arrayJoin: [{ name: 'bin', expression: at('bins') }],
  }))
  const counted = over(seen, emitter, (at) => ({
    columns: [...kept([...names, 'first', 'bin'], at), { name: 'ids', expression: aggregate('count', []) }],
    groupBy: [...names, 'first', 'bin'].map((name) => at(name)),
  }))
  const cohorts = over(counted, emitter, (at) => ({
    columns: [
      ...kept([...names, 'first'], at),
      {
        name: 'ids',
        expression: call(
          'mapFromArrays',
          aggregate('groupArray', [at('bin')]),
          aggregate('groupArray', [at('ids')]),
        ),
      },
    ],
    groupBy: [...names, 'first'].map((name) => at(name)),
  }))
  const matrix = over(cohorts, emitter, (at) => ({
    columns: [
      ...kept([...names, 'first'], at),
      { name: 'bin', expression: column('bin') },
      { name: 'retained', expression: call('toInt64', call('arrayElement', at('ids'), column('bin'))) },
      { name: 'all', expression: call('toInt64', call('arrayElement', at('ids'), at('first'))) },
    ],
    arrayJoin: [{ name: 'bin', expression: call('range', at('first'), call('plus', last, 1)) }],
  }))
  const compared = over(matrix, emitter, (at) => ({
    columns: [
      ...kept([...names, 'first', 'bin', 'retained', 'all'], at),
      { name: 'later', expression: laterThan(names, at) },
    ],
  }))
  return resultOf(node, compared, period, step, emitter)
}

/** The ids of a step that were new after another one. */
function laterThan(names: readonly string[], at: (name: string) => SqlExpression): SqlExpression {
  return {
    kind: 'window',
    call: aggregate('sum', [at('retained')]),
    window: {
      partitionBy: [...names, 'bin'].map((name) => at(name)),
      orderBy: [{ expression: at('first'), descending: true, nullsFirst: false }],
      rows: ['unbounded preceding', -1],
    },
  }
}

function unknownBefore(node: NewActivityNode, id: SqlExpression, emitter: Emitter): readonly SqlExpression[] {
  if (!node.lookback) return []
  const known = emitter.bracket(emitter.relation(node.lookback))
  const select = {
    columns: [{ name: 'id', expression: innerScope(known)(node.id).sql }],
    from: known.select.from,
  }
  return [call('ifNull', { kind: 'in', value: id, select, negated: true }, 1)]
}

function resultOf(
  node: NewActivityNode,
  compared: Select,
  period: ReturnType<typeof periodOf>,
  step: SqlExpression,
  emitter: Emitter,
): Relation {
  const { time, start, dimensions } = period
  const select = over(compared, emitter, (at) => {
    const moment = (name: string): SqlExpression =>
      time.value(call('plus', start, call('multiply', at(name), step)))
    const lost = call('minus', at('all'), at('retained'))
    const values = [
      moment('first'),
      moment('bin'),
      ...dimensions.map(({ name }) => at(name)),
      when(
        call('equals', at('first'), at('bin')),
        at('all'),
        call('toInt64', call('ifNull', at('later'), 0)),
      ),
      at('retained'),
      lost,
      call('divide', at('retained'), at('all')),
      call('divide', lost, at('all')),
    ]
    const columns = node.columns.map(({ name }, index) => ({
      name: physicalName(name),
      expression: values[index] ?? integer(0),
    }))
    if (!node.cohort) return { columns }
    const wanted = wholeWidths(call('minus', time.bound(node.cohort), start), step)
    return { columns, where: call('equals', at('first'), wanted) }
  })
  const columns = node.columns.map((item) => ({ ...item, physical: physicalName(item.name) }))
  const order = node.columns
    .slice(0, 2 + dimensions.length)
    .map(({ name }) => naturalOrder(physicalName(name)))
  return emitter.bracket({ select, columns, order, sealed: true })
}
