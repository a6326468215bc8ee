import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { levels, type Level } from './rule.ts'

const text = z.coerce.string().max(100_000)
const name = z.string().min(1).max(1000)
const texts = z.preprocess(
  (value) => (value === null || value === undefined ? [] : typeof value === 'string' ? [value] : value),
  z.array(z.unknown()).max(500),
)
/** Lists of names; what is not a text in them (tags with schemas) is left out. */
const names = texts.transform((items) => items.filter((item) => typeof item === 'string'))

const duration = z.string().transform((value, context) => {
  const milliseconds = parseDuration(value.trim())
  if (milliseconds !== undefined && milliseconds >= 60_000 && milliseconds <= 366 * 86_400_000)
    return milliseconds
  context.addIssue(`${value.slice(0, 40)} is no duration from one minute to a year`)
  return z.NEVER
})

const level = z.string().transform((value, context): Level => {
  const found = levels.find((item) => item === value.trim().toLowerCase())
  if (found) return found
  context.addIssue(`${value.slice(0, 40)} is no severity`)
  return z.NEVER
})

const operators = { gt: 'gt', lt: 'lt', eq: 'eq', ne: 'ne' } as const
const spokenOperators = { greaterthan: 'gt', lessthan: 'lt', equal: 'eq', notequal: 'ne' } as const
const triggerOperator = z.string().transform((value, context) => {
  const word = value.trim().toLowerCase()
  const found = new Map<string, 'gt' | 'lt' | 'eq' | 'ne'>([
    ...Object.entries(operators),
    ...Object.entries(spokenOperators),
  ]).get(word)
  if (found) return found
  context.addIssue(`${value.slice(0, 40)} is no trigger operator`)
  return z.NEVER
})

const entityMapping = z.object({
  entityType: name,
  fieldMappings: z.array(z.object({ identifier: name, columnName: name })).max(20),
})

const override = z.object({
  alertDisplayNameFormat: text.nullish(),
  alertDescriptionFormat: text.nullish(),
  alertTacticsColumnName: name.nullish(),
  alertSeverityColumnName: name.nullish(),
})

const row = z.record(z.string().max(500), z.unknown())
const sample = z.strictObject({
  name,
  now: z.string().optional(),
  tables: z.record(name, z.array(row).max(5000)),
  alerts: z.int().min(0).optional(),
})

/** What our own rules say beyond Sentinel's keys. */
const azimuth = z.strictObject({
  logs: z.array(z.strictObject({ table: name, category: name.optional() })).default([]),
  why: text.optional(),
  next: text.optional(),
  benign: text.optional(),
  firstSeen: z.strictObject({ days: z.int().min(1).max(90), by: z.array(name).min(1).max(20) }).optional(),
})

/** An analytic rule or a hunting query, with the keys that YAML and ARM have in common. */
export const sentinelSchema = z.object({
  id: z.string().max(500).optional(),
  name,
  version: text.nullish(),
  kind: z.string().nullish(),
  description: text.nullish(),
  severity: level.nullish(),
  tactics: names,
  relevantTechniques: names,
  tags: names,
  query: z.string().min(1).max(1_000_000),
  queryFrequency: duration.nullish(),
  queryPeriod: duration.nullish(),
  triggerOperator: triggerOperator.nullish(),
  triggerThreshold: z.coerce.number().int().min(0).nullish(),
  suppressionEnabled: z.boolean().nullish(),
  suppressionDuration: duration.nullish(),
  eventGroupingSettings: z
    .object({ aggregationKind: z.enum(['SingleAlert', 'AlertPerResult']).nullish() })
    .nullish(),
  entityMappings: z.array(entityMapping).max(50).nullish(),
  customDetails: z.record(name, name).nullish(),
  alertDetailsOverride: override.nullish(),
  azimuth: azimuth.optional(),
  samples: z
    .strictObject({ positive: z.array(sample).default([]), negative: z.array(sample).default([]) })
    .optional(),
})

export type SentinelRule = z.infer<typeof sentinelSchema>
