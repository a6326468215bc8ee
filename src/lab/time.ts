export const secondMs = 1000
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

let cachedSecond = -1
let cachedPrefix = ''

/** ISO 8601 in UTC with the seven digits that Azure writes; the last four follow from the milliseconds. */
export function isoTicks(timeMs: number): string {
  const second = Math.floor(timeMs / secondMs)
  if (second !== cachedSecond) {
    cachedSecond = second
    cachedPrefix = new Date(second * secondMs).toISOString().slice(0, 19)
  }
  return `${cachedPrefix}.${fraction(timeMs)}`
}

/** The same instant with a `Z`. */
export function isoTicksZ(timeMs: number): string {
  return `${isoTicks(timeMs)}Z`
}

/** An instant that is exact to the millisecond, such as the end of a span. */
export function isoExactZ(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '0000Z')
}

/** ISO 8601 in UTC to the second, as Microsoft Graph writes times. */
export function isoSecondsZ(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

/** US text without a zone: `4/14/2025 11:17:05 AM`. */
export function usTime(timeMs: number): string {
  const date = new Date(timeMs)
  const hour = date.getUTCHours()
  const clock = `${hour % 12 || 12}:${twoDigits[date.getUTCMinutes()]}:${twoDigits[date.getUTCSeconds()]}`
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${clock} ${hour < 12 ? 'AM' : 'PM'}`
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** RFC 850, as classic storage logs write last-modified times: `Tuesday, 25-Jun-19 14:56:54 GMT`. */
export function rfc850(timeMs: number): string {
  const [, day, month, year, clock] = new Date(timeMs).toUTCString().split(' ')
  return `${weekdays[new Date(timeMs).getUTCDay()]}, ${day}-${month}-${year?.slice(2)} ${clock} GMT`
}

/** The folders of an hour in a diagnostic archive. */
export function hourFolders(timeMs: number): string {
  const iso = new Date(timeMs).toISOString()
  return `y=${iso.slice(0, 4)}/m=${iso.slice(5, 7)}/d=${iso.slice(8, 10)}/h=${iso.slice(11, 13)}/m=00`
}

export function startOfHour(timeMs: number): number {
  return timeMs - (timeMs % hourMs)
}

export function startOfDay(timeMs: number): number {
  return timeMs - (timeMs % dayMs)
}

/** 1 on Monday to 5 on Friday at the given offset from UTC in hours; false at the weekend. */
export function isWorkday(timeMs: number, offsetHours: number): boolean {
  const day = new Date(timeMs + offsetHours * hourMs).getUTCDay()
  return day >= 1 && day <= 5
}

function fraction(timeMs: number): string {
  const milliseconds = timeMs % secondMs
  const ticks = (Math.imul((timeMs % 1_000_000_007) | 0, 0x9e3779b1) >>> 0) % 10_000
  return String(10_000_000 + milliseconds * 10_000 + ticks).slice(1)
}
