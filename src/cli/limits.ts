import type { Limits } from '../engine/connection.ts'
import { UsageError } from './failure.ts'

/** Bounds on what a question may cost. Beyond one of them it fails; an answer is never cut short in silence. */
export type LimitOptions = {
  readonly maxTime?: string
  readonly maxMemory?: string
  readonly maxRows?: string
  readonly maxResultBytes?: string
}

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const dayMs = 24 * 3_600_000
const bytes: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Reads the limits of a command line. */
export function readLimits(options: LimitOptions): Limits {
  const { maxTime, maxMemory, maxRows, maxResultBytes } = options
  return {
    ...(maxTime !== undefined && { timeMs: duration(maxTime) }),
    ...(maxMemory !== undefined && { memoryBytes: size('--max-memory', maxMemory) }),
    ...(maxRows !== undefined && { rows: count(maxRows) }),
    ...(maxResultBytes !== undefined && { resultBytes: size('--max-result-bytes', maxResultBytes) }),
  }
}

function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const value = Number(number) * (milliseconds[unit] ?? 0)
  if (value >= 1 && value <= dayMs) return value
  throw new UsageError(
    `--max-time ${JSON.stringify(text)} is no time of up to a day`,
    'such as 500ms, 30s, 5m, 2h',
  )
}

function size(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text) ?? []
  const value = Math.floor(Number(number) * (bytes[unit.toLowerCase()] ?? 0))
  if (value >= 1 && Number.isSafeInteger(value)) return value
  throw new UsageError(`${option} ${JSON.stringify(text)} is no size`, 'such as 100000, 512MB, 2GB')
}

function count(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value
  throw new UsageError(`--max-rows ${JSON.stringify(text)} is no number of rows`, 'such as 10000')
}
