import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { join, sql, type Sql } from '../sql/template.ts'
import { unitsOf } from './read/count-records.ts'
import type { Member } from './read/member.ts'
import { LineRecordCounter } from './read/record-counters.ts'
import { readRecords } from './read/records.ts'
import type { Content } from './read/recognise-content.ts'

/** What is quarantined where bytes are damaged; a count that reads the bytes in another way sees other records there. */
export const damageReasons = [
  'not-json',
  'not-an-object',
  'truncated',
  'corrupt',
  'encoding',
  'too-large',
  'field-count',
  'table-columns',
] as const

/** How the records of one evidence id lie in the case. */
export interface EvidenceCounts {
  readonly tables: Record<string, number>
  rows: number
  duplicates: number
  quarantined: number
  damaged: number
  reasons: readonly string[]
}

/** Counts rows, sightings and quarantined records of each evidence id, in all or in the given batches. */
export async function countEvidence(
  connection: Connection,
  tables: readonly { readonly name: string; readonly storedAs: string }[],
  batches?: readonly number[],
): Promise<ReadonlyMap<string, EvidenceCounts>> {
  const counts = new Map<string, EvidenceCounts>()
  const of = (evidence: string): EvidenceCounts => {
    const found = counts.get(evidence) ?? noCounts()
    counts.set(evidence, found)
    return found
  }
  if (batches?.length === 0) return counts
  const ofBatches = batches === undefined ? sql`true` : sql`batch IN (${batches})`
  const rowsOfBatches = batches === undefined ? sql`true` : sql`_Batch IN (${batches})`
  const rowsOf = ({ name, storedAs }: (typeof tables)[number]): Sql =>
    sql`SELECT ${name} AS table, _EvidenceId AS evidence, count() AS rows FROM ${tableIn('logs', storedAs)} WHERE ${rowsOfBatches} GROUP BY evidence`
  const [rows, sightings, quarantined] = await Promise.all([
    tables.length === 0
      ? []
      : connection.rows<{ table: string; evidence: string; rows: string }>(
          join(
            tables.map((table) => rowsOf(table)),
            sql` UNION ALL `,
          ),
        ),
    connection.rows<{ evidence: string; records: string }>(
      sql`SELECT evidence, sum(records) AS records FROM ${tableIn('ledger', 'Sightings')} FINAL WHERE ${ofBatches} GROUP BY evidence`,
    ),
    connection.rows<{ evidence: string; records: string; damaged: string; reasons: readonly string[] }>(
      sql`SELECT evidence, sum(q.records) AS records, sumIf(q.records, reason IN (${damageReasons})) AS damaged, groupUniqArray(5)(reason) AS reasons FROM ${tableIn('ledger', 'Quarantine')} AS q WHERE ${ofBatches} GROUP BY evidence`,
    ),
  ])
  for (const row of rows) {
    const entry = of(row.evidence)
    entry.tables[row.table] = Number(row.rows)
    entry.rows += Number(row.rows)
  }
  for (const row of sightings) of(row.evidence).duplicates = Number(row.records)
  for (const row of quarantined) {
    const entry = of(row.evidence)
    entry.quarantined = Number(row.records)
    entry.damaged = Number(row.damaged)
    entry.reasons = row.reasons.toSorted()
  }
  return counts
}

export function noCounts(): EvidenceCounts {
  return { tables: {}, rows: 0, duplicates: 0, quarantined: 0, damaged: 0, reasons: [] }
}

/**
 * How many records of each evidence id are accounted for by their numbers: what a damaged file must show for every record
 * that the splitter finds in it. How many units stand in what is damaged, nobody can tell.
 */
export async function accountedRecords(
  connection: Connection,
  tables: readonly { readonly storedAs: string }[],
  evidence: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (evidence.length === 0) return new Map()
  const places = [
    ...tables.map(
      ({ storedAs }) =>
        sql`SELECT _EvidenceId AS evidence, _EvidenceRecord AS record FROM ${tableIn('logs', storedAs)}`,
    ),
    sql`SELECT evidence, record FROM ${tableIn('ledger', 'Sightings')}`,
    sql`SELECT evidence, record FROM ${tableIn('ledger', 'Quarantine')}`,
  ].map((place) => sql`SELECT * FROM (${place}) WHERE evidence IN (${evidence})`)
  const rows = await connection.rows<{ evidence: string; records: string }>(
    sql`SELECT evidence, uniqExact(record) AS records FROM (${join(places, sql` UNION ALL `)}) GROUP BY evidence`,
  )
  return new Map(rows.map((row) => [row.evidence, Number(row.records)]))
}

/** How many records the splitter finds in a member: those it cannot read among them, but not those that say nothing. */
export async function splitRecords(member: Pick<Member, 'open'>, content: Content): Promise<number> {
  let count = 0
  for await (const records of readRecords(member, content)) {
    for (const record of records) if (record.kind === 'unreadable' || saysAnything(record.json)) count += 1
  }
  return count
}

/** A flow record with empty lists says nothing. */
function saysAnything(json: Uint8Array): boolean {
  const counter = new LineRecordCounter()
  counter.push(Buffer.from(json.buffer, json.byteOffset, json.byteLength))
  counter.finish()
  return unitsOf(counter) > 0 || !isJson(json)
}

function isJson(json: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString())
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
