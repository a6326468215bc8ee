import type { SummaryAspect } from '../../trail/aspects.ts'
import { summaryQuestion } from '../../trail/summary.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

/** Sums up who or what appears in the logs, the most frequent first. */
export async function summary(
  invocation: Invocation,
  options: CaseOptions & { readonly by: SummaryAspect; readonly output?: OutputFormat },
): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'summary', create: false }, async (session) => {
    const answer = await session.case.ask(summaryQuestion(options.by))
    if (!answer.ok) throw new Error(answer.diagnostics.map(({ message }) => message).join('; '))
    const count = await writeRows(invocation.terminal, answer.columns, answer.rows, {
      output: options.output ?? 'table',
    })
    if (count === 0) await invocation.terminal.err.write(`no record of this case names any ${options.by}\n`)
    return exitCode.ok
  })
}
