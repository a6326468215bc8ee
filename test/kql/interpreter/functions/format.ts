import { count, has, strict, text, tick, whole } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { clockOf, ticksPerDay, ticksPerSecond } from '../text.ts'
import { Unknown, type Value } from '../value.ts'

/** Runs of one letter are fields, all else stands for itself. */
function formatted(format: string, field: (letter: string, length: number) => string | undefined): string {
  return format.replaceAll(/([a-zA-Z])\1*/g, (run) => field(run[0] ?? '', run.length) ?? run)
}

function fraction(ticks: number, length: number, isTrimmed: boolean): string {
  const digits = String(ticks).padStart(7, '0').slice(0, length)
  return isTrimmed ? digits.replace(/0+$/, '') : digits
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0')
}

function formatDatetime(call: Call): Value {
  const [moment] = call.values
  if (moment === null) return ''
  const clock = clockOf(tick(moment))
  return formatted(text(call, 1), (letter, length) => {
    if (letter === 'y') {
      if (length === 3 || length > 4) throw new Unknown('an odd year')
      return length === 4 ? padded(clock.year, 4) : padded(clock.year % 100, length)
    }
    if (letter === 't') return clock.hour < 12 ? 'AM' : 'PM'
    if (letter === 'f' || letter === 'F') return fraction(clock.fraction, length, letter === 'F')
    const fields: Readonly<Record<string, number>> = {
      M: clock.month,
      d: clock.day,
      H: clock.hour,
      h: clock.hour % 12 === 0 ? 12 : clock.hour % 12,
      m: clock.minute,
      s: clock.second,
    }
    const value = fields[letter]
    // Longer runs are pairs, and one more where the length is odd.
    const pairs = value === undefined ? '' : padded(value, 2).repeat(Math.floor(length / 2))
    return value === undefined ? undefined : pairs + (length % 2 === 1 ? String(value) : '')
  })
}

function formatTimespan(call: Call): Value {
  const [span] = call.values
  if (span === null) return ''
  const ticks = tick(span)
  const size = ticks < 0n ? -ticks : ticks
  const seconds = Number((size % ticksPerDay) / ticksPerSecond)
  const fields: Readonly<Record<string, number>> = {
    d: Number(size / ticksPerDay),
    h: Math.floor(seconds / 3600),
    H: Math.floor(seconds / 3600),
    m: Math.floor(seconds / 60) % 60,
    s: seconds % 60,
  }
  const shown = formatted(text(call, 1), (letter, length) => {
    if (letter === 'f' || letter === 'F')
      return fraction(Number(size % ticksPerSecond), length, letter === 'F')
    const value = fields[letter]
    return value === undefined ? undefined : padded(value, length)
  })
  return ticks < 0n ? `-${shown}` : shown
}

const sizes = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

function formatBytes(call: Call): Value {
  const value = Number(call.values[0])
  const digits = count(call, 1)
  if (call.values[0] === null || has(call, 2)) throw new Unknown('format_bytes of that')
  let [size, unit] = [value, 0]
  while (Math.abs(size) >= 1024 && unit < sizes.length - 1) [size, unit] = [size / 1024, unit + 1]
  const rounded = Math.round(size * 10 ** digits) / 10 ** digits
  return `${String(rounded)} ${sizes[unit]}`
}

export const formatFunctions: Readonly<Record<string, Meaning>> = {
  format_datetime: formatDatetime,
  format_timespan: formatTimespan,
  format_bytes: formatBytes,
  tohex: strict((call) => {
    const digits = BigInt.asUintN(call.types[0] === 'int' ? 32 : 64, whole(call, 0) ?? 0n).toString(16)
    return digits.padStart(count(call, 1), '0')
  }),
  make_timespan: strict((call) => {
    const numbers = call.values.map((value) => Number(value))
    if (!numbers.every((number) => Number.isInteger(number))) throw new Unknown('parts of a second')
    const [day = 0, hour = 0, minute = 0, second = 0] = numbers.length > 3 ? numbers : [0, ...numbers]
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || day < 0)
      return null
    return BigInt(day) * ticksPerDay + BigInt(hour * 3600 + minute * 60 + second) * ticksPerSecond
  }),
}
