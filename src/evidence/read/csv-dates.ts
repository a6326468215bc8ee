import type { CsvLayout } from './csv-layout.ts'
import { CsvSplitter } from './csv-splitter.ts'
import type { ReadCell } from './csv-splitter.ts'
import { openText } from './encoding.ts'
import { defaultLimits } from './limits.ts'
import type { Member } from './member.ts'
import { refuse } from './problem.ts'
import type { Content } from './recognise-content.ts'

/** Which number of `4/3/2025` is the day. `ambiguous` and `conflict` need the user's word. */
export type DayOrder = 'day-first' | 'month-first' | 'iso' | 'ambiguous' | 'conflict'

// What follows the year must be a clock: `15.20.7409.028` is a version.
const numericDate = /^\s*(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d{2})(?![\d.])(,?)\s*(|\d{1,2}:\d{2}.*)$/u

/** What the dates of a file have shown so far. */
interface Evidence {
  dates: number
  firstAbove12: boolean
  secondAbove12: boolean
  dots: boolean
  /** As `M/D/YYYY, h:mm:ss AM` of a browser, or `M/D/YYYY h:mm:ss AM` with an unpadded second number. */
  american: boolean
  /** Numbers padded as en-US never does. */
  padded: boolean
}

/**
 * Settles from all dates of a CSV file whether the day or the month comes first. A number above 12 decides; else dots
 * mean day first; else US forms with AM or PM mean month first: a browser's comma with capital AM, or .NET's with a
 * second number that Australia's `d/MM/yyyy` would pad. Otherwise it stays ambiguous.
 */
export async function settleDayOrder(member: Pick<Member, 'open'>, content: Content): Promise<DayOrder> {
  if (!content.csv) return 'iso'
  const seen: Evidence = {
    dates: 0,
    firstAbove12: false,
    secondAbove12: false,
    dots: false,
    american: false,
    padded: false,
  }
  const splitter = new CsvSplitter(content.csv, defaultLimits.maxRecordBytes, (cell) => {
    note(cell, seen)
    return ''
  })
  for await (const chunk of openText(member, content.encoding).chunks) splitter.push(chunk)
  splitter.finish()
  if (seen.dates === 0) return 'iso'
  if (seen.firstAbove12 && seen.secondAbove12) return 'conflict'
  if (seen.firstAbove12) return 'day-first'
  if (seen.secondAbove12) return 'month-first'
  if (seen.dots) return 'day-first'
  return seen.american && !seen.padded ? 'month-first' : 'ambiguous'
}

function note(cell: string, seen: Evidence): void {
  if (cell.length < 8 || cell.length > 60) return
  const [, first = '', separator, second = '', , comma, rest = ''] = numericDate.exec(cell) ?? []
  if (separator === undefined) return
  seen.dates += 1
  seen.firstAbove12 ||= Number(first) > 12
  seen.secondAbove12 ||= Number(second) > 12
  seen.dots ||= separator === '.'
  const isUnpadded = second.length === 1
  seen.american ||= separator === '/' && /\d\s(?:AM|PM)\b/u.test(rest) && (comma === ',' || isUnpadded)
  seen.padded ||= second.startsWith('0')
}

/** What the user, or `settleDayOrder`, said about the dates of a CSV file. */
export interface DateReading {
  readonly dayOrder: 'day-first' | 'month-first'
  /** An IANA name such as `Europe/Rome`, for dates that name no zone; UTC otherwise. */
  readonly timeZone?: string
}

/**
 * Rewrites dates such as `4/28/2021, 2:32:14.029 PM` as ISO 8601 in UTC, and leaves all else as it is. The time zone
 * holds for the columns whose headers name one other than UTC; where no header names any, for all.
 */
export function dateReader({ dayOrder, timeZone }: DateReading, zones: CsvLayout['zones']): ReadCell {
  const format = timeZone === undefined || timeZone === 'UTC' ? undefined : zoneFormat(timeZone)
  return (cell, header) => {
    const isLocal = zones.size === 0 || (zones.get(header) ?? 'UTC') !== 'UTC'
    const zone = isLocal ? format : undefined
    const [, first = '', separator, second = '', year = '', , rest = ''] = numericDate.exec(cell) ?? []
    if (separator === undefined) return zone ? isoInZone(cell, zone) : cell
    const [month, day] = dayOrder === 'month-first' ? [first, second] : [second, first]
    const clock = readClock(rest)
    if (!clock || Number(month) > 12 || Number(day) > 31 || Number(month) < 1 || Number(day) < 1) return cell
    return asUtc(
      [Number(year), Number(month), Number(day), clock.hour, clock.minute, clock.second],
      clock.fraction,
      zone,
    )
  }
}

type Clock = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number]

function readClock(text: string) {
  if (text === '') return { hour: 0, minute: 0, second: 0, fraction: '' }
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,9})?)?\s*(am|pm)?$/iu.exec(text.trim())
  if (!match) return undefined
  const [, hour, minute, second = '0', fraction = '', half] = match
  const shift = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/iu.test(half) ? 12 : 0)
  return { hour: shift, minute: Number(minute), second: Number(second), fraction }
}

const isoWithoutZone = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?$/u

function isoInZone(cell: string, zone: Intl.DateTimeFormat): string {
  const [, year, month, day, hour, minute, second = '0', fraction = ''] = isoWithoutZone.exec(cell) ?? []
  if (year === undefined) return cell
  return asUtc(
    [Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second)],
    fraction,
    zone,
  )
}

/** The fraction is carried as text: it may have more digits than a clock. */
function asUtc(
  [year, month, day, hour, minute, second]: Clock,
  fraction: string,
  zone: Intl.DateTimeFormat | undefined,
): string {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const utc = zone ? wall - offsetAt(wall - offsetAt(wall, zone), zone) : wall
  return `${new Date(utc).toISOString().slice(0, 19)}${fraction}Z`
}

/** How far a zone's clock is ahead of UTC at a moment. */
function offsetAt(moment: number, zone: Intl.DateTimeFormat): number {
  const parts = new Map(zone.formatToParts(moment).map((part) => [part.type, Number(part.value)]))
  const read = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const wall = Date.UTC(
    read('year'),
    read('month') - 1,
    read('day'),
    read('hour'),
    read('minute'),
    read('second'),
  )
  return wall - Math.floor(moment / 1000) * 1000
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...numeric })
  } catch {
    throw refuse(
      'time-zone',
      `${JSON.stringify(timeZone)} is not a time zone`,
      'Name one as in Europe/Rome or UTC.',
    )
  }
}
