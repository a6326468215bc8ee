import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

const columns = [
  { name: 'Table', type: 'string' },
  { name: 'Rows', type: 'long' },
  { name: 'First', type: 'datetime' },
  { name: 'Last', type: 'datetime' },
  { name: 'Sources', type: 'long' },
] as const

/** Lists the tables of the case that have rows. */
export async function tables(
  invocation: Invocation,
  options: CaseOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command: 'tables', create: false }, async (session) => {
    const found = await session.case.tables()
    const rows = found.map(({ table, rows: count, first, last, sources }) => [
      table,
      count,
      first,
      last,
      sources,
    ])
    await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
    if (found.length === 0)
      await terminal.err.write('the case is empty; take logs in with: azimuth ingest PATH…\n')
    return exitCode.ok
  })
}
