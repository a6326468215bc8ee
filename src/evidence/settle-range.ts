import type { Connection } from '../engine/connection.ts'
import { sql, type Sql } from '../sql/template.ts'

/** A span of time as the engine writes it. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

const rowsPerSlice = 2_000_000

/** What a settling looks at: a span of time, and into how many slices by identity it is cut, to bound its memory. */
export interface SettledRange extends TimeRange {
  readonly slices: number
}

/** From when to when the rows of the batches reach, with a tolerance at both ends; nothing where they have no rows. */
export async function settledRange(
  connection: Connection,
  table: Sql,
  time: Sql,
  batchColumn: Sql,
  batches: readonly number[],
  toleranceSeconds: number,
): Promise<SettledRange | undefined> {
  if (batches.length === 0) return undefined
  const from = sql`subtractSeconds(brought.1, ${toleranceSeconds})`
  const to = sql`addSeconds(brought.2, ${toleranceSeconds})`
  const rows = await connection.rows<TimeRange & { own: string; count: string }>(
    sql`WITH (SELECT (min(${time}), max(${time}), count()) FROM ${table} WHERE ${batchColumn} IN (${batches})) AS brought
      SELECT toString(${from}) AS from, toString(${to}) AS to, brought.3 AS own, count() AS count
      FROM ${table} WHERE ${time} >= ${from} AND ${time} <= ${to}`,
  )
  const row = rows[0]
  if (row === undefined || Number(row.own) === 0) return undefined
  return { from: row.from, to: row.to, slices: Math.max(1, Math.ceil(Number(row.count) / rowsPerSlice)) }
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
