import { alertColumns, storedAlerts } from '../case/alert-tables.ts'
import type { Connection } from '../engine/connection.ts'
import { boolean, call, text } from '../sql/node.ts'
import { identifier, join, sql } from '../sql/template.ts'
import type { RowCondition } from '../kql/emitter.ts'
import type { Alert, AlertRecord, Entity } from './alert.ts'
import { levels } from './rule.ts'

/** Hides alerts of ours from rules: they would find what they found. Ours stand in no evidence. */
export const withoutOurs: RowCondition = (table, column) => {
  if (table.name === 'Alerts') return boolean(false)
  return table.name === 'SecurityAlert' ? call('notEquals', column('_EvidenceId'), text('')) : undefined
}

/** Writes alerts that are new, or whose content is. Gives how many there were of each. */
export async function storeAlerts(
  owner: Connection,
  alerts: readonly Alert[],
): Promise<{ readonly added: number; readonly changed: number }> {
  const known = new Map((await rowsOf(owner)).map((row) => [row.alert.id, row]))
  const fresh = alerts.filter((alert) => {
    const earlier = known.get(alert.id)
    return !earlier || JSON.stringify(earlier.alert) !== JSON.stringify(alert)
  })
  const changed = fresh.filter(({ id }) => known.has(id)).length
  if (fresh.length === 0) return { added: 0, changed: 0 }
  const names = [...alertColumns.map(({ name }) => name), 'Version']
  await owner.insert(
    sql`INSERT INTO ${storedAlerts} (${join(names.map((name) => identifier(name)))})
      SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow`,
    linesOf(
      fresh.map((alert) => ({ ...columnsOf(alert), Version: (known.get(alert.id)?.version ?? 0) + 1 })),
    ),
  )
  return { added: fresh.length - changed, changed }
}

/** All alerts that hunts have found in a case, the latest last. */
export async function readAlerts(owner: Connection): Promise<readonly Alert[]> {
  return (await rowsOf(owner)).map(({ alert }) => alert)
}

async function* linesOf(rows: readonly object[]): AsyncIterable<Uint8Array> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`)
  return Promise.resolve()
}

function columnsOf(alert: Alert): Readonly<Record<string, unknown>> {
  return {
    TimeGenerated: alert.end,
    AlertId: alert.id,
    RuleId: alert.ruleId,
    RuleName: alert.rule,
    RulePath: alert.path,
    Title: alert.title,
    Description: alert.description,
    Level: alert.level,
    Tactics: JSON.stringify(alert.tactics),
    Techniques: JSON.stringify(alert.techniques),
    StartTime: alert.start,
    EndTime: alert.end,
    RunTime: alert.now,
    Entities: JSON.stringify(alert.entities),
    CustomDetails: JSON.stringify(alert.customDetails),
    ResultRows: alert.rows,
    RecordCount: alert.count,
    Evidence: JSON.stringify(alert.evidence),
    EvidenceQuery: alert.evidenceQuery ?? '',
    IsBaselineComplete: alert.isBaselineComplete,
  }
}

interface StoredRow {
  readonly alert: Alert
  readonly version: number
}

/** A row as the engine gives it: 64-bit numbers and JSON are texts. */
type Row = Readonly<Record<string, string>> & { readonly IsBaselineComplete: boolean }

async function rowsOf(owner: Connection): Promise<readonly StoredRow[]> {
  const time = (name: string): ReturnType<typeof sql> =>
    sql`concat(replaceOne(toString(${identifier(name)}), ' ', 'T'), 'Z') AS ${identifier(`${name}Text`)}`
  const rows = await owner.rows<Row>(
    sql`SELECT *, ${time('StartTime')}, ${time('EndTime')}, ${time('RunTime')} FROM ${storedAlerts} FINAL ORDER BY EndTime, AlertId`,
  )
  return rows.map((row) => ({ alert: alertOf(row), version: Number(row['Version']) }))
}

function alertOf(row: Row): Alert {
  const word = (name: string): string => row[name] ?? ''
  // What we wrote ourselves.
  const json = (name: string): unknown => JSON.parse(word(name))
  return {
    id: word('AlertId'),
    ruleId: word('RuleId'),
    rule: word('RuleName'),
    path: word('RulePath'),
    title: word('Title'),
    description: word('Description'),
    level: levels.find((level) => level === word('Level')) ?? 'informational',
    tactics: json('Tactics') as readonly string[],
    techniques: json('Techniques') as readonly string[],
    start: word('StartTimeText'),
    end: word('EndTimeText'),
    now: word('RunTimeText'),
    entities: json('Entities') as readonly Entity[],
    customDetails: json('CustomDetails') as Alert['customDetails'],
    rows: Number(word('ResultRows')),
    count: Number(word('RecordCount')),
    evidence: json('Evidence') as readonly AlertRecord[],
    ...(word('EvidenceQuery') === '' ? {} : { evidenceQuery: word('EvidenceQuery') }),
    isBaselineComplete: row.IsBaselineComplete,
  }
}
