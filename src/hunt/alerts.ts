import { createHash } from 'node:crypto'
import type { Column } from '../kql/plan.ts'
import type { Alert, AlertRecord, ResultRow, TimedRecord } from './alert.ts'
import { cellOf, textOf, textsOf } from './entities.ts'
import { recordKey, type Finding } from './gather.ts'
import { levels, type Level, type Rule } from './rule.ts'
import { ticksPerDay } from '../kql/types.ts'
import { ticksPerMs, timeText } from './runs.ts'

export interface AlertContext {
  readonly rule: Rule
  readonly columns: readonly Column[]
  /** When the evidence begins, in ticks. */
  readonly evidenceStart: bigint
  /** How far back each run looked; nothing where that does not matter. */
  readonly reach: bigint | undefined
  /** The KQL that gives the rows of a run again, where the records are not known. */
  readonly evidenceQuery?: string
}

const mostRecords = 64
/** Of the days that a rule compares with, so large a part must be known for what is new in them to mean anything. */
const leastBaseline = 4n
const longestTitle = 256
const longestDescription = 5000

/** Alerts of a rule's findings: one for each, or one for those that a run was the first to see. */
export function alertsFrom(findings: readonly Finding[], context: AlertContext): readonly Alert[] {
  const groups =
    context.rule.grouping === 'row' ? findings.map((item) => [item]) : [...byRun(findings).values()]
  const ids = new Map<string, number>()
  return groups.map((group) => {
    const name = nameOf(group, context)
    const repeat = ids.get(name) ?? 0
    ids.set(name, repeat + 1)
    return alertOf(group, `${name}\0${repeat}`, context)
  })
}

function byRun(findings: readonly Finding[]): ReadonlyMap<bigint, Finding[]> {
  return Map.groupBy(findings, ({ now }) => now)
}

/** What makes an alert this one: its rule, its entities, and the first record behind it. */
function nameOf(group: readonly Finding[], { rule }: AlertContext): string {
  const first = group.find((item) => item.first)?.first
  const entities = rule.grouping === 'row' ? group.flatMap((item) => item.entities) : []
  const beginning = first
    ? recordKey(first)
    : `${group[0]?.now} ${JSON.stringify(group.map(({ row }) => row.cells))}`
  return [rule.id, rule.grouping, JSON.stringify(entities), beginning].join('\0')
}

function alertOf(group: readonly Finding[], name: string, context: AlertContext): Alert {
  const { rule, columns, evidenceStart, reach, evidenceQuery } = context
  const [first] = group
  if (!first) throw new Error('an alert without findings')
  const records = sorted(group.flatMap((item) => [...item.records.values()]))
  const isComplete = group.every((item) => item.isComplete)
  const { row } = first
  const span = timesOf(group, records, isComplete)
  const entities = new Map(group.flatMap((item) => item.entities).map((item) => [JSON.stringify(item), item]))
  return {
    id: createHash('sha256').update(name).digest('hex').slice(0, 32),
    ruleId: rule.id,
    rule: rule.name,
    path: rule.path,
    title: filled(rule.override.nameFormat, rule.name, columns, row, longestTitle),
    description: filled(rule.override.descriptionFormat, rule.description, columns, row, longestDescription),
    level: isNovelty(first.now, context) ? levelOf(rule, columns, row) : 'informational',
    tactics: tacticsOf(rule, columns, row),
    techniques: rule.techniques,
    start: timeText(span.start),
    end: timeText(span.end),
    now: timeText(first.now),
    entities: [...entities.values()].slice(0, mostRecords),
    customDetails: detailsOf(rule, columns, group),
    rows: group.length,
    count: isComplete ? records.length : group.reduce((sum, item) => sum + item.row.count, 0),
    evidence: records.slice(0, mostRecords).map(({ table, evidenceId, record, ordinal }): AlertRecord => ({
      table,
      evidenceId,
      record,
      ordinal,
    })),
    ...(evidenceQuery === undefined ? {} : { evidenceQuery }),
    isBaselineComplete: reach === undefined || evidenceStart <= first.now - reach,
  }
}

function sorted(records: readonly TimedRecord[]): readonly TimedRecord[] {
  const distinct = new Map(records.map((record) => [recordKey(record), record]))
  return [...distinct]
    .toSorted(([a, one], [b, two]) =>
      one.time === two.time ? (a < b ? -1 : 1) : one.time < two.time ? -1 : 1,
    )
    .map(([, record]) => record)
}

/** From the first record to the last; where not all are known, to the run that saw them. */
function timesOf(
  group: readonly Finding[],
  records: readonly TimedRecord[],
  isComplete: boolean,
): { readonly start: bigint; readonly end: bigint } {
  const runs = group.map(({ now }) => now)
  const latest = runs.reduce((a, b) => (b > a ? b : a))
  const start = records[0]?.time ?? latest
  return { start, end: isComplete ? (records.at(-1)?.time ?? latest) : latest > start ? latest : start }
}

/** A text with `{{Column}}` filled in, as Sentinel does: three columns at most, and never longer than it may be. */
export function filled(
  format: string | undefined,
  otherwise: string,
  columns: readonly Column[],
  { cells }: ResultRow,
  longest: number,
): string {
  if (format === undefined) return otherwise.slice(0, longest)
  const text = format.replaceAll(/\{\{\s*([^{}]{1,200}?)\s*\}\}/g, (_whole, name: string) =>
    textOf(cellOf(columns, cells, name)).slice(0, longest),
  )
  return (text.trim() === '' ? otherwise : text).slice(0, longest)
}

/** Whether enough is known of the time before: at the beginning of the evidence everything is seen for the first time. */
function isNovelty(now: bigint, { rule, evidenceStart }: AlertContext): boolean {
  const { firstSeen, schedule } = rule
  if (!firstSeen || !schedule) return true
  const known = now - BigInt(schedule.frequencyMs) * ticksPerMs - evidenceStart
  return known >= (BigInt(firstSeen.days) * ticksPerDay) / leastBaseline
}

function levelOf({ level, override }: Rule, columns: readonly Column[], { cells }: ResultRow): Level {
  if (override.levelColumn === undefined) return level
  const word = textOf(cellOf(columns, cells, override.levelColumn)).toLowerCase()
  return levels.find((item) => item === word) ?? level
}

function tacticsOf(
  { tactics, override }: Rule,
  columns: readonly Column[],
  { cells }: ResultRow,
): readonly string[] {
  if (override.tacticsColumn === undefined) return tactics
  const found = textsOf(cellOf(columns, cells, override.tacticsColumn)).flatMap((text) =>
    text.split(/[,\s]+/),
  )
  const words = found.filter((word) => /^[A-Za-z]{3,40}$/.test(word))
  return words.length === 0 ? tactics : words
}

/** Every custom detail with its distinct values. */
function detailsOf(
  { customDetails }: Rule,
  columns: readonly Column[],
  group: readonly Finding[],
): Alert['customDetails'] {
  const entries = Object.entries(customDetails).map(([key, name]) => {
    const texts = group.flatMap(({ row }) => textsOf(cellOf(columns, row.cells, name)))
    const distinct = [...new Set(texts)].filter((text) => text !== '')
    return [key.slice(0, 100), distinct.slice(0, mostRecords).map((text) => text.slice(0, 1000))] as const
  })
  return Object.fromEntries(entries)
}
