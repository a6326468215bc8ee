import { LimitError } from '../engine/errors.ts'
import { decodeRow, type Cell } from '../kql/cells.ts'
import { Refusal } from '../kql/diagnostic.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { Column, PlanNode } from '../kql/plan.ts'
import { ticksPerDay } from '../kql/types.ts'
import type { Sql } from '../sql/template.ts'
import type { Alert, ResultRow, TimedRecord } from './alert.ts'
import { alertsFrom } from './alerts.ts'
import { chainOf, leavesOf, readClock, requiredChains, withoutTimeBounds, type Clock } from './clock.ts'
import { entitiesOf } from './entities.ts'
import { Gathering } from './gather.ts'
import { noRuns, type HuntContext, type RuleOutcome, type RuleRuns } from './hunt-context.ts'
import type { Rule } from './rule.ts'
import { RunRefused, spanParameters, within, type RuleQuery, type Span } from './rule-query.ts'
import { countedParts, runsPlan, runsWithRows } from './run-plans.ts'
import { planRuns, runOf, runsBetween, ticksOf, ticksPerMs, type Plan } from './runs.ts'
import { isTriggered } from './trigger.ts'

export type Ask = (sql: Sql, parameters: Readonly<Record<string, string>>) => Promise<TextRows>

/** One rule's runs over the evidence. */
export class RuleHunt {
  readonly clock: Clock
  runs: RuleRuns = noRuns
  readonly #rule: Rule
  readonly #query: RuleQuery
  readonly #ask: Ask
  readonly #context: HuntContext
  readonly #plan: Plan
  readonly #gathering: Gathering
  #isTogether = false

  constructor(rule: Rule, query: RuleQuery, ask: Ask, context: HuntContext) {
    this.#rule = rule
    this.#query = query
    this.#ask = ask
    this.#context = context
    this.clock = readClock(query.compiled.plan)
    this.#plan = planRuns(rule, this.clock)
    const { columns } = query.compiled
    this.#gathering = new Gathering(({ cells }) => entitiesOf(rule, columns, cells), this.#plan.reach)
  }

  get form(): RuleOutcome['form'] {
    if (this.#query.isPerRun) return 'recompiled'
    if (this.#isWhole) return 'whole'
    return this.#isTogether ? 'together' : 'runs'
  }

  /** Makes the runs; gives the reason where they had to stop. */
  async run(deadline: number): Promise<string | undefined> {
    try {
      if (this.#isWhole) await this.#runWhole()
      else await this.#runMany(deadline)
      return undefined
    } catch (error) {
      this.#context.signal?.throwIfAborted()
      return messageOf(error)
    }
  }

  alerts(): readonly Alert[] {
    const { since, until, evidence } = this.#context
    const { compiled, text } = this.#query
    const lost = compiled.evidence?.given === true ? {} : { evidenceQuery: text }
    const alerts = alertsFrom(this.#gathering.findings, {
      rule: this.#rule,
      columns: compiled.columns,
      evidenceStart: evidence.first,
      reach: this.form === 'whole' ? undefined : this.#plan.reach,
      ...lost,
    })
    return alerts.filter(
      ({ start, end }) =>
        (since === undefined || ticksOf(end) > since) && (until === undefined || ticksOf(start) <= until),
    )
  }

  /** Whether one query over all evidence gives what the runs would: each row by itself, and the first is an alert. */
  get #isWhole(): boolean {
    const { trigger } = this.#rule
    if (this.#query.isPerRun) return false
    if (this.#plan.step === undefined) return true
    const isFirst = trigger.operator === 'gt' && trigger.threshold === 0
    return this.clock.isRowLocal && isFirst && this.#query.compiled.evidence?.given === true
  }

  async #runWhole(): Promise<void> {
    const { compiler, evidence } = this.#context
    const { compiled } = this.#query
    const { step } = this.#plan
    const plan = step === undefined ? compiled.plan : withoutTimeBounds(compiled.plan)
    const sql =
      step === undefined
        ? compiled.sql
        : await compiler.emit(plan, { evidence: true, rows: within(this.#context.rows) })
    const rows = this.#rows(
      await this.#ask(sql, spanParameters({ from: evidence.first - 1n, now: evidence.last })),
    )
    this.runs = { ...noRuns, planned: 1, active: 1, made: 1 }
    if (step === undefined) {
      if (isTriggered(this.#rule.trigger, rows.length)) this.#add(evidence.last, rows)
      return
    }
    const runs = Map.groupBy(rows, ({ records }) => runOf(records[0]?.time ?? evidence.last, step))
    for (const now of [...runs.keys()].toSorted((a, b) => (a < b ? -1 : 1))) {
      if (!this.#isSuppressed(now)) this.#add(now, runs.get(now) ?? [])
    }
  }

  async #runMany(deadline: number): Promise<void> {
    const { evidence, isFast, limits, since, until } = this.#context
    const { step } = this.#plan
    if (step === undefined) throw new Error('runs without a step')
    const first = since !== undefined && since > evidence.first ? since + 1n : evidence.first
    const last = until !== undefined && until < evidence.last ? until : evidence.last
    const planned = first > last ? [] : [...runsBetween(first, last, step)]
    const { active, rows } = await this.#active(planned, step, { from: first - 1n, now: last })
    this.runs = { ...noRuns, planned: planned.length, active: active.length }
    if (await this.#runTogether(planned, new Set(active), rows)) return
    await this.#runSteps(isFast ? evenly(active, limits.fastRuns) : active, deadline)
  }

  /** Makes all runs in one query; false where that cannot be done. */
  async #runTogether(
    planned: readonly bigint[],
    active: ReadonlySet<bigint>,
    rows: number,
  ): Promise<boolean> {
    const { step, reach } = this.#plan
    const { compiled, isPerRun } = this.#query
    const chain = isPerRun || compiled.evidence?.given !== true ? undefined : chainOf(compiled.plan)
    const [first, last] = [planned[0], planned.at(-1)]
    if (!chain || step === undefined || first === undefined || last === undefined || !this.#needsRows)
      return false
    const far = smallest(reach, chain.reach)
    if (active.size <= fewRuns || far === undefined || rows * Number(far / step + 1n) > mostCopies)
      return false
    const plan = runsPlan(chain, compiled.columns, step, far)
    const parameters = { ...spanParameters({ from: first - far, now: last }), first: String(first) }
    const found = await this.#tryTogether(plan, parameters, true)
    if (!found) return false
    const byRun = Map.groupBy(found, (row) => BigInt(row[compiled.columns.length] ?? '0'))
    for (const now of [...active].toSorted((a, b) => (a < b ? -1 : 1)))
      this.#made(now, this.#rows(byRun.get(now) ?? []))
    this.#isTogether = true
    return true
  }

  async #runSteps(chosen: readonly bigint[], deadline: number): Promise<void> {
    const { evidence, signal } = this.#context
    const { reach } = this.#plan
    for (const now of chosen) {
      signal?.throwIfAborted()
      if (performance.now() > deadline) throw new LimitReached('time')
      if (this.#isSuppressed(now)) continue
      const span = { from: reach === undefined ? evidence.first - 1n : now - reach, now }
      const { sql } = await this.#query.at(span)
      this.#made(now, this.#rows(await this.#ask(sql, spanParameters(span))), false)
    }
  }

  /** Takes in what a run gave. */
  #made(now: bigint, rows: readonly ResultRow[], isUnasked = true): void {
    if (isUnasked && this.#isSuppressed(now)) return
    const { reach } = this.#plan
    const isWithout = reach !== undefined && this.#context.evidence.first > now - reach
    this.runs = {
      ...this.runs,
      made: this.runs.made + 1,
      withoutBaseline: this.runs.withoutBaseline + (isWithout ? 1 : 0),
    }
    if (isTriggered(this.#rule.trigger, rows.length)) this.#add(now, rows)
  }

  /** Whether a run over nothing new finds nothing new: not where few rows, or none, are the finding. */
  get #needsRows(): boolean {
    return !isTriggered(this.#rule.trigger, 0)
  }

  /** The runs whose recent part holds a row that can take part in the result, and how many such rows there are. */
  async #active(
    planned: readonly bigint[],
    step: bigint,
    span: Span,
  ): Promise<{ readonly active: readonly bigint[]; readonly rows: number }> {
    const all = { active: planned, rows: Number.POSITIVE_INFINITY }
    if (!this.#needsRows) return all
    const first = await this.#firstSeen(step, span)
    const { reach } = this.#plan
    const recent = new Set<bigint>()
    const required: (readonly bigint[])[] = []
    let rows = 0
    const earliest = reach === undefined ? this.#context.evidence.first - 1n : span.from - reach
    const leaves = leavesOf(this.#query.compiled.plan)
    // A query of no table has nothing to wait for.
    if (leaves.length === 0) return all
    for (const { plan, isRequired, isAgainst } of leaves) {
      const counted = await this.#askPlan(countedParts(plan, step, []), { ...span, from: earliest })
      const parts = counted.map(([text]) => ticksOf(text ?? ''))
      for (const [, count] of counted) rows += Number(count)
      if (!isAgainst) for (const part of parts) recent.add(part + step)
      if (isRequired) required.push(parts.toSorted((a, b) => (a < b ? -1 : 1)))
    }
    const active = planned.filter(
      (now) =>
        recent.has(now) &&
        first?.has(now) !== false &&
        required.every((parts) => hasPart(parts, now, reach === undefined ? undefined : now - reach - step)),
    )
    return { active: await this.#withRequired(active, step, rows), rows }
  }

  /** Of runs, those in which every input has rows without which there is no result. */
  async #withRequired(active: readonly bigint[], step: bigint, rows: number): Promise<readonly bigint[]> {
    const { plan } = this.#query.compiled
    const { reach } = this.#plan
    const [first, last] = [active[0], active.at(-1)]
    if (first === undefined || last === undefined || active.length <= fewRuns) return active
    let left = active
    for (const { plan: required, chain } of requiredChains(plan)) {
      const far = smallest(reach, chain.reach)
      if (required === plan || far === undefined || rows * Number(far / step + 1n) > mostCopies) continue
      const found = await this.#tryTogether(runsWithRows(chain, required.columns, step, far), {
        ...{ ...spanParameters({ from: first - far, now: last }), first: String(first) },
      })
      if (!found) continue
      const runs = new Set(found.map(([run]) => BigInt(run ?? '0')))
      left = left.filter((now) => runs.has(now))
    }
    return left
  }

  /** Asks a plan over all runs; nothing where it cannot be made for each run by itself, or takes too much. */
  async #tryTogether(
    plan: PlanNode,
    parameters: Readonly<Record<string, string>>,
    evidence = false,
  ): Promise<TextRows | undefined> {
    try {
      const rows = within(this.#context.rows)
      return await this.#ask(await this.#context.compiler.emit(plan, { evidence, rows }), parameters)
    } catch (error) {
      this.#context.signal?.throwIfAborted()
      if (error instanceof Refusal || error instanceof LimitError) return undefined
      throw error
    }
  }

  /** With `firstSeen`: the runs that see values for the first time. Nothing where that cannot be told beforehand. */
  async #firstSeen(step: bigint, span: Span): Promise<ReadonlySet<bigint> | undefined> {
    const { firstSeen, query, schedule } = this.#rule
    if (!firstSeen || !schedule || step !== BigInt(schedule.frequencyMs) * ticksPerMs) return undefined
    const compiled = await this.#context.compiler.compile(query, {
      now: 'parameter',
      rows: within(this.#context.rows),
    })
    if (!compiled.ok || compiled.readsClock || !readClock(compiled.plan).isRowLocal) return undefined
    const keys = firstSeen.by.flatMap((name) => compiled.columns.find((column) => column.name === name) ?? [])
    if (keys.length !== firstSeen.by.length || keys.some(({ type }) => type === 'dynamic')) return undefined
    const days = BigInt(firstSeen.days) * ticksPerDay
    // What was before the first run counts as well.
    const rows = await this.#askPlan(countedParts(compiled.plan, step, keys), {
      ...span,
      from: span.from - days - step,
    })
    const parts = Map.groupBy(rows, (row) => JSON.stringify(row.slice(2, -1)))
    const runs = new Set<bigint>()
    for (const group of parts.values()) {
      const seen = group.map((row) => [ticksOf(row[0] ?? ''), ticksOf(row.at(-1) ?? '')] as const)
      let before: bigint | undefined
      for (const [start, last] of seen.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (before === undefined || before <= start - days) runs.add(start + step)
        before = last
      }
    }
    return runs
  }

  async #askPlan(plan: PlanNode, span: Span): Promise<TextRows> {
    const sql = await this.#context.compiler.emit(plan, { rows: within(this.#context.rows) })
    return await this.#ask(sql, spanParameters(span))
  }

  #isSuppressed(now: bigint): boolean {
    const { suppressionMs } = this.#rule
    const last = this.#gathering.findings.at(-1)?.now
    if (suppressionMs === undefined || last === undefined || now <= last) return false
    const isSilent = now - last < BigInt(suppressionMs) * ticksPerMs
    if (isSilent) this.runs = { ...this.runs, suppressed: this.runs.suppressed + 1 }
    return isSilent
  }

  #add(now: bigint, rows: readonly ResultRow[]): void {
    this.#gathering.add(now, rows)
    if (this.#gathering.findings.length > this.#context.limits.findings) {
      this.#gathering.findings.length = this.#context.limits.findings
      throw new LimitReached(`${this.#context.limits.findings} findings`)
    }
  }

  #rows(rows: TextRows): readonly ResultRow[] {
    const { columns, evidence } = this.#query.compiled
    return rows.map((row) => rowOf(row, columns, evidence?.given === true))
  }
}

/** So few runs are asked one by one. */
const fewRuns = 3
/** Rows, each counted once for every run that sees it, that one query may work on. */
const mostCopies = 20_000_000

function smallest(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a
}

/** Whether sorted parts hold one that begins before a time and after another. */
function hasPart(parts: readonly bigint[], before: bigint, after: bigint | undefined): boolean {
  let low = 0
  let high = parts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((parts[middle] ?? before) < before) low = middle + 1
    else high = middle
  }
  const last = parts[low - 1]
  return last !== undefined && (after === undefined || last > after)
}

/** A rule went beyond its share. */
class LimitReached extends Error {
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

function rowOf(row: readonly (string | null)[], columns: readonly Column[], isTraced: boolean): ResultRow {
  const cells: readonly Cell[] = decodeRow(row, columns)
  if (!isTraced) return { cells, records: [], count: 0 }
  // Compiled SQL gives this shape.
  const parsed = JSON.parse(row.at(-2) ?? '[]') as readonly (readonly [
    string,
    string,
    string,
    string,
    string,
  ])[]
  const records = parsed.map(([evidenceId, record, ordinal, table, time]): TimedRecord => ({
    table,
    evidenceId,
    record: Number(record),
    ordinal: Number(ordinal),
    time: BigInt(time),
  }))
  return { cells, records, count: Number(row.at(-1)) }
}

/** So many of a list at most, evenly from all of it, the last among them. */
function evenly(items: readonly bigint[], most: number): readonly bigint[] {
  if (items.length <= most) return items
  return Array.from(
    { length: most },
    (_, index) => items[Math.floor(((index + 1) * items.length) / most) - 1] ?? 0n,
  )
}
