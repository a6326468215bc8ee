import {
  aggregate,
  and,
  array,
  call,
  column,
  integer,
  tupleOf,
  type Select,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { Emitter } from '../emitter.ts'
import { parseTimespan } from '../literals.ts'
import { argumentOf, columnOf, plugin, type PluginCall } from '../plugin.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import {
  constantOf,
  inPeriod,
  kept,
  long,
  over,
  periodOf,
  planActivity,
  stepOf,
  type ActivityNode,
} from './period.ts'

interface FunnelNode extends ActivityNode {
  readonly state: string
  readonly sequence: readonly string[]
  /** Ticks within which the whole sequence must be. */
  readonly windows: readonly bigint[]
}

const most = { states: 30, windows: 100 }

export const funnelSequenceCompletion = plugin<FunnelNode>({
  name: 'funnel_sequence_completion',
  doc: 'For each step, window and state of a sequence: the ids that came as far, one state after the other, within the window.',
  approximate:
    'a window counts from the first state to the last, states may have others between them, and a sequence is within one step',
  example: {
    query: `datatable(id: string, t: datetime, s: string)["A", datetime(2020-01-01), "in", "A", datetime(2020-01-01 00:30), "out",
      "B", datetime(2020-01-01), "in", "B", datetime(2020-01-01 02:00), "out"]
      | evaluate funnel_sequence_completion(id, t, datetime(2020-01-01), datetime(2020-01-02), 2d, s, dynamic(["in", "out"]), dynamic([1h, 4h]))
      | project s, Period, dcount`,
    rows: [
      ['in', '01:00:00', 2],
      ['out', '01:00:00', 1],
      ['in', '04:00:00', 2],
      ['out', '04:00:00', 2],
    ],
  },
  plan: planFunnel,
  emit: emitFunnel,
})

function planFunnel(invocation: PluginCall, planner: Planner): FunnelNode {
  const fixed = planActivity(1)({ ...invocation, args: invocation.args.slice(0, 5) }, planner)
  const list = (index: number): readonly unknown[] => {
    const node = argumentOf(invocation, index, planner)
    const value = planner.scalar(node)
    const items: unknown =
      value.kind === 'literal' && value.type === 'dynamic' ? JSON.parse(String(value.value)) : undefined
    return Array.isArray(items)
      ? items
      : planner.refuse('not-constant', 'a literal array is needed here', node)
  }
  const [sequence, windows] = [list(6).map(String), list(7).map((item) => parseTimespan(String(item)))]
  if (sequence.length < 1 || sequence.length > most.states || windows.length > most.windows)
    planner.refuse(
      'bad-argument',
      `a sequence has 1 to ${most.states} states`,
      argumentOf(invocation, 6, planner),
    )
  return {
    ...fixed,
    state: columnOf(invocation, 5, planner),
    sequence,
    windows: windows.map(
      (ticks) =>
        ticks ??
        planner.refuse('bad-argument', 'windows must be timespans', argumentOf(invocation, 7, planner)),
    ),
  }
}

function emitFunnel(node: FunnelNode, emitter: Emitter): Relation {
  const period = periodOf(node, emitter)
  const step = period.time.width(constantOf(node, 0))
  const state = convert(innerScope(period.base)(node.state), 'string')
  const states = node.sequence.map((name) => call('equals', state, name))
  const time = call('toUInt64', call('assumeNotNull', period.time.position))
  const bin = stepOf(period, step)
  const levels = node.windows.map((window) =>
    call('toInt64', aggregate('windowFunnel', [time, ...states], [integer(window)])),
  )
  const ids: Select = {
    columns: [
      { name: 'bin', expression: bin },
      { name: 'levels', expression: array(levels) },
    ],
    from: period.base.select.from,
    where: and(inPeriod(period), call('isNotNull', period.id), call('or', ...states, integer(0))),
    groupBy: [period.id, bin],
  }
  const places = node.windows.flatMap((window, windowIndex) =>
    node.sequence.map((name, level) =>
      tupleOf([
        call('toInt64', window),
        call('toString', name),
        integer(level + 1),
        integer(windowIndex + 1),
      ]),
    ),
  )
  const part = (index: number): SqlExpression => call('tupleElement', column('place'), index)
  const reached = over(ids, emitter, (at) => ({
    columns: [
      ...kept(['bin'], at),
      { name: 'place', expression: column('place') },
      {
        name: 'isReached',
        expression: call('greaterOrEquals', call('arrayElement', at('levels'), part(4)), part(3)),
      },
    ],
    arrayJoin: [{ name: 'place', expression: array(places) }],
  }))
  const counted = over(reached, emitter, (at) => ({
    columns: [
      ...kept(['bin', 'place'], at),
      { name: 'ids', expression: long(aggregate('countIf', [at('isReached')])) },
    ],
    groupBy: [at('bin'), at('place')],
  }))
  const order = emitter.hidden('order')
  const [timeline] = node.columns
  if (!timeline) throw new Error('a funnel has columns')
  const select = over(counted, emitter, (at) => {
    const place = (index: number): SqlExpression => call('tupleElement', at('place'), index)
    const start = period.time.value(call('plus', period.start, call('multiply', at('bin'), step)))
    const values = [start, place(2), place(1), at('ids')]
    return {
      columns: [
        ...node.columns.map(({ name }, index) => ({
          name: physicalName(name),
          expression: values[index] ?? integer(0),
        })),
        { name: order, expression: tupleOf([place(4), place(3)]) },
      ],
    }
  })
  return emitter.bracket({
    select,
    columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
    order: [naturalOrder(physicalName(timeline.name)), naturalOrder(order)],
    sealed: true,
  })
}
