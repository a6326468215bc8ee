import { ticksPerDay } from '../kql/types.ts'
import { requiredChains } from './chains.ts'
import type { HuntContext } from './hunt-context.ts'
import { isLocal } from './row-local.ts'
import { leavesOf } from './leaves.ts'
import type { PlanAsker } from './plan-asker.ts'
import type { Rule } from './rule.ts'
import { type RuleQuery, type Span, spanParameters } from './rule-query.ts'
import { countedParts, runsWithRows } from './run-plans.ts'
import { type Plan, ticksOf, ticksPerMs } from './runs.ts'
import { isTriggered } from './trigger.ts'

/** So few runs are asked one by one. */
export const fewRuns = 3
/** Rows, each counted once for every run that sees it, among which one query may look for runs. */
const mostCopies = 20_000_000

/** Tells which runs of a rule can find anything new, so that the others need not be made. */
export class ActiveRuns {
  readonly #rule: Rule
  readonly #query: RuleQuery
  readonly #plan: Plan
  readonly #context: HuntContext
  readonly #asker: PlanAsker

  constructor(rule: Rule, query: RuleQuery, plan: Plan, context: HuntContext, asker: PlanAsker) {
    this.#rule = rule
    this.#query = query
    this.#plan = plan
    this.#context = context
    this.#asker = asker
  }

  /** Whether a run over nothing new finds nothing new: not where few rows, or none, are the finding. */
  get needsRows(): boolean {
    return !isTriggered(this.#rule.trigger, 0)
  }

  /** The runs whose recent part holds a row that can take part in the result, and how many such rows there are. */
  async among(
    planned: readonly bigint[],
    step: bigint,
    span: Span,
  ): Promise<{ readonly active: readonly bigint[]; readonly rows: number }> {
    const all = { active: planned, rows: Number.POSITIVE_INFINITY }
    if (!this.needsRows) return all
    const first = await this.#firstSeen(step, span)
    const { reach, edge } = this.#plan
    const recent = new Set<bigint>()
    const required: (readonly bigint[])[] = []
    let rows = 0
    const earliest = reach === undefined ? this.#context.evidence.first - 1n : span.from - reach
    const leaves = leavesOf(this.#query.compiled.plan)
    // A query of no table has nothing to wait for.
    if (leaves.length === 0) return all
    for (const { plan, isRequired, isAgainst } of leaves) {
      const counted = await this.#asker.ask(countedParts(plan, { step, edge }, []), {
        ...span,
        from: earliest,
      })
      const parts = counted.map(([text]) => ticksOf(text ?? ''))
      for (const [, count] of counted) rows += Number(count)
      if (!isAgainst) for (const part of parts) recent.add(part + step - edge)
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
    const { reach, edge } = this.#plan
    const [first, last] = [active[0], active.at(-1)]
    // Together, runs stand at multiples of the step.
    if (edge !== 0n) return active
    if (first === undefined || last === undefined || active.length <= fewRuns) return active
    let left = active
    for (const { plan: required, chain } of requiredChains(plan)) {
      const far = smallest(reach, chain.reach)
      if (required === plan || far === undefined || rows * Number(far / step + 1n) > mostCopies) continue
      const found = await this.#asker.tryTogether(runsWithRows(chain, required.columns, step, far), {
        ...{ ...spanParameters({ from: first - far, now: last }), first: String(first) },
      })
      if (!found) continue
      const runs = new Set(found.map(([run]) => BigInt(run ?? '0')))
      left = left.filter((now) => runs.has(now))
    }
    return left
  }

  /** With `firstSeen`: the runs that see values for the first time. Nothing where that cannot be told beforehand. */
  async #firstSeen(step: bigint, span: Span): Promise<ReadonlySet<bigint> | undefined> {
    const { firstSeen, schedule } = this.#rule
    const { events } = this.#query
    const { edge } = this.#plan
    if (!firstSeen || !schedule || step !== BigInt(schedule.frequencyMs) * ticksPerMs) return undefined
    // Rows that are made of rows of other parts too could be others in a run that sees less.
    if (!events || (edge === 0n && !isLocal(events.plan))) return undefined
    const keys = firstSeen.by.flatMap((name) => events.columns.find((column) => column.name === name) ?? [])
    if (keys.length !== firstSeen.by.length || keys.some(({ type }) => type === 'dynamic')) return undefined
    const days = BigInt(firstSeen.days) * ticksPerDay
    // What was before the first run counts as well.
    const rows = await this.#asker.ask(countedParts(events.plan, { step, edge }, keys), {
      ...span,
      from: span.from - days - step,
    })
    const parts = Map.groupBy(rows, (row) => JSON.stringify(row.slice(2, -1)))
    const runs = new Set<bigint>()
    for (const group of parts.values()) {
      const seen = group.map((row) => [ticksOf(row[0] ?? ''), ticksOf(row.at(-1) ?? '')] as const)
      let before: bigint | undefined
      for (const [start, last] of seen.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (before === undefined || before <= start - days - edge) runs.add(start + step - edge)
        before = last
      }
    }
    return runs
  }
}

/** The smaller of two that may not be there. */
export function smallest(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
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
