import {
  aggregate,
  and,
  call,
  column,
  integer,
  lambda,
  when,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { Emitter } from '../emitter.ts'
import type { Example } from '../operator.ts'
import {
  argumentOf,
  columnOf,
  columnsFrom,
  plugin,
  type EvaluateNode,
  type Plugin,
  type PluginCall,
} from '../plugin.ts'
import type { Column, Expression } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { timelineOf, wholeWidths, withoutColumns, type Timeline } from './timeline.ts'

/** Plugins that count the ids that were active in each step of a period. */
interface ActivityNode extends EvaluateNode {
  readonly id: string
  readonly timeline: string
  readonly start: Expression
  readonly end: Expression
  /** The plugin's own constants, in the order of its call. */
  readonly constants: readonly Expression[]
  readonly dimensions: readonly string[]
}

function planActivity(constants: number): (invocation: PluginCall, planner: Planner) => ActivityNode {
  return (invocation, planner) => {
    const { name, node, input } = invocation
    const constant = (index: number): Expression => {
      const value = planner.scalar(argumentOf(invocation, index, planner))
      if (value.type !== 'string') return value
      return planner.refuse('unsupported-argument', `${name} by calendar periods is not supported`, node)
    }
    return {
      kind: 'evaluate',
      plugin: name,
      input,
      id: columnOf(invocation, 0, planner),
      timeline: columnOf(invocation, 1, planner),
      start: constant(2),
      end: constant(3),
      constants: Array.from({ length: constants }, (_item, index) => constant(4 + index)),
      dimensions: columnsFrom(invocation, 4 + constants, planner),
      columns: planner.columns(node),
      place: planner.place(node),
    }
  }
}

interface Period {
  readonly base: Relation
  readonly time: Timeline
  readonly start: SqlExpression
  readonly end: SqlExpression
  readonly id: SqlExpression
  readonly dimensions: readonly SelectColumn[]
}

function periodOf(node: ActivityNode, emitter: Emitter): Period {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const time = timelineOf(scope(node.timeline), emitter, node.place)
  const dimensions = node.dimensions.map((name) => ({
    name: physicalName(name),
    expression: scope(name).sql,
  }))
  return {
    base,
    time,
    start: time.bound(node.start),
    end: time.bound(node.end),
    id: scope(node.id).sql,
    dimensions,
  }
}

function constantOf(node: ActivityNode, index: number): Expression {
  const found = node.constants[index]
  if (!found) throw new Error(`${node.plugin} has no constant ${index}`)
  return found
}

/** A SELECT over another one; its columns are named by `at`. */
function over(
  inner: Select,
  emitter: Emitter,
  build: (at: (name: string) => SqlExpression) => Omit<Select, 'from'>,
): Select {
  const alias = emitter.alias()
  return { ...build((name) => column(name, alias)), from: { kind: 'select', select: inner, alias } }
}

/** The result: the step's time, the dimensions, and the counts under the binder's names; in the order of time. */
function result(
  node: ActivityNode,
  counted: Select,
  { time, start, dimensions }: Period,
  step: SqlExpression,
  counts: readonly string[],
  emitter: Emitter,
): Relation {
  const [first, ...others] = node.columns
  if (!first) throw new Error('an activity has columns')
  const names = [...dimensions.map(({ name }) => name), ...counts]
  const select = over(counted, emitter, (at) => ({
    columns: [
      {
        name: physicalName(first.name),
        expression: time.value(call('plus', start, call('multiply', at('bin'), step))),
      },
      ...others.map((item, index) => ({ name: physicalName(item.name), expression: at(names[index] ?? '') })),
    ],
  }))
  const columns = node.columns.map((item: Column) => ({ ...item, physical: physicalName(item.name) }))
  const order = node.columns
    .slice(0, 1 + dimensions.length)
    .map(({ name }) => naturalOrder(physicalName(name)))
  return emitter.bracket({ select, columns, order, sealed: true })
}

function between(position: SqlExpression, low: SqlExpression, high: SqlExpression): SqlExpression {
  return call('ifNull', and(call('greaterOrEquals', position, low), call('lessOrEquals', position, high)), 0)
}

function long(value: SqlExpression): SqlExpression {
  return call('toInt64', value)
}

const visits = `datatable(id: string, t: datetime)["A", datetime(2020-01-01), "B", datetime(2020-01-01), "A", datetime(2020-01-02),
  "C", datetime(2020-01-02), "C", datetime(2020-01-02)]`

function activity(
  name: string,
  doc: string,
  constants: number,
  example: Example,
  emit: (node: ActivityNode, emitter: Emitter) => Relation,
): Plugin {
  return plugin<ActivityNode>({ name, doc, example, plan: planActivity(constants), emit })
}

export const activityCountsMetrics = activity(
  'activity_counts_metrics',
  'For each step: rows, distinct ids, ids that are new, and distinct ids so far.',
  1,
  {
    query: `${visits} | evaluate activity_counts_metrics(id, t, datetime(2020-01-01), datetime(2020-01-02), 1d) | project count, dcount, new_dcount, aggregated_dcount`,
    rows: [
      [2, 2, 2, 2],
      [3, 2, 1, 3],
    ],
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const step = period.time.width(constantOf(node, 0))
    const bin = wholeWidths(call('assumeNotNull', call('minus', period.time.position, period.start)), step)
    const names = period.dimensions.map((item) => item.name)
    const rows: Select = {
      columns: [
        ...period.dimensions,
        { name: 'id', expression: period.id },
        { name: 'bin', expression: bin },
        { name: 'rows', expression: long(aggregate('count', [])) },
      ],
      from: period.base.select.from,
      where: between(period.time.position, period.start, period.end),
      groupBy: [...period.dimensions.map((item) => item.expression), period.id, bin],
    }
    const firsts = over(rows, emitter, (at) => ({
      columns: [
        ...[...names, 'id', 'bin', 'rows'].map((name) => ({ name, expression: at(name) })),
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
          ...[...names, 'bin'].map((name) => ({ name, expression: at(name) })),
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
        ...[...names, 'bin', 'all', 'distinct', 'fresh'].map((name) => ({ name, expression: at(name) })),
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
    return result(node, summed, period, step, ['all', 'distinct', 'fresh', 'total'], emitter)
  },
)

/** More steps of one window, or more times of one id, than this are a mistake. */
const most = { steps: 10_000, times: 5000 }

export const slidingWindowCounts = activity(
  'sliding_window_counts',
  'For each step: rows and distinct ids in the window that ends with it.',
  2,
  {
    query: `${visits} | evaluate sliding_window_counts(id, t, datetime(2020-01-01), datetime(2020-01-03), 2d, 1d) | project Count, Dcount`,
    rows: [
      [2, 2],
      [5, 3],
      [3, 2],
    ],
  },
  (node, emitter) => {
    const period = periodOf(node, emitter)
    const [lookback, step] = [period.time.width(constantOf(node, 0)), period.time.width(constantOf(node, 1))]
    const bin = wholeWidths(call('assumeNotNull', call('minus', period.time.position, period.start)), step)
    const last = wholeWidths(call('minus', period.end, period.start), step)
    const steps = call('intDiv', lookback, step)
    const unfit = call(
      'or',
      call('notEquals', call('modulo', lookback, step), 0),
      call('greater', steps, most.steps),
    )
    const size = when(
      call('equals', call('throwIf', unfit, 'the window must be a whole number of steps, at most 10000'), 0),
      steps,
      integer(0),
    )
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
        ...[...names, 'bin'].map((name) => ({ name, expression: at(name) })),
        { name: 'all', expression: long(aggregate('count', [])) },
        { name: 'distinct', expression: long(aggregate('uniqExact', [at('id')])) },
      ],
      where: between(at('bin'), integer(0), last),
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    return result(node, counted, period, step, ['all', 'distinct'], emitter)
  },
)

export const activeUsersCount = activity(
  'active_users_count',
  'For each step: distinct ids that were active in enough periods of the time before.',
  4,
  {
    query: `${visits} | evaluate active_users_count(id, t, datetime(2020-01-01), datetime(2020-01-02), 7d, 1d, 2, 1d)`,
    rows: [['2020-01-02T00:00:00.0000000Z', 1]],
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
        call('greater', call('length', all), most.times),
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
        columns: [
          ...names.map((name) => ({ name, expression: at(name) })),
          { name: 'bin', expression: column('bin') },
        ],
        arrayJoin: [
          { name: 'bin', expression: when(call('equals', tooMany, 0), found, call('arrayResize', found, 0)) },
        ],
      }
    })
    const counted = over(active, emitter, (at) => ({
      columns: [
        ...[...names, 'bin'].map((name) => ({ name, expression: at(name) })),
        { name: 'distinct', expression: long(aggregate('count', [])) },
      ],
      groupBy: [...names, 'bin'].map((name) => at(name)),
    }))
    return result(node, counted, period, step, ['distinct'], emitter)
  },
)
