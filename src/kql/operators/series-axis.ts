import { and, call, integer, or, when, type SqlExpression } from '../../sql/node.ts'
import { convert, datetimeText, timespanText } from '../convert.ts'
import { realText } from '../real-text.ts'
import { Refusal, type Place } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import type { Expression, NamedExpression } from '../plan.ts'
import { innerScope, type Relation, type Scope } from '../relation.ts'
import { datetimeToTicks, ticksToDatetime, unixEpochTicks, type KqlType } from '../types.ts'

/** What the text says of a series' axis. */
export interface AxisBounds {
  readonly axis: NamedExpression
  readonly from: Expression | undefined
  readonly to: Expression | undefined
  readonly step: Expression
  /** `in range(…)`: the end belongs to the series, and bins are those of `bin()`. */
  readonly isInRange: boolean
}

/** Kusto's own limit for the values of one series. */
export const longest = 1_048_576

/** The axis in numbers: whole ones, ticks of datetimes and timespans, or reals. */
export interface Axis {
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

/** Reads the axis over the rows of the input. */
export function axisOf(node: AxisBounds, input: Relation, emitter: Emitter): Axis {
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

/** The number of values of one series; stops the query where it is too great or a bound is invalid. */
export function limited(size: SqlExpression, invalid: SqlExpression): SqlExpression {
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
export function point(value: SqlExpression, type: KqlType): SqlExpression {
  const quoted = (printed: SqlExpression): SqlExpression => call('concat', '"', printed, '"')
  if (type === 'datetime')
    return quoted(datetimeText(call('assumeNotNull', ticksToDatetime(call('minus', value, unixEpochTicks)))))
  if (type === 'timespan') return quoted(timespanText(value))
  return type === 'real' ? realText(value) : call('toString', value)
}

/** For expressions that stand outside the rows. */
export function noColumns(place: Place): Scope {
  return () => {
    throw new Refusal('not-constant', 'the bounds and defaults of a series cannot use columns', place)
  }
}
