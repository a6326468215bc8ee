import type { Alert } from '../hunt/alert.ts'
import type { Hunt } from '../hunt/hunt.ts'
import { levels } from '../hunt/rule.ts'

/** An alert as `--output json` and `ndjson` give it. `rule` is the rule's id. */
export function alertJson(alert: Alert): object {
  const { id, ruleId, title, level, tactics, techniques, start, end, entities, count, evidence } = alert
  return {
    ...{ id, rule: ruleId, title, level, tactics, techniques, start, end, entities, count, evidence },
    ruleName: alert.rule,
    description: alert.description,
    customDetails: alert.customDetails,
    baselineComplete: alert.isBaselineComplete,
    ...(alert.evidenceQuery === undefined ? {} : { evidenceQuery: alert.evidenceQuery }),
  }
}

/** A hunt as one JSON value. */
export function huntJson(hunt: Hunt, alerts: readonly Alert[]): object {
  return {
    alerts: alerts.map((alert) => alertJson(alert)),
    rules: [
      ...hunt.outcomes.map(({ rule, status, reason, tables, coverage, ms, runs, form }) => ({
        ...{
          id: rule.id,
          path: rule.path,
          name: rule.name,
          status,
          ...(reason === undefined ? {} : { reason }),
        },
        ...{ tables, coverage, ms, runs, form },
      })),
      ...hunt.refused.map(({ id, path, name, reason }) => ({
        ...{ id: id ?? null, path, ...(name === undefined ? {} : { name }), status: 'refused', reason },
        ...{ tables: [], coverage: 'absent', ms: 0 },
      })),
    ],
    totals: totalsOf(hunt, alerts),
  }
}

/** Counts of a hunt: events, alerts by level (all, and how many titles), and rules by outcome. */
export function totalsOf(hunt: Hunt, alerts: readonly Alert[]): HuntTotals {
  const byLevel = levels.toReversed().map((level) => {
    const found = alerts.filter((alert) => alert.level === level)
    return [level, { total: found.length, unique: new Set(found.map(({ title }) => title)).size }] as const
  })
  const count = (status: string): number => hunt.outcomes.filter((item) => item.status === status).length
  return {
    events: hunt.events,
    alerts: alerts.length,
    levels: Object.fromEntries(byLevel),
    rules: {
      hit: count('hit'),
      silent: count('silent'),
      refused: count('refused') + hunt.refused.length,
      stopped: count('stopped'),
    },
    ms: hunt.ms,
  }
}

export interface HuntTotals {
  readonly events: number
  readonly alerts: number
  readonly levels: Readonly<Record<string, { readonly total: number; readonly unique: number }>>
  readonly rules: Readonly<Record<'hit' | 'silent' | 'refused' | 'stopped', number>>
  readonly ms: number
}

/** An alert as a line for Timesketch. */
export function timesketchJson(alert: Alert): object {
  const entities = alert.entities.map((entity) => entityText(entity))
  return {
    message: `${alert.title}${entities.length === 0 ? '' : ` (${entities.join(', ')})`}`,
    datetime: alert.start,
    timestamp: Number((BigInt(Date.parse(alert.start)) * 1000n).toString()),
    timestamp_desc: 'First activity of the alert',
    tag: [alert.level, ...alert.tactics, ...alert.techniques],
    alert_id: alert.id,
    rule_id: alert.ruleId,
    rule: alert.rule,
    end: alert.end,
    entities,
    records: alert.count,
    evidence: alert.evidence.map(({ evidenceId, record, ordinal }) => `${evidenceId}:${record}:${ordinal}`),
  }
}

/** A layer for ATT&CK Navigator: each technique scored by its alerts. */
export function navigatorLayer(alerts: readonly Alert[]): object {
  const counts = new Map<string, { total: number; titles: Set<string> }>()
  for (const alert of alerts) {
    for (const technique of alert.techniques) {
      const known = counts.get(technique) ?? { total: 0, titles: new Set<string>() }
      known.total += 1
      known.titles.add(alert.rule)
      counts.set(technique, known)
    }
  }
  const techniques = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    name: 'Azimuth',
    versions: { attack: '17', navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: 'Techniques of the alerts that a hunt found',
    techniques: techniques.map(([techniqueID, { total, titles }]) => ({
      techniqueID,
      score: total,
      comment: [...titles].toSorted().join('; '),
      enabled: true,
    })),
    gradient: {
      colors: ['#ffe766', '#ff6666'],
      minValue: 0,
      maxValue: Math.max(1, ...techniques.map(([, { total }]) => total)),
    },
  }
}

/** An entity in a few words: the identifier that tells most. */
export function entityText(entity: Readonly<Record<string, string>>): string {
  const { Type = '', ...identifiers } = entity
  const named = ['Address', 'FullName', 'ResourceId', 'AppId', 'AadUserId', 'HostName', 'Name', 'Url']
  const best = [...named.map((name) => identifiers[name]), ...Object.values(identifiers)].find(
    (value) => value !== undefined && value !== '',
  )
  return `${Type} ${best ?? ''}`.trim()
}
