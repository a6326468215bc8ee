/** A time of a log to the minute, as `2026-02-22 10:05`; `-` for none. */
export function minuteText(time: string): string {
  return time === '' ? '-' : time.slice(0, 16).replace('T', ' ')
}

/** A time of a log to the second. */
export function secondText(time: string): string {
  return time.slice(0, 19).replace('T', ' ')
}
