import type { FoundRecord, SearchHit } from '../../trail/search.ts'
import { searchTerms } from '../../trail/search.ts'
import { readTermLine } from '../../trail/term-list.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { linesOf, openInput } from '../lines.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { countText } from '../../quantity.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { visible } from '../visible.ts'

export type SearchOptions = CaseOptions & { readonly file?: string; readonly output?: OutputFormat }

const shownRows = 5
const shownAbsent = 20

const countColumns = [
  { name: 'Term', type: 'string' },
  { name: 'Table', type: 'string' },
  { name: 'Records', type: 'long' },
  { name: 'First', type: 'datetime' },
  { name: 'Last', type: 'datetime' },
] as const
const columns = [...countColumns, { name: 'Rows', type: 'dynamic' }] as const
const rowColumns = [
  { name: 'Row', type: 'string' },
  { name: 'Table', type: 'string' },
  { name: 'Time', type: 'datetime' },
  { name: 'Text', type: 'string' },
] as const

/** Looks for terms in all tables: how often, from when to when, and the rows, by what `azimuth show` takes. */
export async function search(
  invocation: Invocation,
  terms: readonly string[],
  options: SearchOptions,
): Promise<ExitCode> {
  const { terminal } = invocation
  if (terms.length === 0 && options.file === undefined)
    throw new UsageError('name a term, or a file with one a line')
  const wanted = [...terms, ...(await readTerms(terminal, options.file))]
  return await withCase(invocation, options, { command: 'search', create: false }, async (session) => {
    const hits = await searchTerms(session.case, wanted)
    const output = options.output ?? 'table'
    if (output === 'table') await writeHits(terminal, hits)
    else
      await writeRows(
        terminal,
        columns,
        hits.map((hit) => [...counts(hit), hit.found.map((row) => rowName(row))]),
        { output },
      )
    const tables = (await session.case.tables()).map(({ table }) => table)
    await terminal.err.write(absentText(wanted, hits, tables))
    return exitCode.ok
  })
}

async function readTerms(terminal: Terminal, file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return []
  const lines = await Array.fromAsync(linesOf(openInput(terminal, file)), (line) => readTermLine(line))
  return lines.filter((term) => term !== undefined)
}

async function writeHits(terminal: Terminal, hits: readonly SearchHit[]): Promise<void> {
  if (hits.length === 0) return
  await writeRows(terminal, countColumns, hits.map(counts), { output: 'table' })
  await terminal.out.write('\n')
  const rows = hits.flatMap(({ table, found }) =>
    found.slice(0, shownRows).map((row) => [rowName(row), table, row.time, row.excerpt]),
  )
  await writeRows(terminal, rowColumns, rows, { output: 'table' })
  if (hits.some(({ count }) => count > shownRows))
    await terminal.err.write(`the first ${shownRows} rows of each; --output json names more\n`)
}

function counts({ term, table, count, first, last }: SearchHit): readonly unknown[] {
  return [term, table, count, first, last]
}

function rowName({ evidenceId, record, ordinal }: FoundRecord): string {
  return [evidenceId.slice(0, 12), record, ...(ordinal > 0 ? [ordinal] : [])].join(':')
}

/** Which terms are nowhere, and where they were looked for. */
function absentText(
  wanted: readonly string[],
  hits: readonly SearchHit[],
  tables: readonly string[],
): string {
  const found = new Set(hits.map(({ term }) => term.trim().toLowerCase()))
  const absent = [...new Set(wanted.map((term) => term.trim()))].filter(
    (term) => term !== '' && !found.has(term.toLowerCase()),
  )
  if (absent.length === 0) return ''
  const rest = absent.length > shownAbsent ? ` and ${countText(absent.length - shownAbsent)} more` : ''
  const names = absent.slice(0, shownAbsent).map((term) => `  ${visible(term)}\n`)
  return `in none of ${tables.length} tables (${tables.map((table) => visible(table)).join(', ')}):\n${names.join('')}${rest === '' ? '' : ` ${rest}\n`}`
}
