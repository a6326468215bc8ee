import type { TextRows } from '../kql/discovery.ts'
import type { Sql } from '../sql/template.ts'
import { noRuns, type HuntContext, type RuleOutcome, type RunLimits } from './hunt-context.ts'
import type { Rule } from './rule.ts'
import { prepareRule, type Span } from './rule-query.ts'
import { RuleHunt } from './rule-hunt.ts'
import { messageOf } from './rule-stop.ts'

/** Runs a rule over the evidence as time passed in it. */
export async function huntRule(rule: Rule, context: HuntContext): Promise<RuleOutcome> {
  const started = performance.now()
  const { compiler, evidence, limits } = context
  const deadline = started + limits.ruleTimeMs
  const runLimits = (): RunLimits => ({
    timeMs: Math.max(1, deadline - performance.now()),
    memoryBytes: limits.memoryBytes,
  })
  const ask = (sql: Sql, parameters: Readonly<Record<string, string>>): Promise<TextRows> =>
    context.ask(sql, parameters, runLimits())
  const trial: Span = { from: evidence.first - 1n, now: evidence.last }
  const base = { rule, alerts: [], tables: [] as readonly string[], runs: noRuns, form: 'runs' as const }
  const took = (): number => Math.round(performance.now() - started)
  let prepared
  try {
    prepared = await prepareRule(rule, { compiler, ask, evidence: true, trial, rows: context.rows })
  } catch (error) {
    context.signal?.throwIfAborted()
    return { ...base, status: 'stopped', reason: messageOf(error), ms: took() }
  }
  if (!prepared.ok) return { ...base, status: 'refused', reason: prepared.reason, ms: took() }
  const hunting = new RuleHunt(rule, prepared.query, ask, context)
  const reason = await hunting.run(deadline)
  const alerts = hunting.alerts()
  return {
    rule,
    status: reason === undefined ? (alerts.length > 0 ? 'hit' : 'silent') : 'stopped',
    ...(reason === undefined ? {} : { reason }),
    alerts,
    tables: hunting.clock.tables,
    runs: hunting.runs,
    form: hunting.form,
    ms: took(),
  }
}
