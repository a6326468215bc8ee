import { askOf } from '../../case/rows.ts'
import { mostRecords, searchTerms } from '../../trail/search.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { linesOf, openInput } from '../lines.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

export type SearchOptions = CaseOptions & { readonly file?: string; readonly output?: OutputFormat }

const columns = [
  { name: 'Term', type: 'string' },
  { name: 'Table', type: 'string' },
  { name: 'Records', type: 'long' },
  { name: 'First', type: 'datetime' },
  { name: 'Last', type: 'datetime' },
  { name: 'Rows', type: 'dynamic' },
] as const

/** Looks for terms in all tables; `Rows` are what `azimuth show` takes, the earliest first. */
export async function search(
  invocation: Invocation,
  terms: readonly string[],
  options: SearchOptions,
): Promise<ExitCode> {
  const { terminal } = invocation
  if (terms.length === 0 && options.file === undefined)
    throw new UsageError('name a term, or a file with one a line')
  const wanted = [...terms]
  if (options.file !== undefined)
    for await (const line of linesOf(openInput(terminal, options.file)))
      if (!line.startsWith('#')) wanted.push(line)
  return await withCase(invocation, options, { command: 'search', create: false }, async (session) => {
    const tables = (await session.case.tables()).map(({ table }) => table)
    const hits = await searchTerms(askOf(session.case), tables, wanted)
    const shown = options.output === undefined || options.output === 'table' ? 3 : mostRecords
    const rows = hits.map((hit) => [
      hit.term,
      hit.table,
      hit.count,
      hit.first,
      hit.last,
      hit.records
        .slice(0, shown)
        .map(({ evidenceId, record, ordinal }) =>
          [evidenceId.slice(0, 12), record, ...(ordinal > 0 ? [ordinal] : [])].join(':'),
        ),
    ])
    await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
    const found = new Set(hits.map(({ term }) => term))
    const absent = wanted.filter((term) => !found.has(term.trim()))
    if (absent.length > 0)
      await terminal.err.write(
        `${absent.length} of ${wanted.length} terms are in none of ${tables.length} tables (${tables.join(', ')})\n`,
      )
    return exitCode.ok
  })
}
