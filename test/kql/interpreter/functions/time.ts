import { count, has, strict, text, tick } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { clockOf, highestDatetime, ticksOfDate, ticksPerDay, ticksPerSecond } from '../text.ts'
import { Unknown, type Value } from '../value.ts'

function part(read: (ticks: bigint) => Value): Meaning {
  return strict((call) => read(tick(call.values[0])))
}

/** A day that the month does not have becomes its last. */
export function addMonths(ticks: bigint, months: number): bigint | null {
  const { year, month, day } = clockOf(ticks)
  const index = year * 12 + month - 1 + months
  const [newYear, newMonth] = [Math.floor(index / 12), (index % 12) + 1]
  for (let newDay = day; newDay > 27; newDay -= 1) {
    const found = ticksOfDate(newYear, newMonth, newDay, ticks % ticksPerDay)
    if (found !== null) return found
  }
  return ticksOfDate(newYear, newMonth, Math.min(day, 27), ticks % ticksPerDay)
}

type Unit = 'day' | 'week' | 'month' | 'year'

function startOf(unit: Unit, ticks: bigint): bigint {
  const day = ticks - (ticks % ticksPerDay)
  const { year, month } = clockOf(ticks)
  if (unit === 'day') return day
  // 0001-01-01 was a Monday; weeks begin on Sunday.
  if (unit === 'week') return day - ((day / ticksPerDay + 1n) % 7n) * ticksPerDay
  return ticksOfDate(year, unit === 'year' ? 1 : month, 1) ?? 0n
}

function moved(unit: Unit, ticks: bigint, units: number): bigint | null {
  if (unit === 'month') return addMonths(ticks, units)
  if (unit === 'year') return addMonths(ticks, units * 12)
  return ticks + BigInt(units) * ticksPerDay * (unit === 'week' ? 7n : 1n)
}

function valid(ticks: bigint | null): Value {
  return ticks === null || ticks < 0n || ticks > highestDatetime ? null : ticks
}

function start(unit: Unit): Meaning {
  return strict((call) => valid(moved(unit, startOf(unit, tick(call.values[0])), count(call, 1))))
}

function end(unit: Unit): Meaning {
  return strict((call) => {
    const next = moved(unit, startOf(unit, tick(call.values[0])), count(call, 1) + 1)
    if (next === null) throw new Unknown('the end of time')
    return valid(next - 1n)
  })
}

function dayOfYear(ticks: bigint): bigint {
  return (ticks - startOf('year', ticks)) / ticksPerDay + 1n
}

/** By ISO 8601: the week of the Thursday. */
function isoWeek(ticks: bigint): bigint {
  const weekday = (ticks / ticksPerDay) % 7n
  const thursday = ticks + (3n - weekday) * ticksPerDay
  if (thursday < 0n || thursday > highestDatetime) throw new Unknown('the week at the end of time')
  return (dayOfYear(thursday) - 1n) / 7n + 1n
}

const parts: Readonly<Record<string, (ticks: bigint) => bigint>> = {
  year: (ticks) => BigInt(clockOf(ticks).year),
  quarter: (ticks) => BigInt(Math.ceil(clockOf(ticks).month / 3)),
  month: (ticks) => BigInt(clockOf(ticks).month),
  week_of_year: isoWeek,
  day: (ticks) => BigInt(clockOf(ticks).day),
  dayofyear: dayOfYear,
  hour: (ticks) => BigInt(clockOf(ticks).hour),
  minute: (ticks) => BigInt(clockOf(ticks).minute),
  second: (ticks) => BigInt(clockOf(ticks).second),
  millisecond: (ticks) => (ticks % ticksPerSecond) / 10_000n,
  microsecond: (ticks) => (ticks % ticksPerSecond) / 10n,
  nanosecond: (ticks) => (ticks % ticksPerSecond) * 100n,
}

function datetimePart(call: Call): Value {
  const read = parts[text(call, 0).toLowerCase()]
  if (!read) throw new Unknown(`part ${text(call, 0)}`)
  return call.values[1] === null ? null : read(tick(call.values[1]))
}

const lengths: Readonly<Record<string, bigint>> = {
  week: 7n * ticksPerDay,
  day: ticksPerDay,
  hour: 3600n * ticksPerSecond,
  minute: 60n * ticksPerSecond,
  second: ticksPerSecond,
  millisecond: 10_000n,
  microsecond: 10n,
}

function datetimeAdd(call: Call): Value {
  const [, amount, moment] = call.values
  if (amount === null || moment === null) return null
  const unit = text(call, 0).toLowerCase()
  const [ticks, size] = [tick(moment), count(call, 1)]
  const months = { year: 12, quarter: 3, month: 1 }[unit]
  if (months !== undefined) return valid(addMonths(ticks, months * size))
  const length = lengths[unit]
  if (unit === 'nanosecond') return valid(ticks + BigInt(size) / 100n)
  if (length === undefined) throw new Unknown(`unit ${unit}`)
  return valid(ticks + BigInt(size) * length)
}

function datetimeDiff(call: Call): Value {
  const [, later, earlier] = call.values
  if (later === null || earlier === null) return null
  const unit = text(call, 0).toLowerCase()
  const [a, b] = [tick(later), tick(earlier)]
  const months = { year: 12, quarter: 3, month: 1 }[unit]
  if (months !== undefined) {
    const index = (ticks: bigint): number =>
      Math.floor((clockOf(ticks).year * 12 + clockOf(ticks).month - 1) / months)
    return BigInt(index(a) - index(b))
  }
  // Weeks alone are reals, whatever the binder says.
  if (unit === 'week') return Number((startOf('week', a) - startOf('week', b)) / lengthOf(unit))
  if (unit === 'nanosecond') return (a - b) * 100n
  const length = lengthOf(unit)
  return a / length - b / length
}

function lengthOf(unit: string): bigint {
  const length = lengths[unit]
  if (length === undefined) throw new Unknown(`unit ${unit}`)
  return length
}

const epoch = 621_355_968_000_000_000n

function unixTime(perSecond: bigint): Meaning {
  return strict((call) => {
    const [value = null] = call.values
    if (typeof value === 'bigint') {
      const ticks =
        perSecond <= ticksPerSecond
          ? value * (ticksPerSecond / perSecond)
          : value / (perSecond / ticksPerSecond)
      return valid(epoch + ticks)
    }
    throw new Unknown('unix time of a real')
  })
}

export const timeFunctions: Readonly<Record<string, Meaning>> = {
  now: (call) =>
    has(call, 0)
      ? call.values[0] === null
        ? null
        : valid(call.scope.now + tick(call.values[0]))
      : call.scope.now,
  ago: (call) => (call.values[0] === null ? null : valid(call.scope.now - tick(call.values[0]))),
  startofday: start('day'),
  startofweek: start('week'),
  startofmonth: start('month'),
  startofyear: start('year'),
  endofday: end('day'),
  endofweek: end('week'),
  endofmonth: end('month'),
  endofyear: end('year'),
  // The very last tick of time has no day of the week: so the real engine answers.
  dayofweek: part((ticks) =>
    ticks === highestDatetime ? null : ((ticks / ticksPerDay + 1n) % 7n) * ticksPerDay,
  ),
  dayofmonth: part((ticks) => BigInt(clockOf(ticks).day)),
  dayofyear: part(dayOfYear),
  hourofday: part((ticks) => BigInt(clockOf(ticks).hour)),
  monthofyear: part((ticks) => BigInt(clockOf(ticks).month)),
  getmonth: part((ticks) => BigInt(clockOf(ticks).month)),
  getyear: part((ticks) => BigInt(clockOf(ticks).year)),
  week_of_year: part(isoWeek),
  weekofyear: part(isoWeek),
  datetime_part: datetimePart,
  datepart: datetimePart,
  datetime_add: datetimeAdd,
  datetime_diff: datetimeDiff,
  make_datetime: strict((call) => {
    const [year = 1, month = 1, day = 1, hour = 0, minute = 0] = call.values.map((value) => Number(value))
    if (has(call, 5) && call.types[5] === 'real') throw new Unknown('parts of a second')
    const second = has(call, 5) ? count(call, 5) : 0
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null
    return ticksOfDate(year, month, day, BigInt(hour * 3600 + minute * 60 + second) * ticksPerSecond)
  }),
  unixtime_seconds_todatetime: unixTime(1n),
  unixtime_milliseconds_todatetime: unixTime(1000n),
  unixtime_microseconds_todatetime: unixTime(1_000_000n),
  unixtime_nanoseconds_todatetime: unixTime(1_000_000_000n),
}
