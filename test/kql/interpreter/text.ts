import type { KqlType } from '../../../src/kql/types.ts'
import { Unknown, isArray, isBag, type Value } from './value.ts'

export const ticksPerSecond = 10_000_000n
export const ticksPerDay = 864_000_000_000n
export const highestDatetime = 3_155_378_975_999_999_999n
const epoch = 621_355_968_000_000_000n

/** The text of a value, as `tostring` gives it. */
export function textOf(value: Value, type: KqlType): string {
  if (value === null) return ''
  if (hasOddReal(value)) throw new Unknown('the text of a very large or very small real')
  if (type === 'datetime') return datetimeText(big(value))
  if (type === 'timespan') return timespanText(big(value))
  if (typeof value === 'number') return realText(value)
  if (type === 'dynamic') return typeof value === 'string' ? value : jsonOf(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : jsonOf(value)
}

function big(value: Value): bigint {
  if (typeof value !== 'bigint') throw new Error('no number of ticks')
  return value
}

export function jsonOf(value: Value): string {
  if (value === null) return 'null'
  if (isArray(value)) return `[${value.map((item) => jsonOf(item)).join(',')}]`
  if (isBag(value)) {
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`).join(',')}}`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number')
    return Number.isFinite(value) ? realText(value) : JSON.stringify(realText(value))
  return String(value)
}

/** `1.0`, `0.1`: the shortest digits that read back. */
export function realText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const power = exponentOf(value)
  if (power >= 15 || power < -5) return value.toExponential()
  const digits = value.toExponential().replace(/e.*$/, '').replaceAll(/[-.]/g, '').length
  const plain = power < 0 ? value.toFixed(Math.min(100, digits - 1 - power)) : String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1])
}

/** Kusto's documentation does not say from where on reals have an exponent. */
function hasOddReal(value: Value): boolean {
  if (typeof value === 'number') {
    const power = Number.isFinite(value) ? exponentOf(value) : 0
    return power >= 15 || power < -5
  }
  const items = isBag(value) ? [...value.values()] : isArray(value) ? value : []
  return items.some((item) => hasOddReal(item))
}

/** `2020-01-02T03:04:05.1234567Z` */
export function datetimeText(ticks: bigint): string {
  const { year, month, day, hour, minute, second, fraction } = clockOf(ticks)
  const two = (part: number): string => String(part).padStart(2, '0')
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${String(fraction).padStart(7, '0')}Z`
}

export interface Clock {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly fraction: number
}

export function clockOf(ticks: bigint): Clock {
  const date = new Date(Number((ticks - (ticks % ticksPerSecond) - epoch) / 10_000n))
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: Number(ticks % ticksPerSecond),
  }
}

/** Ticks of a moment; nothing where there is no such day. */
export function ticksOfDate(year: number, month: number, day: number, clock = 0n): bigint | null {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal && year >= 1 && year <= 9999 ? BigInt(date.getTime()) * 10_000n + epoch + clock : null
}

/** `[-][d.]hh:mm:ss[.fffffff]` */
export function timespanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks
  const seconds = (size % ticksPerDay) / ticksPerSecond
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n]
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':')
  const days = size / ticksPerDay
  const fraction = size % ticksPerSecond
  return `${ticks < 0n ? '-' : ''}${days > 0n ? `${days}.` : ''}${clock}${fraction > 0n ? `.${String(fraction).padStart(7, '0')}` : ''}`
}

/** Ticks since 0001-01-01 of ISO 8601 text, a year and month being enough. */
export function readDatetime(source: string): bigint | null {
  const found =
    /^\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d*)?)?)?)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(
      source,
    )
  if (!found) return null
  const [, year, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = '', zone = 'Z'] = found
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second)
  const clock = seconds * ticksPerSecond + BigInt(fraction.padEnd(7, '0'))
  const ticks = ticksOfDate(Number(year), Number(month), Number(day), clock)
  if (ticks === null || /z/i.test(zone)) return ticks
  const offset = BigInt(zone.slice(1, 3)) * 60n + BigInt(zone.slice(-2))
  return ticks - (zone.startsWith('-') ? -offset : offset) * 60n * ticksPerSecond
}

const units: readonly (readonly [RegExp, bigint])[] = [
  [/^(d|days?)$/, ticksPerDay],
  [/^(h|hrs?|hours?)$/, 3600n * ticksPerSecond],
  [/^(m|min|minutes?)$/, 60n * ticksPerSecond],
  [/^(s|sec|seconds?)$/, ticksPerSecond],
  [/^(ms|milli|millis|millisec|milliseconds?)$/, 10_000n],
  [/^(micro|micros|microsec|microseconds?)$/, 10n],
  [/^ticks?$/, 1n],
]

/** Ticks of `1d`, `2.5h`, `1.02:03:04.5`, `7` (days). */
export function readTimespan(source: string): bigint | null {
  const short = /^\s*(-?)(\d+)(?:\.(\d+))?\s*([a-z]+)\s*$/i.exec(source)
  if (short) {
    const unit = units.find(([name]) => name.test((short[4] ?? '').toLowerCase()))?.[1]
    const fraction = short[3] ?? ''
    if (unit === undefined) return null
    const size = (BigInt(`${short[2]}${fraction}`) * unit) / 10n ** BigInt(fraction.length)
    return short[1] === '-' ? -size : size
  }
  if (/^\s*-?\d+\s*$/.test(source)) return BigInt(source.trim()) * ticksPerDay
  const clock = /^\s*(-?)(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?\s*$/.exec(source)
  if (!clock) return null
  const [, sign, days = '0', hour = '0', minute = '0', second = '0', fraction = ''] = clock
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second)
  const size = BigInt(days) * ticksPerDay + seconds * ticksPerSecond + BigInt(fraction.padEnd(7, '0'))
  return sign === '-' ? -size : size
}
