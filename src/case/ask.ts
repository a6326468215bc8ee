import type { Connection, Limits } from '../engine/connection.ts'
import { decodeRow, type Cell } from '../kql/cells.ts'
import type { Compilation } from '../kql/compile.ts'
import type { Diagnostic } from '../kql/diagnostic.ts'
import type { Column } from '../kql/plan.ts'
import type { Sql } from '../sql/template.ts'

export interface AskOptions {
  readonly signal?: AbortSignal
  readonly limits?: Limits
  /** What `now()` gives. */
  readonly now?: Date
}

export type Answer =
  | {
      readonly ok: true
      readonly columns: readonly Column[]
      readonly rows: AsyncIterable<readonly Cell[]>
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Runs a compiled question; rows arrive as the engine finds them. */
export async function ask(
  reader: Connection,
  compilation: Extract<Compilation, { ok: true }>,
  options: AskOptions,
): Promise<Answer> {
  const { columns, diagnostics } = compilation
  const stream = await reader.query(compilation.sql, options)
  const rows = (async function* () {
    // The compiled SQL gives every cell as text or null.
    for await (const row of stream.rows) yield decodeRow(row as readonly (string | null)[], columns)
  })()
  return { ok: true, columns, rows, diagnostics }
}

/** All rows of a compiled query, as the SQL prints them: every cell is text or null. */
export async function textRows(
  reader: Connection,
  sql: Sql,
  options: AskOptions,
): Promise<readonly (readonly (string | null)[])[]> {
  const stream = await reader.query(sql, options)
  const rows: (readonly (string | null)[])[] = []
  for await (const row of stream.rows) rows.push(row as readonly (string | null)[])
  return rows
}
