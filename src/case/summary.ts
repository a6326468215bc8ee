import type { Connection } from '../engine/connection.ts'
import { sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'

export interface TableSummary {
  readonly table: string
  readonly rows: number
  readonly first: string | null
  readonly last: string | null
  readonly sources: number
}

/** Rows, first and last time (ISO 8601, UTC) and number of evidence files of each table that holds rows. */
export async function summarizeTables(
  connection: Connection,
  tables: readonly Table[],
): Promise<readonly TableSummary[]> {
  const summaries: TableSummary[] = []
  for (const table of tables) {
    const found = await connection.rows<{ rows: string; first: string; last: string; sources: string }>(
      sql`SELECT count() AS rows, formatDateTime(min(TimeGenerated), '%FT%TZ') AS first,
        formatDateTime(max(TimeGenerated), '%FT%TZ') AS last, uniqExact(_EvidenceId) AS sources FROM ${storedTable(table)}`,
    )
    const row = found[0]
    if (row === undefined || row.rows === '0') continue
    summaries.push({
      table: table.name,
      rows: Number(row.rows),
      first: row.first,
      last: row.last,
      sources: Number(row.sources),
    })
  }
  return summaries
}
