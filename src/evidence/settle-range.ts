import type { Connection } from '../engine/connection.ts'
import { sql, type Sql } from '../sql/template.ts'

/** A span of time as the engine writes it. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

const rowsPerSlice = 2_000_000

/** From when to when the rows of the batches reach, with a tolerance at both ends; nothing where they have no rows. */
export async function timeRange(
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

/** Into how many slices by identity a settling is cut, to bound its memory. */
export async function sliceCount(connection: Connection, table: Sql, within: Sql): Promise<number> {
  const rows = await connection.rows<{ count: string }>(
    sql`SELECT count() AS count FROM ${table} WHERE ${within}`,
  )
  return Math.max(1, Math.ceil(Number(rows[0]?.count ?? 0) / rowsPerSlice))
}

/** Whether no two rows of the part share an identity. */
export async function isUnique(
  connection: Connection,
  table: Sql,
  identity: Sql,
  part: Sql,
): Promise<boolean> {
  const rows = await connection.rows<{ repeated: number }>(
    sql`SELECT count() != uniqExact(${identity}) AS repeated FROM ${table} WHERE ${part}`,
  )
  return !rows[0]?.repeated
}
