import type { Compiler } from '../kql/compile.ts'
import type { FirstSeen, Rule } from './rule.ts'

const dayMs = 86_400_000

/** How far back a run of the rule sees, in milliseconds. */
export function reachOf({ schedule, firstSeen }: Rule): number {
  if (!schedule) return Number.POSITIVE_INFINITY
  const baseline = firstSeen ? firstSeen.days * dayMs + schedule.frequencyMs : 0
  return Math.max(schedule.periodMs, baseline)
}

/**
 * The KQL that a run asks. With `firstSeen`, the rule's query gives the events: those since the last run are kept where
 * no event of the days before has the same values.
 */
export async function ruleText(rule: Rule, compiler: Compiler): Promise<string> {
  const { query, firstSeen, schedule } = rule
  if (!firstSeen) return query
  const frequencyMs = schedule?.frequencyMs ?? dayMs
  const last = (await compiler.statements(query)).at(-1)
  if (!last) return query
  return withBaseline(query.slice(0, last.start), query.slice(last.start, last.end), firstSeen, frequencyMs)
}

function withBaseline(before: string, events: string, { days, by }: FirstSeen, frequencyMs: number): string {
  const keys = by.map((name) => bracketed(name)).join(', ')
  const recent = `now(-${frequencyMs / 1000}s)`
  // Each on lines of its own, since a query may end in a comment.
  return [
    `${before}let __firstSeenEvents = (`,
    events,
    ');',
    '__firstSeenEvents',
    `| where TimeGenerated > ${recent}`,
    '| join kind=leftanti (',
    '    __firstSeenEvents',
    `    | where TimeGenerated > ${recent} - ${days}d and TimeGenerated <= ${recent}`,
    `    | distinct ${keys}`,
    `) on ${keys}`,
  ].join('\n')
}

function bracketed(name: string): string {
  return `['${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
}
