import type { Connection, RunOptions } from '../engine/connection.ts'
import { sql, type Sql } from '../sql/template.ts'

/** What a statement is going to read of one table, as the engine sees it before it runs. */
export interface ReadEstimate {
  readonly table: string
  /** Files of the table that are opened, and blocks of rows in them. */
  readonly parts: number
  readonly granules: number
  readonly rows: number
}

/** Asks the engine what a statement is going to read; nothing is run. */
export async function estimateReads(
  reader: Connection,
  statement: Sql,
  options: RunOptions,
): Promise<readonly ReadEstimate[]> {
  type Row = Readonly<Record<'database' | 'table' | 'parts' | 'rows' | 'marks', string>>
  const found = await reader.rows<Row>(sql`EXPLAIN ESTIMATE ${statement}`, options)
  return found.map(({ database, table, parts, rows, marks }) => ({
    table: database === 'logs' ? table : `${database}.${table}`,
    parts: Number(parts),
    granules: Number(marks),
    rows: Number(rows),
  }))
}
