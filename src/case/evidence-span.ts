import type { Connection } from '../engine/connection.ts'
import { join, sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'

/** The times of the first and the last record of a case, in ticks since 1970-01-01. */
export interface EvidenceSpan {
  readonly first: bigint
  readonly last: bigint
}

/** From when to when the records of these tables are; nothing where they hold none. */
export async function evidenceSpan(
  connection: Connection,
  tables: readonly Table[],
): Promise<EvidenceSpan | undefined> {
  const parts = tables.map(
    (table) =>
      sql`SELECT count() AS records, min(TimeGenerated) AS first, max(TimeGenerated) AS last FROM ${storedTable(table)}`,
  )
  const [span] = await connection.rows<{ first: string; last: string; found: string }>(
    sql`SELECT reinterpretAsInt64(min(first)) AS first, reinterpretAsInt64(max(last)) AS last, count() AS found
      FROM (${join(parts, sql` UNION ALL `)}) WHERE records > 0`,
  )
  if (span === undefined || span.found === '0') return undefined
  return { first: BigInt(span.first), last: BigInt(span.last) }
}
