import { ticksPerDay, ticksPerSecond, unixEpochTicks } from './types.ts'

const microtick = 10_000n
const units: Readonly<Record<string, bigint>> = {
  d: ticksPerDay,
  day: ticksPerDay,
  days: ticksPerDay,
  h: 36_000_000_000n,
  hr: 36_000_000_000n,
  hrs: 36_000_000_000n,
  hour: 36_000_000_000n,
  hours: 36_000_000_000n,
  m: 600_000_000n,
  min: 600_000_000n,
  minute: 600_000_000n,
  minutes: 600_000_000n,
  s: ticksPerSecond,
  sec: ticksPerSecond,
  second: ticksPerSecond,
  seconds: ticksPerSecond,
  ms: microtick,
  milli: microtick,
  millis: microtick,
  millisec: microtick,
  millisecond: microtick,
  milliseconds: microtick,
  micro: 10n,
  micros: 10n,
  microsec: 10n,
  microsecond: 10n,
  microseconds: 10n,
  tick: 1n,
  ticks: 1n,
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Ticks of a timespan's text: `1d`, `2.5h`, `1.02:03:04.5`, `-3:00`, `7` (days). Nothing where it is none. */
export function parseTimespan(source: string): bigint | undefined {
  const value = source.trim()
  const unit = /^(-)?(\d+)(?:\.(\d+))?\s*([a-z]+)$/i.exec(value)
  if (unit) {
    const ticks = units[(unit[4] ?? '').toLowerCase()]
    if (ticks === undefined) return undefined
    const fraction = unit[3] ?? ''
    const total = (BigInt(unit[2] ?? '0') * 10n ** BigInt(fraction.length) + BigInt(fraction || '0')) * ticks
    return signed(unit[1], total / 10n ** BigInt(fraction.length))
  }
  if (/^-?\d+$/.test(value)) return BigInt(value) * ticksPerDay
  const clock = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(value)
  if (!clock) return undefined
  const [, sign, day, hour, minute, second, fraction] = clock
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined
  const seconds = BigInt(hour ?? 0) * 3600n + BigInt(minute ?? 0) * 60n + BigInt(second ?? 0)
  return signed(sign, BigInt(day ?? 0) * ticksPerDay + seconds * ticksPerSecond + fractionTicks(fraction))
}

/** Ticks since 1970-01-01 of a datetime's text (ISO 8601, year, US `M/D/Y`, RFC 1123). Nothing where it is none. */
export function parseDatetime(source: string): bigint | undefined {
  const value = source.trim()
  const iso =
    /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?)?)?\s*(Z|[+-]\d{1,2}:?\d{2})?$/i.exec(
      value,
    )
  if (iso) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso
    return ticksOf([year, month, day, hour, minute, second], fraction, zone)
  }
  const listed = /^(\d{4})((?:\s*,\s*\d{1,2}){2,5})$/.exec(value)
  if (listed)
    return ticksOf(
      [
        listed[1],
        ...(listed[2] ?? '')
          .split(',')
          .slice(1)
          .map((part) => part.trim()),
      ],
      undefined,
      undefined,
    )
  const american =
    /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*(AM|PM)?)?\s*(Z)?$/i.exec(
      value,
    )
  if (american) {
    const [, month, day, year, hour, minute, second, fraction, half] = american
    return ticksOf([year, month, day, twelveHour(hour, half), minute, second], fraction, undefined)
  }
  const named =
    /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3,9})\s+(\d{4}|\d{2})(?:\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?\s*(GMT|UTC|Z)?$/i.exec(
      value,
    )
  if (!named) return undefined
  const [, day, monthName, year, hour, minute, second, fraction] = named
  const month = months.indexOf((monthName ?? '').slice(0, 3).toLowerCase()) + 1
  const fullYear = year?.length === 2 ? `20${year}` : year
  return month === 0
    ? undefined
    : ticksOf([fullYear, String(month), day, hour, minute, second], fraction, undefined)
}

/** `2020-01-02 03:04:05.1234567`, as ClickHouse reads a DateTime64(7). */
export function printDatetime(ticks: bigint): string {
  const sinceYearOne = ticks + unixEpochTicks
  const fraction = ((sinceYearOne % ticksPerSecond) + ticksPerSecond) % ticksPerSecond
  const seconds = (ticks - fraction) / ticksPerSecond
  const iso = new Date(Number(seconds) * 1000).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction.toString().padStart(7, '0')}`
}

function ticksOf(
  parts: readonly (string | undefined)[],
  fraction: string | undefined,
  zone: string | undefined,
): bigint | undefined {
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    part === undefined ? undefined : Number(part),
  )
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const isReal =
    year >= 1 &&
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day
  if (!isReal || hour > 23 || minute > 59 || second > 59) return undefined
  const offset = zone === undefined || /z/i.test(zone) ? 0n : zoneTicks(zone)
  const ticks = BigInt(date.getTime()) * microtick + fractionTicks(fraction) - offset
  return ticks < -unixEpochTicks || ticks >= 2_534_023_008_000_000_000n ? undefined : ticks
}

function zoneTicks(zone: string): bigint {
  const minutes = BigInt(zone.slice(-2)) + BigInt(zone.slice(1, -2).replace(':', '')) * 60n
  return signed(zone.startsWith('-') ? '-' : undefined, minutes * 600_000_000n)
}

function twelveHour(hour: string | undefined, half: string | undefined): string | undefined {
  if (hour === undefined || half === undefined) return hour
  return String((Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0))
}

function fractionTicks(fraction: string | undefined): bigint {
  return BigInt((fraction ?? '').padEnd(7, '0').slice(0, 7))
}

function signed(sign: string | undefined, value: bigint): bigint {
  return sign === undefined ? value : -value
}

/** `2020-01-02T03:04:05.1234567Z`, as Kusto prints a datetime. */
export function isoDatetime(ticks: bigint): string {
  return `${printDatetime(ticks).replace(' ', 'T')}Z`
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as Kusto prints a timespan. */
export function printTimespan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks
  const days = size / ticksPerDay
  const seconds = (size % ticksPerDay) / ticksPerSecond
  const fraction = size % ticksPerSecond
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) =>
    part.toString().padStart(2, '0'),
  )
  const tail = fraction === 0n ? '' : `.${fraction.toString().padStart(7, '0')}`
  return `${ticks < 0n ? '-' : ''}${days === 0n ? '' : `${days}.`}${clock.join(':')}${tail}`
}
