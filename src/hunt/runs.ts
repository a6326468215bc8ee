import { ticksPerDay, unixEpochTicks } from '../kql/types.ts'
import type { Clock } from './clock.ts'
import type { Rule } from './rule.ts'
import { reachOf } from './rule-text.ts'

export const ticksPerMs = 10_000n

/** When a rule runs over evidence, and how far a run sees; in ticks since 1970. */
export interface Plan {
  /** From one run to the next: nothing where one run sees all. */
  readonly step: bigint | undefined
  /** How far back a run sees: nothing where it sees all that was before. */
  readonly reach: bigint | undefined
  /** How many ticks before a multiple of the step runs stand: one where what they see is to be made of whole bins of time. */
  readonly edge: bigint
}

/**
 * Runs follow one another by the smaller of the rule's frequency, its period, and the shortest look-back in its query, so
 * that every instant lies in the recent part of some run. A rule that counts what it sees for the first time by `bins`
 * (ticks) of time is to see whole ones: the last instant of a bin is the last that a run sees.
 */
export function planRuns(rule: Rule, clock: Clock, bins?: bigint): Plan {
  const reachMs = reachOf(rule)
  const reach = Number.isFinite(reachMs) ? BigInt(reachMs) * ticksPerMs : undefined
  const frequency = rule.schedule && BigInt(rule.schedule.frequencyMs) * ticksPerMs
  const shortest = clock.lookBacks[0]
  const candidates = [frequency, reach, shortest].filter((item) => item !== undefined && item > 0n)
  if (!rule.schedule && !clock.readsClock) return { step: undefined, reach: undefined, edge: 0n }
  const step = candidates.reduce<bigint | undefined>(smaller, undefined)
  const isWhole = bins !== undefined && step !== undefined && step % bins === 0n && ticksPerDay % bins === 0n
  return { step, reach, edge: isWhole ? 1n : 0n }
}

function smaller(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

/** The first run whose recent part holds an instant. Runs stand at multiples of the step since the year 1 (less the edge), wherever evidence begins. */
export function runOf(instant: bigint, step: bigint, edge = 0n): bigint {
  const since = instant + edge + unixEpochTicks
  return ((since + step - 1n) / step) * step - unixEpochTicks - edge
}

/** The times of all runs that are needed for evidence from `first` to `last`. */
export function* runsBetween(first: bigint, last: bigint, step: bigint, edge = 0n): Generator<bigint> {
  const end = runOf(last, step, edge)
  for (let now = runOf(first, step, edge); now <= end; now += step) yield now
}

/** Ticks of a datetime as a compiled query prints it: `2026-03-02T09:30:00.0000000Z`. */
export function ticksOf(text: string): bigint {
  const fraction = /\.(\d{1,7})/.exec(text)?.[1] ?? ''
  const seconds = Date.parse(text.replace(/\.\d+/, ''))
  return BigInt(seconds) * ticksPerMs + BigInt(fraction.padEnd(7, '0'))
}

/** A time as Kusto prints it. */
export function timeText(ticks: bigint): string {
  const milliseconds = ticks / ticksPerMs - (ticks % ticksPerMs < 0n ? 1n : 0n)
  const rest = ticks - milliseconds * ticksPerMs
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -1)}${rest.toString().padStart(4, '0')}Z`
}
