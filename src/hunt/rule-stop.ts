import { LimitError } from '../engine/errors.ts'
import { RunRefused } from './rule-query.ts'

/** A rule went beyond its share. */
export class LimitReached extends Error {
  constructor(limit: string) {
    super(`stopped by its limit: ${limit}`)
  }
}

/** Why a rule stopped. */
export function messageOf(error: unknown): string {
  if (error instanceof LimitError) return `stopped by its limit: ${error.message}`
  if (error instanceof LimitReached || error instanceof RunRefused || error instanceof Error)
    return error.message
  return String(error)
}
