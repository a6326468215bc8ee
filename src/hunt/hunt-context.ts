import type { Compiler } from '../kql/compile.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { RowCondition } from '../kql/emitter.ts'
import type { Sql } from '../sql/template.ts'
import type { Alert } from './alert.ts'
import type { Rule } from './rule.ts'

export interface HuntLimits {
  /** For all runs of one rule together. */
  readonly ruleTimeMs: number
  /** For one run. */
  readonly memoryBytes: number
  /** Findings of one rule. */
  readonly findings: number
  /** Rows, each counted once for every run that sees it, that one query for many runs may work on. */
  readonly copies: number
  /** Runs of one rule in the coarse form. */
  readonly fastRuns: number
}

export const huntLimits: HuntLimits = {
  ruleTimeMs: 300_000,
  memoryBytes: 4 * 2 ** 30,
  findings: 20_000,
  copies: 20_000_000,
  fastRuns: 24,
}

/** Limits of the coarse form: the more records there are, the fewer are looked at again and again. */
export function fastLimits(limits: HuntLimits, events: number): HuntLimits {
  const runs = Math.max(fewestFastRuns, Math.floor(fastRecords / Math.max(1, events)))
  return { ...limits, copies: limits.copies / 10, fastRuns: Math.min(limits.fastRuns, runs) }
}

const fewestFastRuns = 4
/** How many records the runs of one rule look at, if each looks at all. */
const fastRecords = 40_000_000

export interface HuntContext {
  readonly compiler: Compiler
  readonly ask: (
    sql: Sql,
    parameters: Readonly<Record<string, string>>,
    limits: RunLimits,
  ) => Promise<TextRows>
  /** When the evidence begins and ends, in ticks. */
  readonly evidence: { readonly first: bigint; readonly last: bigint }
  /** Only what happened later, and up to. */
  readonly since?: bigint
  readonly until?: bigint
  /** Of all rows, those that rules see. */
  readonly rows: RowCondition
  readonly isFast: boolean
  readonly limits: HuntLimits
  readonly signal?: AbortSignal
}

export interface RunLimits {
  readonly timeMs: number
  readonly memoryBytes: number
}

export interface RuleRuns {
  /** That the evidence needs, that had rows to look at, and that were made. */
  readonly planned: number
  readonly active: number
  readonly made: number
  /** Made before the evidence reached back as far as the rule looks. */
  readonly withoutBaseline: number
  /** Left out after an alert, as the rule asks. */
  readonly suppressed: number
}

export interface RuleOutcome {
  readonly rule: Rule
  readonly status: 'hit' | 'silent' | 'refused' | 'stopped'
  readonly reason?: string
  readonly alerts: readonly Alert[]
  readonly tables: readonly string[]
  readonly runs: RuleRuns
  /** How its runs were asked: once for all evidence, all in one query, each for itself, or each compiled anew. */
  readonly form: 'whole' | 'together' | 'runs' | 'recompiled'
  readonly ms: number
}

export const noRuns: RuleRuns = { planned: 0, active: 0, made: 0, withoutBaseline: 0, suppressed: 0 }
