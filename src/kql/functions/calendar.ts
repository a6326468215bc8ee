import { and, bound, call, cast, integer, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import {
  datetimeToTicks,
  physicalTypes,
  ticksPerDay,
  ticksToDatetime,
  unixEpochTicks,
  type KqlType,
} from '../types.ts'

const maximum = 2_534_023_007_999_999_999n
const minutesPerHour = 600_000_000n

/** Units of one length, in ticks. */
const lengths: Readonly<Record<string, bigint>> = {
  week: 7n * ticksPerDay,
  day: ticksPerDay,
  hour: 60n * minutesPerHour,
  minute: minutesPerHour,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
}
/** Units of whole months. */
const months: Readonly<Record<string, bigint>> = { year: 12n, quarter: 3n, month: 1n }

function whole(value: SqlExpression): SqlExpression {
  return call('toInt64', value)
}

function since(value: SqlExpression): SqlExpression {
  return call('plus', datetimeToTicks(value), unixEpochTicks)
}

/** Ticks into the unit that the part is counted in. */
function within(value: SqlExpression, part: bigint, unit: bigint): SqlExpression {
  return call('intDiv', call('modulo', since(value), unit), part)
}

/** Days since Sunday; the very last tick of time has no week of its own in Kusto. */
function dayOfWeek(value: SqlExpression): SqlExpression {
  const day = call('modulo', call('plus', call('intDiv', since(value), ticksPerDay), 1), 7)
  return bound(value, (moment) =>
    when(call('equals', datetimeToTicks(moment), maximum), nothing, call('multiply', day, ticksPerDay)),
  )
}

const parts: Readonly<Record<string, (value: SqlExpression) => SqlExpression>> = {
  year: (value) => whole(call('toYear', value)),
  quarter: (value) => whole(call('toQuarter', value)),
  month: (value) => whole(call('toMonth', value)),
  week_of_year: (value) => whole(call('toISOWeek', value)),
  weekofyear: (value) => whole(call('toISOWeek', value)),
  day: (value) => whole(call('toDayOfMonth', value)),
  dayofyear: (value) => whole(call('toDayOfYear', value)),
  hour: (value) => whole(call('toHour', value)),
  minute: (value) => whole(call('toMinute', value)),
  second: (value) => whole(call('toSecond', value)),
  millisecond: (value) => within(value, 10_000n, 10_000_000n),
  microsecond: (value) => within(value, 10n, 10_000_000n),
  nanosecond: (value) => call('multiply', within(value, 1n, 10_000_000n), 100),
}

function partOf(part: string, args: readonly Operand[], site: CallSite): SqlExpression {
  const value = convert(args.at(-1) ?? argument(args, 0), 'datetime')
  const read = parts[part.toLowerCase()]
  if (!read)
    return site.refuse(
      'bad-argument',
      `${part} is no part of a datetime`,
      `one of ${Object.keys(parts).join(', ')}`,
    )
  return cast(read(value), physicalTypes[site.type])
}

function unitOf(args: readonly Operand[], site: CallSite): string {
  const unit = constantText(args, 0, site).toLowerCase()
  if (unit in lengths || unit in months || unit === 'nanosecond') return unit
  const known = [...Object.keys(months), ...Object.keys(lengths), 'nanosecond'].join(', ')
  return site.refuse('bad-argument', `${unit} is no unit of time`, `one of ${known}`)
}

/** Months since the year 0. */
export function monthNumber(value: SqlExpression): SqlExpression {
  return call(
    'plus',
    call('multiply', whole(call('toYear', value)), 12),
    call('minus', whole(call('toMonth', value)), 1),
  )
}

function add(args: readonly Operand[], site: CallSite): SqlExpression {
  const unit = unitOf(args, site)
  const amount = convert(argument(args, 1), 'long')
  const value = convert(argument(args, 2), 'datetime')
  const count = months[unit]
  if (count !== undefined) {
    return bound(value, (moment) =>
      bound(call('multiply', amount, count), (shift) => {
        const target = call('plus', monthNumber(moment), shift)
        const isReal = and(
          inside(amount, 200_000n),
          call('greaterOrEquals', target, 12),
          call('less', target, 120_000),
        )
        return when(isReal, call('addMonths', moment, when(isReal, shift, integer(0))), nothing)
      }),
    )
  }
  if (unit === 'nanosecond') {
    const ticks = args[1]?.literal?.value
    if (typeof ticks !== 'string' || BigInt(ticks) % 100n !== 0n) {
      return site.refuse(
        'unsupported-argument',
        'nanoseconds that are no whole number of ticks',
        'use a literal multiple of 100',
      )
    }
    return ticksToDatetime(call('plus', datetimeToTicks(value), BigInt(ticks) / 100n))
  }
  const length = lengths[unit] ?? 1n
  const ticks = call('plus', datetimeToTicks(value), call('multiply', amount, length))
  return ticksToDatetime(when(inside(amount, 4_000_000_000_000_000_000n / length), ticks, nothing))
}

function inside(value: SqlExpression, limit: bigint): SqlExpression {
  return and(call('greaterOrEquals', value, integer(-limit)), call('lessOrEquals', value, limit))
}

/** How many boundaries of the unit lie between two datetimes. */
function difference(args: readonly Operand[], site: CallSite): SqlExpression {
  const unit = unitOf(args, site)
  const [left, right] = [convert(argument(args, 1), 'datetime'), convert(argument(args, 2), 'datetime')]
  const count = months[unit]
  const position = (value: SqlExpression): SqlExpression => {
    if (count !== undefined) return call('intDiv', monthNumber(value), count)
    if (unit === 'nanosecond') return since(value)
    // Weeks begin on Sunday, and 0001-01-01 was a Monday.
    const ticks = unit === 'week' ? call('plus', since(value), ticksPerDay) : since(value)
    return call('intDiv', ticks, lengths[unit] ?? 1n)
  }
  const distance = call('minus', position(left), position(right))
  if (unit === 'week') return call('toFloat64', distance)
  if (unit !== 'nanosecond') return distance
  return call('accurateCastOrNull', call('multiply', call('toInt128', distance), 100), 'Int64')
}

function between(value: SqlExpression, low: number, high: number): SqlExpression {
  return and(call('greaterOrEquals', value, low), call('less', value, high))
}

function seconds(value: Operand | undefined, site: CallSite): SqlExpression {
  if (!value) return integer(0)
  if (value.type === 'int' || value.type === 'long') return call('multiply', value.sql, 10_000_000)
  if (value.literal === undefined || typeof value.literal.value !== 'number') {
    return site.refuse('unsupported-argument', 'seconds with a fraction must be a literal')
  }
  return integer(BigInt(Math.round(value.literal.value * 1e7)))
}

function wholePart(value: Operand | undefined, site: CallSite): SqlExpression {
  if (!value) return integer(0)
  if (value.type === 'int' || value.type === 'long') return convert(value, 'long')
  return site.refuse('unsupported-argument', `${site.name} takes whole numbers, not ${value.type}`)
}

function makeDatetime(args: readonly Operand[], site: CallSite): SqlExpression {
  if (args.length === 1) return convert(argument(args, 0), 'datetime')
  const [year, month, day, hour, minute] = [0, 1, 2, 3, 4].map((index) => wholePart(args[index], site))
  if (!year || !month || !day || !hour || !minute) throw new Error('make_datetime needs a date')
  const clock = call('plus', clockTicks(hour, minute), seconds(args[5], site))
  const digits = (value: SqlExpression, size: number): SqlExpression =>
    call('leftPad', call('toString', value), size, '0')
  const printed = call(
    'concat',
    digits(year, 4),
    '-',
    digits(month, 2),
    '-',
    digits(day, 2),
    ' 00:00:00.0000000',
  )
  const isReal = and(
    between(year, 1, 10_000),
    between(month, 1, 13),
    between(day, 1, 32),
    clockIsReal(hour, minute, args[5], site),
  )
  // The reader moves a date that does not exist (30 February): it must come back as it went in.
  const date = bound(printed, (name) =>
    bound(call('toDateTime64OrNull', name, 7, 'UTC'), (moment) =>
      when(call('equals', call('toString', moment), name), moment, nothing),
    ),
  )
  return ticksToDatetime(when(isReal, call('plus', datetimeToTicks(date), clock), nothing))
}

function clockTicks(hour: SqlExpression, minute: SqlExpression): SqlExpression {
  return call('plus', call('multiply', hour, 60n * minutesPerHour), call('multiply', minute, minutesPerHour))
}

function clockIsReal(
  hour: SqlExpression,
  minute: SqlExpression,
  second: Operand | undefined,
  site: CallSite,
): SqlExpression {
  const ticks = seconds(second, site)
  return and(between(hour, 0, 24), between(minute, 0, 60), between(ticks, 0, 600_000_000))
}

function makeTimespan(args: readonly Operand[], site: CallSite): SqlExpression {
  if (args.length === 1) return convert(argument(args, 0), 'timespan')
  const [days, rest] = args.length === 4 ? [args[0], args.slice(1)] : [undefined, args]
  const [hour, minute] = [wholePart(rest[0], site), wholePart(rest[1], site)]
  const clock = call('plus', clockTicks(hour, minute), seconds(rest[2], site))
  const isReal = clockIsReal(hour, minute, rest[2], site)
  if (!days) return when(isReal, clock, nothing)
  const day = wholePart(days, site)
  return when(
    and(isReal, between(day, 0, 10_675_199)),
    call('plus', call('multiply', day, ticksPerDay), clock),
    nothing,
  )
}

/** A datetime from a count since 1970; the scale is in ticks, or in parts of one where negative. */
function fromUnix(value: Operand, multiplier: bigint, divisor: bigint): SqlExpression {
  if (value.type === 'int' || value.type === 'long') {
    const number = convert(value, 'long')
    const limit = 9_000_000_000_000_000_000n / multiplier
    const ticks = divisor === 1n ? call('multiply', number, multiplier) : call('intDiv', number, divisor)
    return ticksToDatetime(when(inside(number, limit), ticks, nothing))
  }
  const scaled = call('divide', call('multiply', convert(value, 'real'), multiplier), divisor)
  return ticksToDatetime(call('accurateCastOrNull', call('trunc', scaled), 'Int64'))
}

const named: readonly (readonly [name: string, part: string, doc: string, value: number, type?: KqlType])[] =
  [
    ['getyear', 'year', 'The year.', 2020, 'long'],
    ['getmonth', 'month', 'The month, from 1.', 5],
    ['monthofyear', 'month', 'The month, from 1.', 5, 'long'],
    ['dayofmonth', 'day', 'The day of the month.', 13],
    ['dayofyear', 'dayofyear', 'The day of the year, from 1.', 134],
    ['hourofday', 'hour', 'The hour of the day.', 10, 'long'],
    ['week_of_year', 'week_of_year', 'The week of the year by ISO 8601.', 20, 'long'],
    ['weekofyear', 'week_of_year', 'The same as week_of_year.', 20, 'long'],
  ]

const unixUnits: readonly (readonly [name: string, multiplier: bigint, divisor: bigint, example: string])[] =
  [
    ['seconds', 10_000_000n, 1n, '1546300800'],
    ['milliseconds', 10_000n, 1n, '1546300800000'],
    ['microseconds', 10n, 1n, '1546300800000000'],
    ['nanoseconds', 1n, 100n, '1546300800000000000'],
  ]

/** Parts of datetimes, and datetimes from their parts. */
export const calendarFunctions: readonly ScalarFunction[] = [
  ...named.map(([name, part, doc, value, type]): ScalarFunction => ({
    name,
    doc,
    example: [`${name}(datetime(2020-05-13 10:11))`, value],
    ...(type ? { type } : {}),
    emit: (args, site) => partOf(part, args, site),
  })),
  {
    name: 'dayofweek',
    doc: 'The time since Sunday, as whole days.',
    example: ['dayofweek(datetime(2020-05-13 10:11))', '3.00:00:00'],
    emit: (args) => dayOfWeek(convert(argument(args, 0), 'datetime')),
  },
  ...(['datetime_part', 'datepart'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'A named part of a datetime.',
    example: [`${name}("Quarter", datetime(2020-05-13))`, 2],
    type: 'long',
    emit: (args, site) => partOf(constantText(args, 0, site), args, site),
  })),
  {
    name: 'datetime_add',
    doc: 'A datetime moved by a number of units; a day that the month does not have becomes its last.',
    example: ['datetime_add("month", 1, datetime(2020-01-31))', '2020-02-29T00:00:00.0000000Z'],
    emit: add,
  },
  {
    name: 'datetime_diff',
    doc: 'How many boundaries of a unit lie between two datetimes.',
    example: ['datetime_diff("year", datetime(2021-01-01), datetime(2020-12-31))', 1],
    resultType: ([unit]) =>
      unit?.kind === 'literal' && String(unit.value).toLowerCase() === 'week' ? 'real' : undefined,
    emit: difference,
  },
  {
    name: 'make_datetime',
    doc: 'A datetime from its parts; null where there is no such day or time.',
    example: ['make_datetime(2020, 2, 29, 12, 30)', '2020-02-29T12:30:00.0000000Z'],
    emit: makeDatetime,
  },
  ...(['make_timespan'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'A timespan from days, hours, minutes and seconds; null where one is out of its range.',
    example: [`${name}(1, 12, 30, 55)`, '1.12:30:55'],
    emit: makeTimespan,
  })),
  ...unixUnits.map(([unit, multiplier, divisor, example]): ScalarFunction => ({
    name: `unixtime_${unit}_todatetime`,
    doc: `A datetime from ${unit} since 1970.`,
    example: [`unixtime_${unit}_todatetime(${example})`, '2019-01-01T00:00:00.0000000Z'],
    emit: (args) => fromUnix(argument(args, 0), multiplier, divisor),
  })),
  {
    name: 'bin_at',
    doc: 'Rounds down to a multiple of a size, counted from a fixed point.',
    example: ['bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))', '2017-05-14T00:00:00.0000000Z'],
    emit: binAt,
  },
]

function binAt(args: readonly Operand[], site: CallSite): SqlExpression {
  const [value, size, point] = [argument(args, 0), argument(args, 1), argument(args, 2)]
  if (value.type === 'datetime' || value.type === 'timespan') {
    if (size.type !== 'timespan')
      return site.refuse('unsupported-argument', `bin_at of a ${value.type} by ${size.type}`)
    const ticks = (item: Operand): SqlExpression =>
      value.type === 'datetime' ? datetimeToTicks(convert(item, 'datetime')) : convert(item, 'timespan')
    const start = wholeBin(ticks(value), size.sql, ticks(point))
    return value.type === 'datetime' ? ticksToDatetime(start) : start
  }
  if (site.type === 'int' || site.type === 'long') {
    return cast(
      wholeBin(convert(value, 'long'), convert(size, 'long'), convert(point, 'long')),
      physicalTypes[site.type],
    )
  }
  if (site.type !== 'real')
    return site.refuse('unsupported-argument', `bin_at of ${site.type} is not supported`)
  const [step, from] = [convert(size, 'real'), convert(point, 'real')]
  const steps = call('floor', call('divide', call('minus', convert(value, 'real'), from), step))
  return when(call('greater', step, 0), call('plus', from, call('multiply', steps, step)), nothing)
}

function wholeBin(value: SqlExpression, size: SqlExpression, point: SqlExpression): SqlExpression {
  const step = when(call('greater', size, 0), size, integer(1))
  const rest = call('positiveModulo', call('minus', value, point), step)
  return when(call('greater', size, 0), call('minus', value, rest), nothing)
}
