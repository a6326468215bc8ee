import type { Connection, Limits } from '../engine/connection.ts'
import type { RunSummary } from '../engine/row-stream.ts'
import { decodeRow, type Cell } from '../kql/cells.ts'
import type { Compilation, CompiledTable } from '../kql/compilation.ts'
import type { CompileOptions } from '../kql/compile.ts'
import type { Diagnostic } from '../kql/diagnostic.ts'
import { chartOf, type Chart } from '../kql/operators/render.ts'
import type { Column } from '../kql/plan.ts'
import type { CustodyObject } from './custody-line.ts'
import type { Sql } from '../sql/template.ts'

/** How a question is asked. `now` stands still while it is answered; it is the present where none is given. */
export interface AskOptions extends Omit<CompileOptions, 'now' | 'external' | 'geoip' | 'discover'> {
  readonly now?: Date | bigint
  /** The folder that holds the files of `externaldata`, under `<host>/<path>`. */
  readonly external?: string
  /** A file in MaxMind's format that tells where addresses are. */
  readonly geoip?: string
  /** Told of each file that the question was answered with. */
  readonly onRead?: (file: CustodyObject) => void
  readonly signal?: AbortSignal
  readonly limits?: Limits
}

/** A question as it was compiled. */
export type Asked = Extract<Compilation, { ok: true }>

/** A table with its rows, as they come. */
export interface AnswerTable {
  readonly name?: string
  readonly columns: readonly Column[]
  /** Asked for with evidence and given it, a row ends in two more cells: its records, and how many there are in all. */
  readonly rows: AsyncIterable<readonly Cell[]>
  readonly evidence?: Asked['evidence']
  /** How the query asks for its rows to be drawn. */
  readonly chart?: Chart
  /** Whether the rows depend on `now`. */
  readonly readsClock: boolean
  /** What was read for it; resolves after the last row. */
  readonly summary: () => Promise<RunSummary>
}

/** The first table; most questions have no other. */
export type Answer =
  | (AnswerTable & {
      readonly ok: true
      /** The tables after it, asked for with `several`: each is run when it is called for. */
      readonly others: readonly (() => Promise<AnswerTable>)[]
      readonly diagnostics: readonly Diagnostic[]
    })
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Runs a compiled question; rows arrive as the engine finds them. */
export async function ask(reader: Connection, asked: Asked, options: AskOptions): Promise<Answer> {
  const { diagnostics } = asked
  const others = asked.others.map((table) => async () => await askTable(reader, table, options))
  return { ok: true, ...(await askTable(reader, asked, options)), others, diagnostics }
}

/** All tables of an answer, one after the other. */
export async function* tablesOf(answer: Extract<Answer, { ok: true }>): AsyncGenerator<AnswerTable> {
  yield answer
  for (const run of answer.others) yield await run()
}

async function askTable(
  reader: Connection,
  asked: CompiledTable,
  { signal, limits }: AskOptions,
): Promise<AnswerTable> {
  const { name, columns, evidence, readsClock } = asked
  const stream = await reader.query(asked.sql, { ...(signal && { signal }), ...(limits && { limits }) })
  const isTraced = evidence?.given === true
  const rows = (async function* () {
    for await (const row of stream.rows) {
      // The compiled SQL gives every cell as text or null.
      const texts = row as readonly (string | null)[]
      const cells = decodeRow(texts, columns)
      yield isTraced ? [...cells, recordsOf(texts.at(-2)), Number(texts.at(-1))] : cells
    }
  })()
  const summary = async (): Promise<RunSummary> => await stream.summary()
  const chart = chartOf(asked.plan)
  const asides = {
    ...(name !== undefined && { name }),
    ...(evidence && { evidence }),
    ...(chart && { chart }),
  }
  return { columns, rows, ...asides, readsClock, summary }
}

/** `[evidence id, record, ordinal]` of some of the records behind a row. */
function recordsOf(text: string | null | undefined): Cell {
  // The compiled SQL gives this shape.
  const records = JSON.parse(text ?? '[]') as readonly (readonly [string, string, string])[]
  return records.map(([id, record, ordinal]) => [id, Number(record), Number(ordinal)])
}

/** All rows of a compiled query, as the SQL prints them: every cell is text or null. */
export async function textRows(
  reader: Connection,
  sql: Sql,
  { signal, limits }: AskOptions,
): Promise<readonly (readonly (string | null)[])[]> {
  const stream = await reader.query(sql, { ...(signal && { signal }), ...(limits && { limits }) })
  const rows: (readonly (string | null)[])[] = []
  for await (const row of stream.rows) rows.push(row as readonly (string | null)[])
  return rows
}
