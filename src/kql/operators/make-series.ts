import {
  aggregate,
  and,
  array,
  call,
  column,
  integer,
  lambda,
  or,
  text,
  when,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert, datetimeText, jsonArray, realText, timespanText, toJsonElement } from '../convert.ts'
import { Refusal, type Place } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Column, Expression, NamedExpression, PlanNode } from '../plan.ts'
import { aggregatesOf } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { unnamed } from '../projection.ts'
import { innerScope, naturalOrder, physicalName, withWhere, type Relation, type Scope } from '../relation.ts'
import { datetimeToTicks, ticksToDatetime, unixEpochTicks, type KqlType } from '../types.ts'
import { groupPlaces, planAggregates } from './summarize.ts'

interface MakeSeriesNode extends PlanNode {
  readonly kind: 'make-series'
  readonly input: PlanNode
  readonly keys: readonly NamedExpression[]
  readonly series: readonly {
    readonly names: readonly string[]
    readonly expression: Expression
    readonly fallback: Expression | undefined
  }[]
  readonly axis: NamedExpression
  readonly from: Expression | undefined
  readonly to: Expression | undefined
  readonly step: Expression
  /** `in range(…)`: the end belongs to the series, and bins are those of `bin()`. */
  readonly isInRange: boolean
  readonly isNonempty: boolean
}

/** Kusto's own limit for the values of one series. */
const longest = 1_048_576

export const makeSeries = operator<MakeSeriesNode>({
  kind: 'make-series',
  syntax: ['MakeSeriesOperator'],
  doc: 'Aggregates over equal steps of an axis, as arrays; steps without rows get the default.',
  example: {
    query:
      'datatable(t: long, v: long)[0, 1, 4, 5] | make-series s = sum(v) default = -1 on t from 0 to 6 step 2',
    rows: [
      [
        [1, -1, 5],
        [0, 2, 4],
      ],
    ],
  },
  plan: planMakeSeries,
  emit: emitMakeSeries,
})

function planMakeSeries(node: TreeNode, input: PlanNode | undefined, planner: Planner): MakeSeriesNode {
  const from = required(input)
  const bound = planner.columns(node)
  const keys = (node.children['ByClause'] ? childItems(child(node, 'ByClause'), 'Expressions') : []).map(
    (item, index) => ({
      name: bound[index]?.name ?? '',
      expression: planner.scalar(unnamed(item, planner)),
    }),
  )
  const items = childItems(node, 'Aggregates')
  const aggregates = planAggregates(
    items.map((item) => child(item, 'Expression')),
    bound.slice(keys.length, -1),
    keys,
    from,
    planner,
  )
  const series = aggregates.map(({ names, expression }, index) => {
    const fallback = items[index]?.children['DefaultExpression']
    return {
      names,
      expression,
      fallback: fallback ? planner.scalar(child(fallback, 'Expression')) : undefined,
    }
  })
  const parameters = new Map(
    childItems(node, 'Parameters').map((item) => [nameOf(child(item, 'Name')), item]),
  )
  const kind = parameters.get('kind')
  const range = planRange(child(node, 'RangeClause'), planner)
  const isNonempty = kind !== undefined && nameOf(child(kind, 'Expression')) === 'nonempty'
  if (isNonempty && (range.from === undefined || range.to === undefined)) {
    planner.refuse('unsupported-argument', 'kind=nonempty needs both from and to', node)
  }
  return {
    kind: 'make-series',
    input: from,
    keys,
    series,
    axis: {
      name: bound.at(-1)?.name ?? '',
      expression: planner.scalar(unnamed(child(child(node, 'OnClause'), 'Expression'), planner)),
    },
    ...range,
    isNonempty,
    columns: bound.map(({ name, type }, index): Column => ({
      name,
      type: index < keys.length ? type : 'dynamic',
    })),
    place: planner.place(node),
  }
}

function planRange(
  node: TreeNode,
  planner: Planner,
): Pick<MakeSeriesNode, 'from' | 'to' | 'step' | 'isInRange'> {
  if (node.kind === 'MakeSeriesInRangeClause') {
    const [from, to, step] = childItems(child(node, 'Arguments'), 'Expressions').map((item) =>
      planner.scalar(item),
    )
    if (!step) return planner.refuse('bad-argument', 'a range has a start, an end and a step', node)
    return { from, to, step, isInRange: true }
  }
  const value = (clause: string): Expression | undefined => {
    const found = node.children[clause]
    return found ? planner.scalar(child(found, 'Expression')) : undefined
  }
  const step = value('MakeSeriesStepClause')
  if (!step) return planner.refuse('bad-argument', 'a series has a step', node)
  return { from: value('MakeSeriesFromClause'), to: value('MakeSeriesToClause'), step, isInRange: false }
}

function emitMakeSeries(node: MakeSeriesNode, emitter: Emitter): Relation {
  const args = node.series.flatMap(({ expression }) =>
    [...aggregatesOf(expression)].flatMap((item) => item.args),
  )
  const input = emitter.ready(emitter.relation(node.input), [
    ...node.keys.map(({ expression }) => expression),
    ...args,
    node.axis.expression,
  ])
  const axis = axisOf(node, input, emitter)
  const rows = withWhere(input, axis.inside)
  return arrange(node, bins(node, rows, axis, emitter), axis, emitter)
}

/** The axis in numbers: whole ones, ticks of datetimes and timespans, or reals. */
interface Axis {
  readonly type: KqlType
  readonly origin: SqlExpression
  readonly step: SqlExpression
  /** The bin of a row, counted from the origin. */
  readonly bin: SqlExpression
  readonly inside: SqlExpression
  /** A bound is null or the step is not positive: Kusto reports an error, and so do we when the query runs. */
  readonly invalid: SqlExpression
  /** The first and last bin of every series, where they are the same for all. */
  readonly first: SqlExpression | undefined
  readonly last: SqlExpression | undefined
}

function axisOf(node: MakeSeriesNode, input: Relation, emitter: Emitter): Axis {
  const value = emitter.expression(node.axis.expression, innerScope(input))
  const bounds = [node.from, node.to, node.step].map((item) =>
    item ? emitter.expression(item, noColumns(item.place)) : undefined,
  )
  const type: KqlType =
    [value, ...bounds].some((item) => item?.type === 'real') && value.type !== 'datetime'
      ? 'real'
      : value.type
  if (!['datetime', 'timespan', 'int', 'long', 'real'].includes(type)) {
    throw new Refusal(
      'unsupported-argument',
      `a series on a ${type} is not supported`,
      node.axis.expression.place,
    )
  }
  const isReal = type === 'real'
  const numbers = bounds.map((item, index) => {
    if (!item) return undefined
    const wanted =
      type === 'datetime' ? (index === 2 ? 'timespan' : 'datetime') : type === 'int' ? 'long' : type
    const converted = convert(item, wanted)
    const number =
      wanted === 'datetime' ? call('plus', datetimeToTicks(converted), unixEpochTicks) : converted
    return number
  })
  const [from, to, step] = numbers.map((item) => item && call('assumeNotNull', item))
  if (!step) throw new Error('a series has a step')
  const missing = numbers.flatMap((item) => (item ? [call('isNull', item)] : []))
  const at =
    type === 'datetime'
      ? call('plus', datetimeToTicks(value.sql), unixEpochTicks)
      : convert(value, isReal ? 'real' : type === 'int' ? 'long' : type)
  const zero = isReal ? call('toFloat64', 0) : call('toInt64', 0)
  const origin = node.isInRange || !from ? zero : from
  const index = (point: SqlExpression): SqlExpression => whole(call('minus', point, origin), step, isReal)
  const inside = [
    call('isNotNull', at),
    ...(isReal ? [call('isFinite', at)] : []),
    ...(from ? [call('greaterOrEquals', at, from)] : []),
    ...(to ? [call(node.isInRange ? 'lessOrEquals' : 'less', at, to)] : []),
  ]
  return {
    type,
    origin,
    step,
    bin: index(call('assumeNotNull', at)),
    inside: call('ifNull', and(...inside), 0),
    invalid: or(...missing, call('lessOrEquals', step, 0)),
    first: from && index(from),
    last:
      to &&
      (node.isInRange
        ? index(to)
        : call('negate', call('plus', whole(call('minus', origin, to), step, isReal), 1))),
  }
}

/** The quotient, rounded down. */
function whole(value: SqlExpression, step: SqlExpression, isReal: boolean): SqlExpression {
  if (isReal) return call('toInt64', call('floor', call('divide', value, step)))
  return call('intDiv', call('minus', value, call('positiveModulo', value, step)), step)
}

interface Bins {
  readonly relation: Relation
  readonly keys: readonly string[]
  readonly bin: string
  readonly values: readonly string[]
  readonly place: readonly string[]
}

/** One row for each group and bin, with the aggregates as JSON. */
function bins(node: MakeSeriesNode, rows: Relation, axis: Axis, emitter: Emitter): Bins {
  const scope = innerScope(rows)
  const keys = node.keys.map(({ name, expression }) => ({
    name,
    value: emitter.expression(expression, scope),
  }))
  const columns = keys.map(({ name, value }) => ({
    name,
    type: value.type,
    physical: physicalName(name),
    nullable: value.nullable,
  }))
  const bin = emitter.hidden('bin')
  const values = node.series.flatMap(({ names, expression }) => {
    const types = names.map((): KqlType => expression.type)
    return emitter.aggregateColumns(expression, scope, types, false).map((value): SelectColumn => {
      if (!['int', 'long', 'real', 'decimal'].includes(value.type)) {
        throw new Refusal(
          'bad-argument',
          `a series holds numbers, not values of type ${value.type}`,
          expression.place,
        )
      }
      return { name: emitter.hidden('value'), expression: toJsonElement(value) }
    })
  })
  const { places } = groupPlaces(rows, emitter)
  const { from, where } = rows.select
  const select = {
    columns: [
      ...keys.map(({ name, value }) => ({ name: physicalName(name), expression: value.sql })),
      { name: bin, expression: axis.bin },
      ...values,
      ...places,
    ],
    from,
    ...(where ? { where } : {}),
    groupBy: [...keys.map(({ value }) => value.sql), axis.bin],
  }
  return {
    relation: emitter.bracket({ select, columns, order: [], sealed: true }),
    keys: columns.map(({ physical }) => physical),
    bin,
    values: values.map(({ name }) => name),
    place: places.map(({ name }) => name),
  }
}

/** One row for each group: the bins' values in their order, the gaps filled. */
function arrange(
  node: MakeSeriesNode,
  { relation, keys, bin, values, place }: Bins,
  axis: Axis,
  emitter: Emitter,
): Relation {
  const alias = relation.select.from.kind === 'select' ? relation.select.from.alias : undefined
  const at = (name: string): SqlExpression => column(name, alias)
  const found = call(
    'arraySort',
    aggregate('groupArray', [call('tuple', at(bin), ...values.map((name) => at(name)))]),
  )
  const part = (index: number): SqlExpression =>
    call(
      'arrayMap',
      lambda(['p'], (pair) => call('tupleElement', pair, index)),
      found,
    )
  const indexes = part(1)
  const first = axis.first ?? aggregate('min', [at(bin)])
  const last = axis.last ?? aggregate('max', [at(bin)])
  const size = limited(call('plus', call('minus', last, first), 1), axis.invalid)
  const before = call('minus', first, 1)
  const previous = call(
    'arraySlice',
    call('arrayConcat', array([before]), indexes),
    1,
    call('length', indexes),
  )
  const end = when(call('empty', indexes), before, call('arrayElement', indexes, -1))
  const fallbacks = node.series.flatMap(({ names, fallback }) => {
    const value = fallback
      ? toJsonElement(emitter.expression(fallback, noColumns(fallback.place)))
      : text('0')
    return names.map(() => value)
  })
  const gap = (from: SqlExpression, to: SqlExpression, filler: SqlExpression): SqlExpression =>
    call('arrayWithConstant', call('least', call('greatest', call('minus', to, from), 0), longest), filler)
  const filled = values.map((_name, index) => {
    const filler = fallbacks[index] ?? text('0')
    const steps = lambda(['i', 'j', 'v'], (position, earlier, value) =>
      call('arrayPushBack', gap(call('plus', earlier, 1), position, filler), value),
    )
    const known = call('arrayFlatten', call('arrayMap', steps, indexes, previous, part(index + 2)))
    return jsonArray(call('arrayConcat', known, gap(end, last, filler)))
  })
  const points = jsonArray(
    call(
      'arrayMap',
      lambda(['i'], (position) =>
        point(
          call('plus', axis.origin, call('multiply', call('plus', position, first), axis.step)),
          axis.type,
        ),
      ),
      call('range', size),
    ),
  )
  const made = [...filled, points]
  const names = node.columns.slice(keys.length).map(({ name }) => name)
  const rows = place.map((name) => ({
    name: emitter.hidden('row'),
    expression: aggregate('min', [at(name)]),
  }))
  const select = {
    columns: [
      ...keys.map((name) => ({ name, expression: at(name) })),
      ...made.map((expression, index) => ({ name: physicalName(names[index] ?? ''), expression })),
      ...rows,
    ],
    from: relation.select.from,
    ...(keys.length > 0 ? { groupBy: keys.map((name) => at(name)) } : {}),
    ...(keys.length === 0 && !node.isNonempty ? { having: call('greater', aggregate('count', []), 0) } : {}),
  }
  const columns = [
    ...relation.columns,
    ...names.map((name) => ({ name, type: 'dynamic' as const, physical: physicalName(name) })),
  ]
  return emitter.bracket({ select, columns, order: rows.map(({ name }) => naturalOrder(name)), sealed: true })
}

function limited(size: SqlExpression, invalid: SqlExpression): SqlExpression {
  const wrong = call(
    'throwIf',
    invalid,
    'the bounds and the step of make-series must be values, the step positive',
  )
  const tooLong = call(
    'throwIf',
    call('greater', size, integer(longest)),
    'a series of more than 1048576 values',
  )
  return call(
    'toUInt64',
    when(call('equals', call('plus', tooLong, wrong), 0), call('greatest', size, 0), integer(0)),
  )
}

/** A number of the axis as JSON. */
function point(value: SqlExpression, type: KqlType): SqlExpression {
  const quoted = (printed: SqlExpression): SqlExpression => call('concat', '"', printed, '"')
  if (type === 'datetime')
    return quoted(datetimeText(call('assumeNotNull', ticksToDatetime(call('minus', value, unixEpochTicks)))))
  if (type === 'timespan') return quoted(timespanText(value))
  return type === 'real' ? realText(value) : call('toString', value)
}

function noColumns(place: Place): Scope {
  return () => {
    throw new Refusal('not-constant', 'the bounds and defaults of a series cannot use columns', place)
  }
}
