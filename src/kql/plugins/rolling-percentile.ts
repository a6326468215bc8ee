import {
  aggregate,
  call,
  cast,
  column,
  integer,
  real,
  when,
  type Select,
  type SqlExpression,
} from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { argumentOf, columnOf, columnsFrom, plugin, type EvaluateNode, type PluginCall } from '../plugin.ts'
import type { Expression } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { physicalTypes } from '../types.ts'
import { timelineOf, wholeWidths } from './timeline.ts'

interface RollingPercentileNode extends EvaluateNode {
  readonly value: string
  readonly percentile: number
  readonly index: string
  readonly size: Expression
  readonly bins: number
  readonly dimensions: readonly string[]
}

export const rollingPercentile = plugin<RollingPercentileNode>({
  name: 'rolling_percentile',
  doc: 'The value at a percentile in the bins that end with each bin, by nearest rank; the bins must follow without gaps.',
  example: {
    query: 'range x from 0 to 5 step 1 | extend v = x * 10 | evaluate rolling_percentile(v, 50, x, 2, 2)',
    rows: [
      [0, 0],
      [2, 10],
      [4, 30],
    ],
  },
  plan: planRolling,
  emit: emitRolling,
})

function planRolling(invocation: PluginCall, planner: Planner): RollingPercentileNode {
  const { node, input } = invocation
  const number = (index: number): number => {
    const value = planner.scalar(argumentOf(invocation, index, planner))
    const found = value.kind === 'literal' && value.type !== 'timespan' ? Number(value.value) : Number.NaN
    return found >= 0
      ? found
      : planner.refuse('not-constant', `argument ${index + 1} must be a literal number`, node)
  }
  const [percentile, bins] = [number(1), number(4)]
  if (percentile > 100 || !Number.isInteger(bins) || bins < 1 || bins > 10_000) {
    planner.refuse('bad-argument', 'a percentile is from 0 to 100, a window of 1 to 10000 bins', node)
  }
  return {
    kind: 'evaluate',
    plugin: 'rolling_percentile',
    input,
    value: columnOf(invocation, 0, planner),
    percentile,
    index: columnOf(invocation, 2, planner),
    size: planner.scalar(argumentOf(invocation, 3, planner)),
    bins,
    dimensions: columnsFrom(invocation, 5, planner),
    columns: planner.columns(node),
    place: planner.place(node),
  }
}

function emitRolling(node: RollingPercentileNode, emitter: Emitter): Relation {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const time = timelineOf(scope(node.index), emitter, node.place)
  const size = time.width(node.size)
  const value = scope(node.value)
  const bin = wholeWidths(call('assumeNotNull', time.position), size)
  const dimensions = node.dimensions.map((name) => ({
    name: physicalName(name),
    expression: scope(name).sql,
  }))
  const names = dimensions.map(({ name }) => name)
  const binned: Select = {
    columns: [
      ...dimensions,
      { name: 'bin', expression: bin },
      { name: 'values', expression: aggregate('groupArray', [value.sql]) },
    ],
    from: base.select.from,
    where: call('isNotNull', time.position),
    groupBy: [...dimensions.map(({ expression }) => expression), bin],
  }
  const alias = emitter.alias()
  const at = (name: string): SqlExpression => column(name, alias)
  const partitionBy = names.map((name) => at(name))
  const orderBy = [{ expression: at('bin'), descending: false, nullsFirst: false }]
  const windows: Select = {
    columns: [
      ...[...names, 'bin'].map((name) => ({ name, expression: at(name) })),
      {
        name: 'near',
        expression: {
          kind: 'window',
          call: aggregate('groupArray', [at('values')]),
          window: { partitionBy, orderBy, rows: [1 - node.bins, 'current row'] },
        },
      },
      {
        name: 'first',
        expression: {
          kind: 'window',
          call: aggregate('min', [at('bin')]),
          window: { partitionBy, orderBy: [] },
        },
      },
      {
        name: 'place',
        expression: { kind: 'window', call: aggregate('row_number', []), window: { partitionBy, orderBy } },
      },
    ],
    from: { kind: 'select', select: binned, alias },
  }
  const outer = emitter.alias()
  const of = (name: string): SqlExpression => column(name, outer)
  const sorted = call('arraySort', call('arrayFlatten', of('near')))
  const rank = call(
    'greatest',
    call(
      'toInt64',
      call('ceil', call('divide', call('multiply', call('length', sorted), real(node.percentile)), 100)),
    ),
    1,
  )
  const found = cast(call('arrayElement', sorted, rank), physicalTypes[value.type])
  const isGap = call(
    'notEquals',
    call('minus', of('bin'), of('first')),
    call('minus', call('toInt64', of('place')), 1),
  )
  const stop = call('throwIf', isGap, 'rolling_percentile over bins with gaps is not supported')
  const moment = time.value(call('multiply', of('bin'), size))
  const results = [
    moment,
    ...names.map((name) => of(name)),
    when(call('equals', stop, 0), when(call('empty', sorted), { kind: 'null' }, found), { kind: 'null' }),
  ]
  const columns = node.columns.map((item) => ({ ...item, physical: physicalName(item.name) }))
  return emitter.bracket({
    select: {
      columns: columns.map(({ physical }, index) => ({
        name: physical,
        expression: results[index] ?? integer(0),
      })),
      from: { kind: 'select', select: windows, alias: outer },
    },
    columns,
    order: columns.slice(0, 1 + names.length).map(({ physical }) => naturalOrder(physical)),
    sealed: true,
  })
}
