import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

/** Lists what ingest set aside: records that did not fit, or the differing values of records seen more than once. */
export async function listing(
  invocation: Invocation,
  command: 'quarantine' | 'conflicts',
  options: CaseOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const { terminal } = invocation
  return await withCase(invocation, options, { command, create: false }, async (session) => {
    const { columns, rows } = await (command === 'quarantine'
      ? session.case.quarantine()
      : session.case.conflicts())
    const count = await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
    if (count === 0)
      await terminal.err.write(
        command === 'quarantine' ? 'nothing is in quarantine\n' : 'no record has differing values\n',
      )
    return exitCode.ok
  })
}
