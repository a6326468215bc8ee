/** Hours in milliseconds. */
export const hour = 3_600_000
export const day = 24 * hour

/** Milliseconds from one time of a log to another; NaN where one is ''. */
export function between(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from)
}

/** The earlier of two times; '' counts as none. */
export function earlier(left: string, right: string): string {
  return left === '' ? right : right === '' ? left : left < right ? left : right
}

/** The later of two times. */
export function later(left: string, right: string): string {
  return left > right ? left : right
}
