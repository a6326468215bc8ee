import { reportAccess, type AccessReport } from '../access/report.ts'
import { askOf } from '../case/rows.ts'
import type { Alert } from '../hunt/alert.ts'
import { viewAlerts } from '../hunt/alert-view.ts'
import { huntLimits } from '../hunt/hunt-context.ts'
import { hunt, type Hunt } from '../hunt/hunt.ts'
import { isAtLeast, levels, type Level } from '../hunt/rule.ts'
import { builtInName } from '../hunt/rules.ts'
import { isId, namesOfIds } from '../trail/resolve.ts'
import { loadRules } from './commands/rules.ts'
import { Progress } from './progress.ts'
import type { Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** What a first look of the rules and of the chains to data found. */
export interface TriageFindings {
  readonly hunt: Hunt
  /** Without those that are closed or allowed. */
  readonly alerts: readonly Alert[]
  readonly access: AccessReport
  /** Who stands in the alerts, those of the gravest first. */
  readonly suspects: readonly SuspectIdentity[]
}

/** One who stands in alerts. */
export interface SuspectIdentity {
  readonly name: string
  readonly level: Level
  readonly alerts: number
  readonly rules: number
}

/** Of rules below this level a page has no room for what they find. */
export const leastLevel: Level = 'medium'
/** One page is wanted soon: a rule that takes longer is stopped, and told. */
const ruleTimeMs = 60_000
/** Ids beyond these stay without a name. */
const mostIds = 1000

/** Hunts in the coarse form with the rules that are built in, and asks who reached data. */
export async function lookFor(terminal: Terminal, session: Session): Promise<TriageFindings> {
  const { rules: all, refused } = await loadRules(terminal, builtInName, session.case)
  const rules = all.filter(({ level }) => isAtLeast(level, leastLevel))
  using progress = new Progress(terminal.err)
  const found = await hunt(session.case, {
    rules,
    refused,
    isFast: true,
    limits: { ...huntLimits, ruleTimeMs },
    signal: terminal.signal,
    onProgress: ({ done, total, alerts }) => progress.show(`${done} of ${total} rules, ${alerts} alerts`),
  })
  progress.show('who reached data')
  const ask = askOf(session.case)
  const access = await reportAccess(ask)
  const viewed = await viewAlerts(
    session.folder.path,
    found.outcomes.flatMap((outcome) => outcome.alerts),
  )
  const alerts = viewed.filter(({ isHidden }) => !isHidden).map(({ alert }) => alert)
  const ids = new Set(alerts.flatMap((alert) => [...identitiesOf(alert).keys()]).filter(isId))
  const names = await namesOfIds(ask, [...ids].slice(0, mostIds))
  return { hunt: found, access, alerts, suspects: suspectsOf(alerts, names) }
}

/** Accounts and applications in alerts; `names` tells which ids are whose. */
export function suspectsOf(
  alerts: readonly Alert[],
  names: ReadonlyMap<string, string>,
): readonly SuspectIdentity[] {
  const named = alerts.flatMap((alert) =>
    [...identitiesOf(alert, names)].map(([key, name]) => ({ key, name, alert })),
  )
  return [...Map.groupBy(named, ({ key }) => key).values()]
    .map((group): SuspectIdentity => ({
      name: group[0]?.name ?? '',
      level: levels.findLast((level) => group.some(({ alert }) => alert.level === level)) ?? 'informational',
      alerts: group.length,
      rules: new Set(group.map(({ alert }) => alert.ruleId)).size,
    }))
    .toSorted(
      (a, b) =>
        levels.indexOf(b.level) - levels.indexOf(a.level) ||
        b.rules - a.rules ||
        b.alerts - a.alerts ||
        (a.name < b.name ? -1 : 1),
    )
}

/** Each entity by the name that people know, where it has one; the key is the same whatever the letter case. */
function identitiesOf(
  { entities }: Alert,
  known: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const names = entities
    .filter(({ Type }) => Type === 'account' || Type === 'cloud-application')
    .map(({ FullName, Name, AadUserId, AppId }) => FullName ?? Name ?? AadUserId ?? AppId ?? '')
    .map((name) => known.get(name.toLowerCase()) ?? name)
    .filter((name) => name.trim() !== '')
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}
