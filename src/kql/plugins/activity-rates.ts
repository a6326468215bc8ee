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
import {
  activity,
  between,
  constantOf,
  inPeriod,
  kept,
  lastStep,
  long,
  over,
  periodOf,
  resultOf,
  stepOf,
} from './period.ts'
import { stepsIn } from './timeline.ts'

const days = `datatable(id: string, t: datetime)["A", datetime(2020-01-01), "B", datetime(2020-01-01), "A", datetime(2020-01-02),
  "C", datetime(2020-01-02), "C", datetime(2020-01-02), "C", datetime(2020-01-03)]`

/** The value of a column in the row before, by step. */
function before(
  value: SqlExpression,
  names: readonly string[],
  at: (name: string) => SqlExpression,
): SqlExpression {
  return {
    kind: 'window',
    call: aggregate('lagInFrame', [value, integer(1), call('toInt64', -2)]),
    window: {
      partitionBy: names.map((name) => at(name)),
      orderBy: [{ expression: at('bin'), descending: false, nullsFirst: false }],
      rows: ['unbounded preceding', 'unbounded following'],
    },
  }
}

export const activityMetrics = activity(
  {
    name: 'activity_metrics',
    doc: 'For each step: distinct ids, those that the step before does not have, and the shares of its ids that stayed and left.',
    approximate:
      'a step without rows gives none; the rates of the first step, and of one after such a step, are NaN',
    constants: 1,
    example: {
      query: `${days} | evaluate activity_metrics(id, t, datetime(2020-01-01), datetime(2020-01-03), 1d) | where isfinite(churn_rate) | project-away t`,
      rows: [
        [2, 1, 0.5, 0.5],
        [1, 0, 0.5, 0.5],
      ],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const step = period.time.width(constantOf(node, 0))
    const bin = stepOf(period, step)
    const names = period.dimensions.map((item) => item.name)
    const present: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'bin', expression: bin },
      ],
      from: period.base.select.from,
      where: and(inPeriod(period), call('isNotNull', period.id)),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id, bin],
    }
    const returning = over(present, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin'], at),
        {
          name: 'stayed',
          expression: call('equals', before(at('bin'), [...names, 'id'], at), call('minus', at('bin'), 1)),
        },
      ],
    }))
    const counted = over(returning, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin'], at),
        { name: 'distinct', expression: long(aggregate('count', [])) },
        { name: 'stayed', expression: long(aggregate('countIf', [at('stayed')])) },
      ],
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    const compared = over(counted, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin', 'distinct', 'stayed'], at),
        {
          name: 'former',
          expression: when(
            call('equals', before(at('bin'), names, at), call('minus', at('bin'), 1)),
            before(at('distinct'), names, at),
            call('toInt64', 0),
          ),
        },
      ],
    }))
    const rated = over(compared, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin', 'distinct'], at),
        { name: 'fresh', expression: call('minus', at('distinct'), at('stayed')) },
        { name: 'retention', expression: call('divide', at('stayed'), at('former')) },
        {
          name: 'churn',
          expression: call('divide', call('minus', at('former'), at('stayed')), at('former')),
        },
      ],
    }))
    return resultOf(node, rated, period, step, ['distinct', 'fresh', 'retention', 'churn'], emitter)
  },
)

export const activityEngagement = activity(
  {
    name: 'activity_engagement',
    doc: 'For each inner window: distinct ids in it, in the outer window that ends with it, and the share of the one in the other.',
    approximate:
      'the outer window ends with the inner one and reaches back before the start; windows without rows give none',
    constants: 2,
    example: {
      query: `${days} | evaluate activity_engagement(id, t, datetime(2020-01-01), datetime(2020-01-03), 1d, 2d) | project-away t`,
      rows: [
        [2, 2, 1],
        [2, 3, 2 / 3],
        [1, 2, 0.5],
      ],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const [inner, outer] = [0, 1].map((index) => period.time.width(constantOf(node, index)))
    if (!inner || !outer) throw new Error('activity_engagement has two windows')
    const bin = stepOf(period, inner)
    const names = period.dimensions.map((item) => item.name)
    const present: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'day', expression: bin },
      ],
      from: period.base.select.from,
      where: and(
        between(period.time.position, call('minus', period.start, outer), period.end),
        call('isNotNull', period.id),
      ),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id, bin],
    }
    const spread = over(present, emitter, (at) => ({
      columns: [
        ...kept([...names, 'id'], at),
        { name: 'isInner', expression: call('equals', column('step'), 0) },
        { name: 'bin', expression: call('plus', at('day'), call('toInt64', column('step'))) },
      ],
      arrayJoin: [{ name: 'step', expression: call('range', call('toUInt64', stepsIn(outer, inner))) }],
    }))
    const counted = over(spread, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin'], at),
        { name: 'inner', expression: long(aggregate('uniqExactIf', [at('id'), at('isInner')])) },
        { name: 'outer', expression: long(aggregate('uniqExact', [at('id')])) },
      ],
      where: between(at('bin'), integer(0), lastStep(period, inner)),
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    const rated = over(counted, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin', 'inner', 'outer'], at),
        { name: 'ratio', expression: call('divide', at('inner'), at('outer')) },
      ],
    }))
    return resultOf(node, rated, period, inner, ['inner', 'outer', 'ratio'], emitter)
  },
)
