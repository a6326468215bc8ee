import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'
import { isUnique, settledRange } from './settle-range.ts'

/**
 * Leaves one row for each identity among the rows that share the time range of the given batches: the richest, then
 * the one with the greatest hash, then the lowest evidence id, so that the order of ingest does not matter. The others
 * become sightings. Rows further apart in time than the table's tolerance are different events, whatever their key. Running it again changes nothing.
 */
export async function settleTable(
  connection: Connection,
  table: Table,
  batches: readonly number[],
): Promise<void> {
  const name = storedTable(table)
  const tolerance = table.identity.kind === 'keyed' ? table.identity.timeToleranceSeconds : 0
  const range = await settledRange(connection, name, sql`TimeGenerated`, sql`_Batch`, batches, tolerance)
  if (range === undefined) return
  const within = sql`TimeGenerated >= ${range.from} AND TimeGenerated <= ${range.to}`
  const { slices } = range
  for (let slice = 0; slice < slices; slice++) {
    const part = sql`${within} AND _Identity % ${slices} = ${slice}`
    if (await isUnique(connection, name, sql`_Identity`, part)) continue
    await connection.command(recordLosers(table, name, part, tolerance))
    await connection.command(
      sql`DELETE FROM ${name} WHERE ${within} AND (_EvidenceId, _EvidenceRecord, _EvidenceOrdinal) IN (
        SELECT evidence, record, ordinal FROM ${tableIn('ledger', 'Sightings')}
        WHERE table = ${table.name} AND identity % ${slices} = ${slice}
          AND identity IN (SELECT _Identity FROM ${name} WHERE ${part} GROUP BY _Identity HAVING count() > 1))`,
    )
  }
}

function recordLosers(table: Table, name: Sql, part: Sql, tolerance: number): Sql {
  const columns = join(table.columns.map((column) => identifier(column.name)))
  const order = sql`_Rank DESC, rowHash DESC, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal`
  return sql`INSERT INTO ${tableIn('ledger', 'Sightings')}
    SELECT ${table.name}, _Identity, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, _Rank, 1, rowHash,
      if(rowHash = keptHash, '', ${sightingFields(table)}), _Batch
    FROM (
      SELECT *,
        row_number() OVER (PARTITION BY _Identity, sighted ORDER BY ${order}) AS place,
        first_value(rowHash) OVER (PARTITION BY _Identity, sighted ORDER BY ${order}) AS keptHash
      FROM (
        SELECT *, sum(isApart) OVER (PARTITION BY _Identity ORDER BY TimeGenerated ROWS UNBOUNDED PRECEDING) AS sighted
        FROM (
          SELECT *, cityHash64(tuple(${columns})) AS rowHash, dateDiff('second', lagInFrame(TimeGenerated, 1, TimeGenerated)
            OVER (PARTITION BY _Identity ORDER BY TimeGenerated ROWS UNBOUNDED PRECEDING), TimeGenerated) > ${tolerance} AS isApart
          FROM ${name} WHERE ${part}
            AND _Identity IN (SELECT _Identity FROM ${name} WHERE ${part} GROUP BY _Identity HAVING count() > 1)))
    ) WHERE place > 1`
}

/** What a row says, as a JSON object of texts, to be compared with the row that was kept. */
export function sightingFields(table: Table): Sql {
  const fields = join(
    table.columns.map((column) => sql`${column.name}, ifNull(toString(${identifier(column.name)}), '')`),
  )
  return sql`toJSONString(mapFilter((name, value) -> value != '', map(${fields})))`
}
