import type { Connection } from '../engine/connection.ts'
import { identifier, join, sql } from '../sql/template.ts'
import { keyPart, storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'
import { sightingFields } from './settle-keyed.ts'
import { timeRange } from './settle-range.ts'

/**
 * Takes the rows of layouts without the table's key (a portal's CSV) for sightings of the rich rows that agree with them
 * in the weak key, one for one within each file: of three poor rows of one export beside two rich ones, one stays, in
 * whatever order they come. Rows are matched in the order of time.
 */
export async function settlePoor(
  connection: Connection,
  table: Table,
  batches: readonly number[],
): Promise<void> {
  if (table.identity.kind !== 'keyed' || table.identity.weakKey === undefined) return
  const name = storedTable(table)
  const tolerance = table.identity.timeToleranceSeconds
  const range = await timeRange(connection, name, sql`TimeGenerated`, sql`_Batch`, batches, tolerance)
  if (range === undefined) return
  const poorRichness = table.shapes.filter((shape) => shape.keyless).map((shape) => shape.richness)
  const within = sql`TimeGenerated >= ${range.from} AND TimeGenerated <= ${range.to}`
  const isPoor = sql`intDiv(_Rank, 256) IN (${poorRichness})`
  const found = await connection.rows<{ poor: string }>(
    sql`SELECT count() AS poor FROM ${name} WHERE ${within} AND ${isPoor}`,
  )
  if (found[0]?.poor === '0') return
  const weakKey = sql`sipHash64(${join(table.identity.weakKey.map((part) => keyPart(part)))})`
  const columns = join(table.columns.map((column) => identifier(column.name)))
  const isSighted = sql`(_EvidenceId, _EvidenceRecord, _EvidenceOrdinal) IN (
      SELECT evidence, record, ordinal FROM ledger.Sightings WHERE table = ${table.name})`
  const rich = sql`SELECT ${weakKey} AS weakKey, _Identity FROM ${name} WHERE ${within} AND NOT ${isPoor}`
  const matched = sql`SELECT poor.*, rich.identities[poor.place + taken.matches] AS identity FROM (
      SELECT *, ${weakKey} AS weakKey, cityHash64(tuple(${columns})) AS rowHash,
        row_number() OVER (PARTITION BY weakKey, _EvidenceId ORDER BY TimeGenerated, rowHash, _EvidenceRecord) AS place
      FROM ${name} WHERE ${within} AND ${isPoor} AND NOT ${isSighted}
    ) AS poor INNER JOIN (
      SELECT weakKey, arraySort(groupArray(_Identity)) AS identities FROM (${rich}) GROUP BY weakKey
    ) AS rich ON poor.weakKey = rich.weakKey LEFT JOIN (
      SELECT weakKey, evidence, uniqExact(record, ordinal) AS matches
      FROM ledger.Sightings AS sighting INNER JOIN (${rich}) AS known ON sighting.identity = known._Identity
      WHERE sighting.table = ${table.name} AND intDiv(sighting.rank, 256) IN (${poorRichness}) GROUP BY weakKey, evidence
    ) AS taken ON poor.weakKey = taken.weakKey AND poor._EvidenceId = taken.evidence
    WHERE poor.place + taken.matches <= length(rich.identities)`
  await connection.command(
    sql`INSERT INTO ledger.Sightings
      SELECT ${table.name}, identity, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, _Rank, 1, rowHash,
        ${sightingFields(table)}, _Batch FROM (${matched})`,
  )
  await connection.command(sql`DELETE FROM ${name} WHERE ${within} AND ${isPoor} AND ${isSighted}`)
}
