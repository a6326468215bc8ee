import { aggregate, and, call, column, integer, lambda, when, type Select } from '../../sql/node.ts'
import { convert } from '../convert.ts'
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
import { stepsIn, wholeWidths, withoutColumns } from './timeline.ts'

const visits = `datatable(id: string, t: datetime)["A", datetime(2020-01-01), "B", datetime(2020-01-01), "A", datetime(2020-01-02),
  "C", datetime(2020-01-02), "C", datetime(2020-01-02)]`

export const activityCountsMetrics = activity(
  {
    name: 'activity_counts_metrics',
    doc: 'For each step: rows, distinct ids, ids that are new, and distinct ids so far.',
    constants: 1,
    example: {
      query: `${visits} | evaluate activity_counts_metrics(id, t, datetime(2020-01-01), datetime(2020-01-02), 1d) | project count, dcount, new_dcount, aggregated_dcount`,
      rows: [
        [2, 2, 2, 2],
        [3, 2, 1, 3],
      ],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const step = period.time.width(constantOf(node, 0))
    const bin = stepOf(period, step)
    const names = period.dimensions.map((item) => item.name)
    const rows: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'bin', expression: bin },
        { name: 'rows', expression: long(aggregate('count', [])) },
      ],
      from: period.base.select.from,
      where: inPeriod(period),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id, bin],
    }
    const firsts = over(rows, emitter, (at) => ({
      columns: [
        ...kept([...names, 'id', 'bin', 'rows'], at),
        {
          name: 'first',
          expression: {
            kind: 'window',
            call: aggregate('min', [at('bin')]),
            window: { partitionBy: [...names, 'id'].map((name) => at(name)), orderBy: [] },
          },
        },
      ],
    }))
    const counted = over(firsts, emitter, (at) => {
      const known = call('isNotNull', at('id'))
      return {
        columns: [
          ...kept([...names, 'bin'], at),
          { name: 'all', expression: long(aggregate('sum', [at('rows')])) },
          { name: 'distinct', expression: long(aggregate('countIf', [known])) },
          {
            name: 'fresh',
            expression: long(aggregate('countIf', [and(known, call('equals', at('bin'), at('first')))])),
          },
        ],
        groupBy: [...names, 'bin'].map((name) => at(name)),
      }
    })
    const summed = over(counted, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin', 'all', 'distinct', 'fresh'], at),
        {
          name: 'total',
          expression: {
            kind: 'window',
            call: aggregate('sum', [at('fresh')]),
            window: {
              partitionBy: names.map((name) => at(name)),
              orderBy: [{ expression: at('bin'), descending: false, nullsFirst: false }],
              rows: ['unbounded preceding', 'current row'],
            },
          },
        },
      ],
    }))
    return resultOf(node, summed, period, step, ['all', 'distinct', 'fresh', 'total'], emitter)
  },
)

/** More times of one id than this are a mistake. */
const mostTimes = 5000

export const slidingWindowCounts = activity(
  {
    name: 'sliding_window_counts',
    doc: 'For each step: rows and distinct ids in the window that ends with it.',
    constants: 2,
    example: {
      query: `${visits} | evaluate sliding_window_counts(id, t, datetime(2020-01-01), datetime(2020-01-03), 2d, 1d) | project Count, Dcount`,
      rows: [
        [2, 2],
        [5, 3],
        [3, 2],
      ],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const [lookback, step] = [period.time.width(constantOf(node, 0)), period.time.width(constantOf(node, 1))]
    const bin = stepOf(period, step)
    const last = lastStep(period, step)
    // A window that is no whole number of steps is rounded down to one.
    const size = stepsIn(call('minus', lookback, call('modulo', lookback, step)), step)
    const names = period.dimensions.map((item) => item.name)
    const spread: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'bin', expression: call('plus', bin, call('toInt64', column('step'))) },
      ],
      from: period.base.select.from,
      arrayJoin: [{ name: 'step', expression: call('range', call('toUInt64', size)) }],
      where: between(period.time.position, call('minus', period.start, lookback), period.end),
    }
    const counted = over(spread, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin'], at),
        { name: 'all', expression: long(aggregate('count', [])) },
        { name: 'distinct', expression: long(aggregate('uniqExact', [at('id')])) },
      ],
      where: between(at('bin'), integer(0), last),
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    return resultOf(node, counted, period, step, ['all', 'distinct'], emitter)
  },
)

export const activeUsersCount = activity(
  {
    name: 'active_users_count',
    doc: 'For each step: distinct ids that were active in enough periods of the time before.',
    constants: 4,
    example: {
      query: `${visits} | evaluate active_users_count(id, t, datetime(2020-01-01), datetime(2020-01-02), 7d, 1d, 2, 1d)`,
      rows: [['2020-01-02T00:00:00.0000000Z', 1]],
    },
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const { time, start, end } = period
    const [lookback, width, step] = [0, 1, 3].map((index) => time.width(constantOf(node, index)))
    const wanted = emitter.expression(constantOf(node, 2), withoutColumns(node.place))
    if (!lookback || !width || !step) throw new Error('active_users_count has three widths')
    const names = period.dimensions.map((item) => item.name)
    const times = call('arraySort', aggregate('groupUniqArray', [call('assumeNotNull', time.position)]))
    const ids: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'times', expression: times },
      ],
      from: period.base.select.from,
      where: and(between(time.position, call('minus', start, lookback), end), call('isNotNull', period.id)),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id],
    }
    const active = over(ids, emitter, (at) => {
      const all = at('times')
      const tooMany = call(
        'throwIf',
        call('greater', call('length', all), mostTimes),
        'an id with more than 5000 different times',
      )
      const isActive = lambda(['x'], (moment) => {
        const near = lambda(['y'], (other) =>
          and(call('greater', other, call('minus', moment, lookback)), call('lessOrEquals', other, moment)),
        )
        const periods = lambda(['y'], (other) => wholeWidths(call('minus', other, start), width))
        const distinct = call(
          'length',
          call('arrayDistinct', call('arrayMap', periods, call('arrayFilter', near, all))),
        )
        return and(
          call('greaterOrEquals', moment, start),
          call('greaterOrEquals', distinct, convert(wanted, 'long')),
        )
      })
      const bins = lambda(['x'], (moment) => wholeWidths(call('minus', moment, start), step))
      const found = call('arrayDistinct', call('arrayMap', bins, call('arrayFilter', isActive, all)))
      return {
        columns: [...kept(names, at), { name: 'bin', expression: column('bin') }],
        arrayJoin: [
          { name: 'bin', expression: when(call('equals', tooMany, 0), found, call('arrayResize', found, 0)) },
        ],
      }
    })
    const counted = over(active, emitter, (at) => ({
      columns: [
        ...kept([...names, 'bin'], at),
        { name: 'distinct', expression: long(aggregate('count', [])) },
      ],
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    return resultOf(node, counted, period, step, ['distinct'], emitter)
  },
)
