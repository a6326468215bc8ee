import type { Connection } from '../engine/connection.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import { tableOf } from '../tables/recognise.ts'
import type { Table } from '../tables/types.ts'
import { batchState, type Ledger } from './ledger.ts'

interface TimeRange {
  readonly from: string
  readonly to: string
}

interface BatchTables {
  readonly batch: number
  readonly tables: readonly string[]
}

/** Settles every table that the batches brought rows to, and marks the batches as settled. */
export async function settleAll(
  connection: Connection,
  ledger: Ledger,
  batches: readonly BatchTables[],
): Promise<void> {
  const numbers = batches.map(({ batch }) => batch)
  for (const name of new Set(batches.flatMap(({ tables }) => tables))) {
    const table = tableOf({ table: name })
    if (table.identity.kind === 'record') await settleFlows(connection, numbers)
    else await settleTable(connection, table, numbers)
  }
  for (const batch of numbers) await ledger.markBatch(batch, 0, batchState.settled, [])
}

const rowsPerSlice = 2_000_000

/**
 * Leaves one row for each identity among the rows that share the time range of the given batches: the richest, then
 * the one with the greatest hash, then the lowest evidence id, so that the order of ingest does not matter. The others
 * become sightings. Running it again changes nothing.
 */
export async function settleTable(
  connection: Connection,
  table: Table,
  batches: readonly number[],
): Promise<void> {
  const name = storedTable(table)
  const tolerance = table.identity.kind === 'keyed' ? table.identity.timeToleranceSeconds : 0
  const range = await timeRange(connection, name, sql`TimeGenerated`, sql`_Batch`, batches, tolerance)
  if (range === undefined) return
  const within = sql`TimeGenerated >= ${range.from} AND TimeGenerated <= ${range.to}`
  const slices = await sliceCount(connection, name, within)
  for (let slice = 0; slice < slices; slice++) {
    const part = sql`${within} AND _Identity % ${slices} = ${slice}`
    if (await isUnique(connection, name, sql`_Identity`, part)) continue
    await connection.command(recordLosers(table, name, part))
    await connection.command(
      sql`DELETE FROM ${name} WHERE ${within} AND (_EvidenceId, _EvidenceRecord, _EvidenceOrdinal) IN (
        SELECT evidence, record, ordinal FROM ledger.Sightings
        WHERE table = ${table.name} AND identity % ${slices} = ${slice}
          AND identity IN (SELECT _Identity FROM ${name} WHERE ${part} GROUP BY _Identity HAVING count() > 1))`,
    )
  }
}

/** The same for flow logs, whose identity is the record: one row of `FlowRecords` each, its tuples in `FlowTuples`. */
export async function settleFlows(connection: Connection, batches: readonly number[]): Promise<void> {
  const records = sql`ledger.FlowRecords`
  const range = await timeRange(connection, records, sql`firstTime`, sql`batch`, batches, 0)
  if (range === undefined) return
  const within = sql`firstTime >= ${range.from} AND firstTime <= ${range.to}`
  const slices = await sliceCount(connection, records, within)
  for (let slice = 0; slice < slices; slice++) {
    const part = sql`${within} AND identity % ${slices} = ${slice}`
    if (await isUnique(connection, records, sql`identity`, part)) continue
    const losers = sql`SELECT identity, evidence, record, tuples, batch, firstTime, lastTime FROM (
      SELECT *, row_number() OVER (PARTITION BY identity ORDER BY evidence, record) AS place FROM ${records}
      WHERE ${part} AND identity IN (SELECT identity FROM ${records} WHERE ${part} GROUP BY identity HAVING count() > 1)
    ) WHERE place > 1`
    await connection.command(
      sql`INSERT INTO ledger.Sightings SELECT 'FlowTuples', identity, evidence, record, 0, 0, tuples, 0, '', batch FROM (${losers})`,
    )
    const bounds = await connection.rows<TimeRange & { count: string }>(
      sql`SELECT toString(min(firstTime)) AS from, toString(max(lastTime)) AS to, count() AS count FROM (${losers})`,
    )
    const bound = bounds[0]
    if (bound === undefined || Number(bound.count) === 0) continue
    await connection.command(
      sql`DELETE FROM logs.FlowTuples WHERE TimeGenerated >= ${bound.from} AND TimeGenerated <= ${bound.to}
        AND (_EvidenceId, _EvidenceRecord) IN (SELECT evidence, record FROM (${losers}))`,
    )
    await connection.command(
      sql`DELETE FROM ${records} WHERE (evidence, record) IN (SELECT evidence, record FROM (${losers}))`,
    )
  }
}

function recordLosers(table: Table, name: Sql, part: Sql): Sql {
  const columns = join(table.columns.map((column) => identifier(column.name)))
  const fields = join(
    table.columns.map((column) => sql`${column.name}, ifNull(toString(${identifier(column.name)}), '')`),
  )
  const order = sql`_Rank DESC, rowHash DESC, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal`
  return sql`INSERT INTO ledger.Sightings
    SELECT ${table.name}, _Identity, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, _Rank, 1, rowHash,
      if(rowHash = keptHash, '', toJSONString(mapFilter((name, value) -> value != '', map(${fields})))), _Batch
    FROM (
      SELECT *, cityHash64(${columns}) AS rowHash,
        row_number() OVER (PARTITION BY _Identity ORDER BY ${order}) AS place,
        first_value(rowHash) OVER (PARTITION BY _Identity ORDER BY ${order}) AS keptHash
      FROM ${name} WHERE ${part}
        AND _Identity IN (SELECT _Identity FROM ${name} WHERE ${part} GROUP BY _Identity HAVING count() > 1)
    ) WHERE place > 1`
}

async function timeRange(
  connection: Connection,
  table: Sql,
  time: Sql,
  batchColumn: Sql,
  batches: readonly number[],
  toleranceSeconds: number,
): Promise<TimeRange | undefined> {
  if (batches.length === 0) return undefined
  const rows = await connection.rows<TimeRange & { count: string }>(
    sql`SELECT toString(subtractSeconds(min(${time}), ${toleranceSeconds})) AS from,
      toString(addSeconds(max(${time}), ${toleranceSeconds})) AS to, count() AS count
      FROM ${table} WHERE ${batchColumn} IN (${batches})`,
  )
  const row = rows[0]
  return row === undefined || Number(row.count) === 0 ? undefined : row
}

async function sliceCount(connection: Connection, table: Sql, within: Sql): Promise<number> {
  const rows = await connection.rows<{ count: string }>(sql`SELECT count() AS count FROM ${table} WHERE ${within}`)
  return Math.max(1, Math.ceil(Number(rows[0]?.count ?? 0) / rowsPerSlice))
}

async function isUnique(connection: Connection, table: Sql, identity: Sql, part: Sql): Promise<boolean> {
  const rows = await connection.rows<{ repeated: number }>(
    sql`SELECT count() != uniqExact(${identity}) AS repeated FROM ${table} WHERE ${part}`,
  )
  return !rows[0]?.repeated
}
