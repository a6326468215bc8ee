import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { armRules } from './arm.ts'
import type { Guide, RefusedRule, Rule, RuleDocument, RuleReading, Sample, Schedule } from './rule.ts'
import { sentinelSchema, type SentinelRule } from './sentinel-schema.ts'

const nearRealTimeMs = 60_000

/** Sentinel's analytic rules and hunting queries, in YAML or from ARM and the REST API. */
export function readSentinel(documents: readonly RuleDocument[]): RuleReading {
  const rules: Rule[] = []
  const refused: RefusedRule[] = []
  for (const { path, value } of documents) {
    const found = armRules(value) ?? [value]
    if (found.length === 0) refused.push({ path, reason: 'no rule is in it' })
    for (const item of found) {
      const read = readRule(path, item)
      if ('reason' in read) refused.push(read)
      else rules.push(read)
    }
  }
  return { rules, refused }
}

function readRule(path: string, value: unknown): Rule | RefusedRule {
  const parsed = sentinelSchema.safeParse(value)
  if (!parsed.success) return { path, ...namesOf(value), reason: issueText(parsed.error) }
  const rule = parsed.data
  const id = guidIn(rule.id) ?? derivedId(path, rule.name)
  const expression = [rule.query, rule.name].find(
    (item) => /^\[[^[]/.test(item) && item.trimEnd().endsWith(']'),
  )
  if (expression !== undefined) {
    return { path, id, name: rule.name, reason: 'a template expression, which only a deployment evaluates' }
  }
  return {
    id,
    path,
    format: 'sentinel',
    name: rule.name,
    ...(rule.version ? { version: rule.version } : {}),
    description: (rule.description ?? '').trim(),
    level: rule.severity ?? 'informational',
    tactics: rule.tactics,
    techniques: rule.relevantTechniques.filter((item) => /^T\d{4}(\.\d{3})?$/.test(item)),
    tags: rule.tags,
    query: rule.query,
    ...scheduleOf(rule),
    trigger: { operator: rule.triggerOperator ?? 'gt', threshold: rule.triggerThreshold ?? 0 },
    grouping: isGrouped(rule) ? 'run' : 'row',
    ...(rule.suppressionEnabled === true && rule.suppressionDuration
      ? { suppressionMs: rule.suppressionDuration }
      : {}),
    entities: (rule.entityMappings ?? []).map(({ entityType, fieldMappings }) => ({
      type: entityType,
      fields: fieldMappings.map(({ identifier, columnName }) => ({ identifier, column: columnName })),
    })),
    customDetails: rule.customDetails ?? {},
    override: overrideOf(rule),
    logs: (rule.azimuth?.logs ?? []).map(({ table, category }) => ({
      table,
      ...(category === undefined ? {} : { category }),
    })),
    guide: guideOf(rule),
    ...(rule.azimuth?.firstSeen ? { firstSeen: rule.azimuth.firstSeen } : {}),
    samples: samplesOf(rule),
  }
}

/** Scheduled rules group a run's rows into one alert unless they say otherwise; hunting queries list rows. */
function isGrouped(rule: SentinelRule): boolean {
  const kind = rule.eventGroupingSettings?.aggregationKind
  return kind ? kind === 'SingleAlert' : 'schedule' in scheduleOf(rule)
}

function scheduleOf(rule: SentinelRule): { readonly schedule?: Schedule } {
  if (rule.kind?.toUpperCase() === 'NRT')
    return { schedule: { frequencyMs: nearRealTimeMs, periodMs: rule.queryPeriod ?? nearRealTimeMs } }
  const { queryFrequency, queryPeriod } = rule
  if (!queryFrequency && !queryPeriod) return {}
  const frequencyMs = queryFrequency ?? queryPeriod ?? 0
  return { schedule: { frequencyMs, periodMs: queryPeriod ?? frequencyMs } }
}

function overrideOf({ alertDetailsOverride: given }: SentinelRule): Rule['override'] {
  return {
    ...(given?.alertDisplayNameFormat ? { nameFormat: given.alertDisplayNameFormat } : {}),
    ...(given?.alertDescriptionFormat ? { descriptionFormat: given.alertDescriptionFormat } : {}),
    ...(given?.alertTacticsColumnName ? { tacticsColumn: given.alertTacticsColumnName } : {}),
    ...(given?.alertSeverityColumnName ? { levelColumn: given.alertSeverityColumnName } : {}),
  }
}

function guideOf({ azimuth }: SentinelRule): Guide {
  return {
    ...(azimuth?.why === undefined ? {} : { why: azimuth.why }),
    ...(azimuth?.next === undefined ? {} : { next: azimuth.next }),
    ...(azimuth?.benign === undefined ? {} : { benign: azimuth.benign }),
  }
}

function samplesOf({ samples }: SentinelRule): readonly Sample[] {
  const read = (items: NonNullable<SentinelRule['samples']>['positive'], positive: boolean): Sample[] =>
    items.map(({ name, now, tables, alerts }) => ({
      name,
      positive,
      tables,
      ...(now === undefined ? {} : { now }),
      ...(alerts === undefined ? {} : { alerts }),
    }))
  return [...read(samples?.positive ?? [], true), ...read(samples?.negative ?? [], false)]
}

function guidIn(text: string | undefined): string | undefined {
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text ?? '')?.[0].toLowerCase()
}

/** An id for a file that has none, the same on every machine. */
export function derivedId(path: string, name: string): string {
  const hash = createHash('sha256').update(`${path}\0${name}`).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join('-')
}

function namesOf(value: unknown): { readonly id?: string; readonly name?: string } {
  if (typeof value !== 'object' || value === null) return {}
  const id = 'id' in value && typeof value.id === 'string' ? guidIn(value.id) : undefined
  const name = 'name' in value && typeof value.name === 'string' ? value.name.slice(0, 200) : undefined
  return { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) }
}

function issueText(error: z.ZodError): string {
  const [issue] = error.issues
  if (!issue) return 'not a rule'
  const place = issue.path.map(String).join('.')
  return `${place === '' ? '' : `${place}: `}${issue.message}`.slice(0, 300)
}
