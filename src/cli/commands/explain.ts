import { diagnosticText } from '../diagnostic.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { jsonText } from '../json-cell.ts'
import { planText } from '../plan-text.ts'
import { readQueryText } from '../query-text.ts'
import { readQuestion, type QuestionOptions } from '../question.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'
import { visibleLines } from '../visible.ts'

export type ExplainOptions = CaseOptions &
  QuestionOptions & { readonly file?: string; readonly output?: 'text' | 'json' }

/** Prints the plan and the SQL that a query becomes, without running it. */
export async function explain(
  invocation: Invocation,
  kql: string | undefined,
  options: ExplainOptions,
): Promise<ExitCode> {
  const { out, err } = invocation.terminal
  const text = await readQueryText(invocation.terminal, kql, options.file)
  return await withCase(invocation, options, { command: 'explain', create: false }, async (session) => {
    const question = await readQuestion(invocation.terminal, session, options)
    const compiled = await session.case.compile(text, { ...question, compileOnly: true })
    for (const diagnostic of compiled.diagnostics) await err.write(diagnosticText(err, text, diagnostic))
    if (!compiled.ok) return exitCode.error
    const { columns, plan } = compiled
    const sql = compiled.sql.text
    if (options.output === 'json') {
      await out.write(`${jsonText({ columns, plan, sql })}\n`)
      return exitCode.ok
    }
    const parts = [
      ['Columns', columns.map(({ name, type }) => `${name}: ${type}`).join(', ')],
      ['Plan', planText(plan, text).trimEnd()],
      ['SQL', sql],
    ] as const
    for (const [title, body] of parts)
      await out.write(`${out.paint('bold', title)}\n${visibleLines(body)}\n\n`)
    return exitCode.ok
  })
}
