import type { TextRows } from '../kql/discovery.ts'
import { ActiveRuns, fewRuns, smallest } from './active-runs.ts'
import type { Alert, ResultRow } from './alert.ts'
import { alertsFrom } from './alerts.ts'
import { chainOf } from './chains.ts'
import { readClock, type Clock } from './clock.ts'
import { entitiesOf } from './entities.ts'
import { Gathering } from './gather.ts'
import { noRuns, type HuntContext, type RuleOutcome, type RuleRuns } from './hunt-context.ts'
import { type Ask, PlanAsker } from './plan-asker.ts'
import { resultRowOf } from './result-row.ts'
import { withoutTimeBounds } from './row-local.ts'
import type { Rule } from './rule.ts'
import { spanParameters, within, type RuleQuery } from './rule-query.ts'
import { LimitReached, messageOf } from './rule-stop.ts'
import { runsPlan } from './run-plans.ts'
import { planRuns, runOf, runsBetween, ticksOf, ticksPerMs, type Plan } from './runs.ts'
import { binsOf } from './time-bins.ts'
import { isTriggered } from './trigger.ts'

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
  readonly #asker: PlanAsker
  readonly #activeRuns: ActiveRuns
  #isTogether = false

  constructor(rule: Rule, query: RuleQuery, ask: Ask, context: HuntContext) {
    this.#rule = rule
    this.#query = query
    this.#ask = ask
    this.#context = context
    this.clock = readClock(query.compiled.plan)
    this.#plan = planRuns(rule, this.clock, query.events && binsOf(query.events.plan))
    this.#asker = new PlanAsker(ask, context)
    this.#activeRuns = new ActiveRuns(rule, query, this.#plan, context, this.#asker)
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
    if (this.#plan.step === undefined) return true
    if (this.#query.isPerRun) return false
    const isFirst = trigger.operator === 'gt' && trigger.threshold === 0
    return this.clock.isRowLocal && isFirst && this.#query.compiled.evidence?.given === true
  }

  async #runWhole(): Promise<void> {
    const { compiler, evidence } = this.#context
    const all = { from: evidence.first - 1n, now: evidence.last }
    const compiled = await this.#query.at(all)
    const { step, edge } = this.#plan
    const plan = step === undefined ? compiled.plan : withoutTimeBounds(compiled.plan)
    const sql =
      step === undefined
        ? compiled.sql
        : await compiler.emit(plan, { evidence: true, rows: within(this.#context.rows) })
    const rows = this.#rows(await this.#ask(sql, spanParameters(all)))
    this.runs = { ...noRuns, planned: 1, active: 1, made: 1 }
    if (step === undefined) {
      if (isTriggered(this.#rule.trigger, rows.length)) this.#add(evidence.last, rows)
      return
    }
    const runs = Map.groupBy(rows, ({ records }) => runOf(records[0]?.time ?? evidence.last, step, edge))
    for (const now of [...runs.keys()].toSorted((a, b) => (a < b ? -1 : 1))) {
      if (!this.#isSuppressed(now)) this.#add(now, runs.get(now) ?? [])
    }
  }

  async #runMany(deadline: number): Promise<void> {
    const { evidence, isFast, limits, since, until } = this.#context
    const { step, edge } = this.#plan
    if (step === undefined) throw new Error('runs without a step')
    const first = since !== undefined && since > evidence.first ? since + 1n : evidence.first
    const last = until !== undefined && until < evidence.last ? until : evidence.last
    const planned = first > last ? [] : [...runsBetween(first, last, step, edge)]
    const { active, rows } = await this.#activeRuns.among(planned, step, { from: first - 1n, now: last })
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
    const { copies } = this.#context.limits
    const { compiled, isPerRun } = this.#query
    const chain = isPerRun || compiled.evidence?.given !== true ? undefined : chainOf(compiled.plan)
    const [first, last] = [planned[0], planned.at(-1)]
    if (
      !chain ||
      step === undefined ||
      first === undefined ||
      last === undefined ||
      !this.#activeRuns.needsRows
    )
      return false
    const far = smallest(reach, chain.reach)
    if (active.size <= fewRuns || far === undefined || rows * Number(far / step + 1n) > copies) return false
    const plan = runsPlan(chain, compiled.columns, step, far)
    const parameters = { ...spanParameters({ from: first - far, now: last }), first: String(first) }
    const found = await this.#asker.tryTogether(plan, parameters, true)
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
    return rows.map((row) => resultRowOf(row, columns, evidence?.given === true))
  }
}

/** So many of a list at most, evenly from all of it, the last among them. */
function evenly(items: readonly bigint[], most: number): readonly bigint[] {
  if (items.length <= most) return items
  return Array.from(
    { length: most },
    (_, index) => items[Math.floor(((index + 1) * items.length) / most) - 1] ?? 0n,
  )
}
