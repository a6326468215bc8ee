// Long because it is one matrix: every KQL type to every other, each cell a few lines, read side by side.
import {
  and,
  boolean,
  bound,
  call,
  cast,
  integer,
  lambda,
  not,
  nothing,
  or,
  real,
  text,
  when,
  type SqlExpression,
} from '../sql/node.ts'
import { arrayElements } from './json-parts.ts'
import { operand, type Operand } from './operand.ts'
import { columnPathText, jsonText, withoutNull } from './path-value.ts'
import { realText } from './real-text.ts'
import {
  datetimeToTicks,
  nullOf,
  physicalTypes,
  ticksPerDay,
  ticksToDatetime,
  unixEpochTicks,
  type KqlType,
} from './types.ts'

/**
 * Conversions between KQL types, as `tostring()`, `tolong()` and the others make them, and as operators make them
 * where they meet another type. Each gives the physical type of its result; what cannot be converted is null.
 */
export function convert(value: Operand, type: KqlType): SqlExpression {
  if (value.type === type) return value.sql
  return conversions[type](value)
}

/** What Kusto's readers of numbers and times skip at either end. */
const spaces = ' \t\r\n\v\f'

const conversions: Readonly<Record<KqlType, (value: Operand) => SqlExpression>> = {
  string: toText,
  long: toLong,
  int: toInt,
  real: toReal,
  bool: toBool,
  decimal: toDecimal,
  datetime: toDatetime,
  timespan: toTimespan,
  guid: toGuid,
  dynamic: toJson,
}

/** `tostring()`: null becomes the empty string. */
export function toText(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'string':
      return sql
    case 'dynamic':
      return value.path?.root.kind === 'column' && value.path.guards.length === 0
        ? columnPathText(value.path)
        : jsonText(sql, value.path)
    case 'bool':
      return when(call('isNull', sql), text(''), when(sql, text('True'), text('False')))
    case 'real':
      return orEmpty(value, realText(sql))
    case 'datetime':
      return orEmpty(value, datetimeText(sql))
    case 'timespan':
      return orEmpty(value, timespanText(sql))
    default:
      return orEmpty(value, call('toString', sql))
  }
}

function orEmpty(value: Operand, printed: SqlExpression): SqlExpression {
  return value.nullable ? call('ifNull', printed, '') : printed
}

export function datetimeText(value: SqlExpression): SqlExpression {
  return call('concat', call('replaceOne', call('toString', value), ' ', 'T'), 'Z')
}

/** `[-][d.]hh:mm:ss[.fffffff]` of ticks. */
export function timespanText(ticks: SqlExpression): SqlExpression {
  return bound(ticks, timespanTextOf)
}

function timespanTextOf(ticks: SqlExpression): SqlExpression {
  const size = call('abs', ticks)
  const days = call('intDiv', size, ticksPerDay)
  const fraction = call('modulo', size, 10_000_000n)
  const part = (unit: bigint, count: bigint): SqlExpression =>
    call('leftPad', call('toString', call('modulo', call('intDiv', size, unit), count)), 2, '0')
  return call(
    'concat',
    when(call('less', ticks, 0), text('-'), text('')),
    when(call('greater', days, 0), call('concat', call('toString', days), '.'), text('')),
    part(36_000_000_000n, 24n),
    ':',
    part(600_000_000n, 60n),
    ':',
    part(10_000_000n, 60n),
    when(
      call('greater', fraction, 0),
      call('concat', '.', call('leftPad', call('toString', fraction), 7, '0')),
      text(''),
    ),
  )
}

function toLong(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'string':
      return longOfText(sql)
    case 'dynamic':
      return longOfJson(sql)
    case 'real':
      return nearestInteger(sql, 'Int64')
    case 'decimal':
      return call('toInt64', call('trunc', sql))
    case 'datetime':
      return call('plus', datetimeToTicks(sql), unixEpochTicks)
    case 'bool':
    case 'int':
      return cast(sql, 'Nullable(Int64)')
    default:
      return sql
  }
}

function toInt(value: Operand): SqlExpression {
  if (value.type === 'bool') return cast(value.sql, 'Nullable(Int32)')
  if (value.type === 'real') return nearestInteger(value.sql, 'Int32')
  if (value.type === 'string') return call('accurateCastOrNull', toLong(value), 'Int32')
  if (value.type === 'dynamic') {
    const fraction = nearestInteger(call('toFloat64OrNull', value.sql), 'Int32')
    const wrapped = cast(toLong(value), 'Nullable(Int32)')
    return when(call('match', value.sql, '^-?[0-9]+[.eE]'), fraction, wrapped)
  }
  // A long that does not fit wraps.
  return cast(toLong(value), 'Nullable(Int32)')
}

/** Digits with a sign, or hexadecimal; spaces around are allowed, a fraction is not. */
function longOfText(value: SqlExpression): SqlExpression {
  return bound(value, longOfTextOf)
}

function longOfTextOf(value: SqlExpression): SqlExpression {
  const trimmed = call('trimBoth', value, spaces)
  const hexadecimal = call('match', trimmed, '^0[xX][0-9a-fA-F]{1,16}$')
  const digits = call('leftPad', call('substring', trimmed, 3), 16, '0')
  return when(
    hexadecimal,
    call('reinterpretAsInt64', call('reverse', call('unhex', digits))),
    call('toInt64OrNull', trimmed),
  )
}

function longOfJson(value: SqlExpression): SqlExpression {
  return bound(value, longOfJsonOf)
}

function longOfJsonOf(value: SqlExpression): SqlExpression {
  return call(
    'multiIf',
    call('startsWith', value, '"'),
    longOfText(call('JSONExtractString', value)),
    call('in', value, call('tuple', 'true', 'false')),
    call('toInt64', call('equals', value, 'true')),
    call('ifNull', call('toInt64OrNull', value), nearestInteger(call('toFloat64OrNull', value), 'Int64')),
  )
}

/** Truncates towards zero; an int that does not fit is null. */
function realToInteger(value: SqlExpression, type: 'Int32' | 'Int64'): SqlExpression {
  return call('accurateCastOrNull', call('trunc', value), type)
}

/** As the engine converts numbers: the nearest that fits; null for NaN and the infinities. */
function nearestInteger(value: SqlExpression, type: 'Int32' | 'Int64'): SqlExpression {
  const size = type === 'Int32' ? 2n ** 31n : 2n ** 63n
  return bound(value, (number) =>
    call(
      'multiIf',
      not(call('isFinite', number)),
      nothing,
      call('greaterOrEquals', number, real(Number(size))),
      integer(size - 1n),
      call('less', number, real(-Number(size))),
      integer(-size),
      realToInteger(number, type),
    ),
  )
}

function toReal(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'string':
      return realOfText(sql)
    case 'dynamic':
      return call(
        'multiIf',
        call('startsWith', sql, '"'),
        realOfText(call('JSONExtractString', sql)),
        call('in', sql, call('tuple', 'true', 'false')),
        call('toFloat64', call('equals', sql, 'true')),
        call('toFloat64OrNull', sql),
      )
    case 'datetime':
      return call('toFloat64', call('plus', datetimeToTicks(sql), unixEpochTicks))
    default:
      return cast(sql, physicalTypes.real)
  }
}

function realOfText(value: SqlExpression): SqlExpression {
  return bound(value, realOfTextOf)
}

function realOfTextOf(value: SqlExpression): SqlExpression {
  const trimmed = call('trimBoth', value, spaces)
  const number = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'
  return call(
    'multiIf',
    call('match', trimmed, number),
    call('toFloat64OrNull', trimmed),
    call('in', trimmed, call('tuple', 'nan', 'NaN')),
    real(Number.NaN),
    call('in', trimmed, call('tuple', 'inf', 'Infinity', '+Infinity')),
    real(Number.POSITIVE_INFINITY),
    call('in', trimmed, call('tuple', '-inf', '-Infinity')),
    real(Number.NEGATIVE_INFINITY),
    nothing,
  )
}

function toBool(value: Operand): SqlExpression {
  const { sql, type } = value
  if (type === 'string') return boolOfText(sql)
  if (type === 'dynamic') {
    const number = call('toFloat64OrNull', sql)
    return cast(call('coalesce', call('notEquals', number, 0), boolOfText(toText(value))), physicalTypes.bool)
  }
  return cast(call('notEquals', sql, 0), physicalTypes.bool)
}

function boolOfText(value: SqlExpression): SqlExpression {
  return bound(value, boolOfTextOf)
}

function boolOfTextOf(value: SqlExpression): SqlExpression {
  const lower = call('lower', value)
  const number = when(call('match', lower, '^\\s'), nothing, longOfText(lower))
  return cast(
    call(
      'multiIf',
      call('equals', lower, 'true'),
      boolean(true),
      call('equals', lower, 'false'),
      boolean(false),
      call('isNotNull', number),
      call('notEquals', number, 0),
      nothing,
    ),
    physicalTypes.bool,
  )
}

function toDecimal(value: Operand): SqlExpression {
  const { sql, type } = value
  if (type === 'string') return call('toDecimal256OrNull', sql, 38)
  if (type === 'dynamic') return call('toDecimal256OrNull', toText(value), 38)
  // By its digits: the real nearest to 0.1 is not 0.1.
  if (type === 'real') return call('toDecimal256OrNull', call('toString', sql), 38)
  return cast(sql, physicalTypes.decimal)
}

function toDatetime(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'string':
      return datetimeOfText(sql)
    case 'dynamic':
      return datetimeOfText(toText(value))
    case 'long':
    case 'int':
    case 'timespan':
      return ticksToDatetime(call('minus', cast(sql, 'Nullable(Int64)'), unixEpochTicks))
    case 'real':
      return ticksToDatetime(call('minus', realToInteger(sql, 'Int64'), unixEpochTicks))
    default:
      return nullOf('datetime')
  }
}

const isoDatetime =
  '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)? *(Z|z|[+-][0-9]{2}:?[0-9]{2})?$'

/** ISO 8601 and the forms that the engine's best-effort reader shares with .NET; anything else is null. */
function datetimeOfText(value: SqlExpression): SqlExpression {
  return bound(value, datetimeOfTextOf)
}

function datetimeOfTextOf(value: SqlExpression): SqlExpression {
  const trimmed = call('trimBoth', value, spaces)
  const date =
    '^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}|[A-Za-z]{3},? [0-9]{1,2} [A-Za-z]{3,9} [0-9]{4}|[0-9]{1,2} [A-Za-z]{3,9} [0-9]{4})'
  return call(
    'multiIf',
    call('match', trimmed, isoDatetime),
    isoText(trimmed),
    call(
      'match',
      trimmed,
      `${date}([T, ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?[AaPp][Mm])?)? ?(GMT|UTC|Z)?$`,
    ),
    call('parseDateTime64BestEffortOrNull', americanText(trimmed), 7, 'UTC'),
    call('match', trimmed, '^[0-9]{4}$'),
    isoText(call('concat', trimmed, '-01-01')),
    nothing,
  )
}

/** Pads an ISO datetime to the form that `toDateTime64OrNull` reads, and takes the zone's offset away. */
function isoText(value: SqlExpression): SqlExpression {
  const groups = call(
    'extractGroups',
    value,
    '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]+))?)?)? *(Z|z|[+-][0-9]{2}:?[0-9]{2})?$',
  )
  return bound(groups, (found) => {
    const group = (index: number): SqlExpression => call('arrayElement', found, index)
    const two = (index: number): SqlExpression => call('leftPad', group(index), 2, '0')
    const fraction = call('rightPad', call('substring', group(7), 1, 7), 7, '0')
    const printed = call(
      'concat',
      group(1),
      '-',
      two(2),
      '-',
      two(3),
      ' ',
      two(4),
      ':',
      two(5),
      ':',
      two(6),
      '.',
      fraction,
    )
    const local = call('toDateTime64OrNull', printed, 7, 'UTC')
    // The reader moves a date that does not exist (30 February): it must come back as it went in.
    const checked = bound(local, (moment) =>
      when(call('equals', call('toString', moment), printed), moment, nothing),
    )
    return when(call('match', group(8), '^[+-]'), withoutZone(checked, group(8)), checked)
  })
}

function withoutZone(local: SqlExpression, zone: SqlExpression): SqlExpression {
  const hours = call('multiply', call('toInt64OrNull', call('substring', zone, 2, 2)), 60)
  const minutes = call('plus', hours, call('toInt64OrNull', call('right', zone, 2)))
  const size = when(call('startsWith', zone, '-'), integer(-600_000_000n), integer(600_000_000n))
  return ticksToDatetime(call('minus', datetimeToTicks(local), call('multiply', minutes, size)))
}

/** The best-effort reader takes `9/1/2020` for day first or month first by what fits; Kusto is month first. */
function americanText(value: SqlExpression): SqlExpression {
  return call('replaceRegexpOne', value, '^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})', '\\3-\\1-\\2')
}

function toTimespan(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'string':
      return timespanOfText(sql)
    case 'dynamic':
      return timespanOfText(toText(value))
    case 'long':
    case 'int':
      return cast(sql, 'Nullable(Int64)')
    case 'real':
      return realToInteger(call('multiply', sql, ticksPerDay), 'Int64')
    default:
      return nullOf('timespan')
  }
}

function timespanOfText(value: SqlExpression): SqlExpression {
  return bound(value, timespanOfTextOf)
}

function timespanOfTextOf(value: SqlExpression): SqlExpression {
  const trimmed = call('trimBoth', value, spaces)
  const clock = '^(-?)(?:([0-9]+)[.])?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.]([0-9]{1,7}))?)?$'
  const groups = call('extractGroups', trimmed, clock)
  const number = (index: number): SqlExpression =>
    call('ifNull', call('toInt64OrNull', call('arrayElement', groups, index)), 0)
  const fraction = call('toInt64OrNull', call('rightPad', call('arrayElement', groups, 6), 7, '0'))
  const ticks = call(
    'plus',
    call('plus', call('multiply', number(2), ticksPerDay), call('multiply', number(3), 36_000_000_000n)),
    call(
      'plus',
      call('plus', call('multiply', number(4), 600_000_000n), call('multiply', number(5), 10_000_000n)),
      call('ifNull', fraction, 0),
    ),
  )
  const inRange = and(call('less', number(3), 24), call('less', number(4), 60), call('less', number(5), 60))
  const signed = call('multiply', ticks, when(call('startsWith', trimmed, '-'), integer(-1), integer(1)))
  const unitGroups = call('extractGroups', trimmed, '^(-?[0-9]+(?:[.][0-9]+)?)(d|h|m|s|ms|tick|microsecond)$')
  const scale = call(
    'transform',
    call('arrayElement', unitGroups, 2),
    call('array', 'd', 'h', 'm', 's', 'ms', 'microsecond', 'tick'),
    call('array', ticksPerDay, 36_000_000_000n, 600_000_000n, 10_000_000n, 10_000n, 10n, 1n),
    0n,
  )
  const amount = call('toDecimal128OrNull', call('arrayElement', unitGroups, 1), 10)
  return call(
    'multiIf',
    call('match', trimmed, clock),
    when(inRange, signed, nothing),
    call('match', trimmed, '^-?[0-9]+$'),
    call('multiply', call('toInt64OrNull', trimmed), ticksPerDay),
    or(call('notEmpty', unitGroups)),
    call('toInt64', call('multiply', amount, call('toInt64', scale))),
    nothing,
  )
}

function toGuid(value: Operand): SqlExpression {
  const digits = call('replaceAll', call('trimBoth', toText(value), spaces), '-', '')
  const dashed = call('replaceRegexpOne', digits, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\1-\\2-\\3-\\4-\\5')
  return call('toUUIDOrNull', dashed)
}

/** A value as JSON text inside a dynamic; null is `''`. */
export function toJson(value: Operand): SqlExpression {
  const { sql, type } = value
  switch (type) {
    case 'dynamic':
      return sql
    case 'string':
      return quoteJson(sql)
    case 'bool':
      return when(call('isNull', sql), text(''), when(sql, text('true'), text('false')))
    case 'real':
      return orEmpty(
        value,
        when(call('isFinite', sql), realText(sql), call('concat', '"', realText(sql), '"')),
      )
    case 'int':
    case 'long':
      return orEmpty(value, call('toString', sql))
    default:
      return orEmpty(value, call('concat', '"', toText({ ...value, nullable: false }), '"'))
  }
}

/** A value as an element of a JSON array or object: null is `null`. */
export function toJsonElement(value: Operand): SqlExpression {
  const printed = toJson(value)
  if (value.type === 'string') return printed
  return when(call('empty', printed), text('null'), printed)
}

/** A string as JSON text. ClickHouse escapes `/`, which Kusto does not. */
export function quoteJson(value: SqlExpression): SqlExpression {
  return call('replaceAll', call('toJSONString', value), '\\/', '/')
}

/** A JSON array's elements as an array of JSON texts, JSON's `null` being `''`; empty where it is no array. */
export function jsonElements(json: SqlExpression): SqlExpression {
  return call(
    'arrayMap',
    lambda(['e'], (element) => withoutNull(element)),
    arrayElements(json),
  )
}

/** An array of JSON texts, `''` being null, as one JSON array. */
export function jsonArray(elements: SqlExpression): SqlExpression {
  const printed = call(
    'arrayMap',
    lambda(['e'], (element) => when(call('empty', element), text('null'), element)),
    elements,
  )
  return call('concat', '[', call('arrayStringConcat', printed, ','), ']')
}

/** The value of `expression` read as `type`, for callers that hold SQL without an operand. */
export function convertSql(sql: SqlExpression, from: KqlType, to: KqlType): SqlExpression {
  return convert(operand(sql, from), to)
}
