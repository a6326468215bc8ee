import { aggregate, and, call, integer, lambda, type Select } from '../../sql/node.ts'
import { activity, constantOf, inPeriod, kept, long, over, periodOf, resultOf, stepOf } from './period.ts'

export const sessionCount = activity(
  {
    name: 'session_count',
    doc: 'For each step: the sessions that have rows in it; an id that was away for longer than the window begins another.',
    approximate: 'a session counts in every step in which it has rows; a step without rows gives none',
    constants: 2,
    example: {
      query:
        'datatable(id: string, t: long)["A", 1, "A", 3, "A", 9, "B", 2, "B", 12] | evaluate session_count(id, t, 1, 20, 10, 3)',
      rows: [
        [1, 3],
        [11, 1],
      ],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const step = period.time.width(constantOf(node, 0))
    const lookback = period.time.width(constantOf(node, 1))
    const bin = stepOf(period, step)
    const names = period.dimensions.map((item) => item.name)
    const times = call(
      'arraySort',
      aggregate('groupUniqArray', [call('assumeNotNull', period.time.position)]),
    )
    const ids: Select = {
      columns: [...period.dimensions, { name: 'bin', expression: bin }, { name: 'times', expression: times }],
      from: period.base.select.from,
      where: and(inPeriod(period), call('isNotNull', period.id)),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id, bin],
    }
    const isAway = lambda(['x'], (distance) => call('greater', distance, lookback))
    const counted = over(ids, emitter, (at) => {
      const returns = call('arrayCount', isAway, call('arrayDifference', at('times')))
      return {
        columns: [
          ...kept([...names, 'bin'], at),
          { name: 'sessions', expression: long(aggregate('sum', [call('plus', returns, integer(1))])) },
        ],
        groupBy: [...names, 'bin'].map((name) => at(name)),
      }
    })
    return resultOf(node, counted, period, step, ['sessions'], emitter)
  },
)
