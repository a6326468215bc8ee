import type { CaseEngine } from '../engine/case-engine.ts'
import type { RunOptions } from '../engine/connection.ts'
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
  engine: CaseEngine,
  statement: Sql,
  options: RunOptions,
): Promise<readonly ReadEstimate[]> {
  // A server of a cluster tells of its own part alone.
  const { reader, parts, spread } = engine
  const asked = spread === undefined ? [reader] : parts.map(({ whole }) => whole)
  const found = await Promise.all(
    asked.map((connection) => connection.rows<Row>(sql`EXPLAIN ESTIMATE ${statement}`, options)),
  )
  const isLogs = new Set([reader, ...parts.map(({ own }) => own)].map(({ databases }) => databases.logs))
  const named = found.flat().map((row) => ({
    ...row,
    table: isLogs.has(row.database) ? row.table : `${row.database}.${row.table}`,
  }))
  return [...Map.groupBy(named, ({ table }) => table)].map(([table, rows]) => ({
    table,
    parts: sum(rows.map((row) => row.parts)),
    granules: sum(rows.map((row) => row.marks)),
    rows: sum(rows.map((row) => row.rows)),
  }))
}

type Row = Readonly<Record<'database' | 'table' | 'parts' | 'rows' | 'marks', string>>

function sum(counts: readonly string[]): number {
  return counts.reduce((total, count) => total + Number(count), 0)
}
