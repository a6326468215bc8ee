import { assertNever } from '../error.ts'
import { csvRows } from './output-csv.ts'
import { tableRows } from './output-table.ts'
import { jsonObject, jsonText } from './json-cell.ts'
import type { Terminal } from './terminal.ts'

export const outputFormats = ['table', 'json', 'ndjson', 'csv'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** Charts are drawn for queries that end in `render`. */
export const queryFormats = [...outputFormats, 'chart'] as const
export type QueryFormat = (typeof queryFormats)[number]

/** A column of an answer; `type` is a KQL type. Prose is never cut to the width of a terminal. */
export type OutputColumn = { readonly name: string; readonly type: string; readonly isProse?: boolean }

/** Rows that come as a stream. Cells are JSON values. */
export type Rows = AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>

export type OutputOptions = {
  readonly output: OutputFormat
  /** CSV for spreadsheets: cells that one would take for a formula get an apostrophe. */
  readonly csvSafe?: boolean
  /** The table that the rows belong to, of several: NDJSON tells it with each. */
  readonly table?: { readonly number: number; readonly name: string | undefined }
}

/** Writes rows to stdout as they come, and returns how many there were. */
export async function writeRows(
  terminal: Terminal,
  columns: readonly OutputColumn[],
  rows: Rows,
  options: OutputOptions,
): Promise<number> {
  let count = 0
  const counted = (async function* () {
    for await (const row of rows) {
      terminal.signal.throwIfAborted()
      count += 1
      yield row
    }
  })()
  for await (const text of gathered(printed(terminal, columns, counted, options)))
    await terminal.out.write(text)
  return count
}

function printed(
  terminal: Terminal,
  columns: readonly OutputColumn[],
  rows: AsyncIterable<readonly unknown[]>,
  options: OutputOptions,
): AsyncIterable<string> {
  switch (options.output) {
    case 'table':
      return tableRows(terminal.out, columns, rows)
    case 'json':
      return jsonRows(columns, rows)
    case 'ndjson':
      return ndjsonRows(columns, rows, options.table)
    case 'csv':
      return csvRows(columns, rows, { safe: options.csvSafe === true, visible: terminal.out.isTerminal })
    default:
      return assertNever(options.output)
  }
}

async function* jsonRows(columns: readonly OutputColumn[], rows: AsyncIterable<readonly unknown[]>) {
  const print = jsonObject(columns.map((column) => column.name))
  let before = '[\n'
  for await (const row of rows) {
    yield `${before}${print(row)}`
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

async function* ndjsonRows(
  columns: readonly OutputColumn[],
  rows: AsyncIterable<readonly unknown[]>,
  table: OutputOptions['table'],
) {
  const print = jsonObject(columns.map((column) => column.name))
  const [before, after] =
    table === undefined
      ? ['', '']
      : [`{"table":${table.number},"name":${jsonText(table.name ?? null)},"row":`, '}']
  for await (const row of rows) yield `${before}${print(row)}${after}\n`
}

/** Joins small pieces, so that a million rows are not a million writes; a slow stream still shows its first row soon. */
async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  let since = performance.now()
  for await (const piece of pieces) {
    text += piece
    if (text.length < 65_536 && performance.now() - since < 50) continue
    yield text
    text = ''
    since = performance.now()
  }
  if (text !== '') yield text
}
