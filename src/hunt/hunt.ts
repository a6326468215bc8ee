import type { AskOptions } from '../case/ask.ts'
import type { Case } from '../case/case.ts'
import type { CompileOptions, Compiler } from '../kql/compile.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { TableSummary } from '../case/summary.ts'
import { storeAlerts, withoutOurs } from './alert-store.ts'
import { coverageOf, logSpans, type Coverage } from './coverage.ts'
import type { RefusedRule, Rule } from './rule.ts'
import { ticksPerMs } from './runs.ts'
import { huntRule } from './hunt-rule.ts'
import {
  fastLimits,
  huntLimits,
  type HuntContext,
  type HuntLimits,
  type RuleOutcome,
} from './hunt-context.ts'

export interface HuntOptions {
  readonly rules: readonly Rule[]
  readonly refused?: readonly RefusedRule[]
  /** Ticks since 1970: only what happened later, and up to. */
  readonly since?: bigint
  readonly until?: bigint
  readonly isFast?: boolean
  /** Whether alerts are written to the case; they are unless the form is coarse. */
  readonly keepsAlerts?: boolean
  /** Rules at work at once: their runs are short, and much of each is spent between two of them. */
  readonly atOnce?: number
  /** Rules may also ask what earlier hunts found. */
  readonly includesAlerts?: boolean
  /** Files that rules may name: as `query` takes them. */
  readonly files?: Pick<AskOptions, 'external' | 'geoip' | 'onRead'>
  readonly limits?: HuntLimits
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: HuntProgress) => void
}

export interface HuntProgress {
  readonly done: number
  readonly total: number
  readonly rule: string
  readonly alerts: number
}

/** A rule's outcome, and whether the logs that it needs were there. */
export type HuntedRule = RuleOutcome & { readonly coverage: Coverage }

export interface Hunt {
  /** In the order of the rules. */
  readonly outcomes: readonly HuntedRule[]
  readonly refused: readonly RefusedRule[]
  /** Records among which was hunted. */
  readonly events: number
  /** What was written: nothing by the coarse form, whose findings are not all. */
  readonly stored: { readonly added: number; readonly changed: number } | undefined
  /** What the evidence holds. */
  readonly tables: readonly TableSummary[]
  readonly evidence: { readonly first: bigint; readonly last: bigint } | undefined
  readonly ms: number
}

/** Runs rules over the evidence of a case, as time passed in it. */
export async function hunt(opened: Case, options: HuntOptions): Promise<Hunt> {
  const started = performance.now()
  const [{ engine, compiler }, tables, evidence] = await Promise.all([
    opened.workbench(),
    opened.tables(),
    opened.evidenceSpan(),
  ])
  const { rules, since, until, isFast = false, signal, onProgress } = options
  const events = tables.reduce((sum, { rows }) => sum + rows, 0)
  const limits = isFast ? fastLimits(options.limits ?? huntLimits, events) : (options.limits ?? huntLimits)
  const texts = rules.map(({ query }) => query)
  const context: HuntContext = {
    compiler: withFiles(compiler, await opened.files(texts, options.files ?? {})),
    evidence: evidence ?? { first: 0n, last: 0n },
    isFast,
    limits,
    rows: options.includesAlerts === true ? () => undefined : withoutOurs,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(signal ? { signal } : {}),
    ask: async (sql, parameters, runLimits) => {
      const stream = await engine.reader.query(sql, {
        parameters,
        limits: { ...runLimits, rows: limits.findings * 2 },
        ...(signal ? { signal } : {}),
      })
      // Compiled SQL gives texts and nulls.
      return (await Array.fromAsync(stream.rows)) as TextRows
    },
  }
  const outcomes: RuleOutcome[] = []
  // Those that read most come first, so that none of them is left alone at the end.
  const sizes = new Map(tables.map(({ table, rows }) => [table, rows]))
  const size = ({ logs }: Rule): number => logs.reduce((sum, { table }) => sum + (sizes.get(table) ?? 0), 0)
  const queue = [...rules.entries()].toSorted(([, one], [, other]) => size(other) - size(one))
  let done = 0
  let alerts = 0
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, rule] = next
      signal?.throwIfAborted()
      const outcome = await huntRule(rule, context)
      outcomes[index] = outcome
      done += 1
      alerts += outcome.alerts.length
      onProgress?.({ done, total: rules.length, rule: rule.name, alerts })
    }
  }
  await Promise.all(Array.from({ length: options.atOnce ?? 3 }, () => work()))
  const caseTables = await opened.logTables()
  const spans = await logSpans(engine.owner, caseTables)
  const window = windowOf(context)
  const hunted = outcomes.map((outcome): HuntedRule => {
    const logs = outcome.rule.logs.length > 0 ? outcome.rule.logs : outcome.tables.map((table) => ({ table }))
    return { ...outcome, coverage: coverageOf(logs, spans, window) }
  })
  const stored =
    isFast || options.keepsAlerts === false
      ? undefined
      : await storeAlerts(
          engine.owner,
          outcomes.flatMap((outcome) => outcome.alerts),
        )
  return {
    outcomes: hunted,
    refused: options.refused ?? [],
    events,
    stored,
    tables,
    evidence,
    ms: Math.round(performance.now() - started),
  }
}

/** The same compiler, for queries that may name files. */
function withFiles(compiler: Compiler, files: Pick<CompileOptions, 'external' | 'geoip'>): Compiler {
  return {
    ...compiler,
    compile: (text, options) => compiler.compile(text, { ...files, ...options }),
    emit: (plan, options) => compiler.emit(plan, { ...(files.geoip && { geoip: files.geoip }), ...options }),
  }
}

function windowOf({ evidence, since, until }: HuntContext): {
  readonly firstMs: number
  readonly lastMs: number
} {
  const first = since === undefined || since < evidence.first ? evidence.first : since
  const last = until === undefined || until > evidence.last ? evidence.last : until
  return { firstMs: Number(first / ticksPerMs), lastMs: Number(last / ticksPerMs) }
}
