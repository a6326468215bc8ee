import type { Asked } from '../../case/ask.ts'
import type { ReadEstimate } from '../../case/estimate.ts'
import type { RunSummary } from '../../engine/row-stream.ts'
import { diagnosticText } from '../diagnostic.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { jsonText } from '../json-cell.ts'
import { planText } from '../plan-text.ts'
import { readQueryText } from '../query-text.ts'
import { readQuestion, type Question, type QuestionOptions } from '../question.ts'
import { withCase, type CaseOptions, type Invocation, type Session } from '../session.ts'
import { treeText } from '../tree-text.ts'
import { visibleLines } from '../visible.ts'

export type ExplainOptions = CaseOptions &
  QuestionOptions & {
    readonly file?: string
    readonly output?: 'text' | 'json'
    readonly tree?: boolean
    readonly run?: boolean
  }

/** What was read for an answer, and how many rows it has. */
type Run = Omit<RunSummary, 'queryId' | 'writtenRows'> & { readonly rows: number }

/** Prints the tree, the plan and the SQL that a query becomes, and what it reads: before it runs, or in fact. */
export async function explain(
  invocation: Invocation,
  kql: string | undefined,
  options: ExplainOptions,
): Promise<ExitCode> {
  const { out, err } = invocation.terminal
  const text = await readQueryText(invocation.terminal, kql, options.file)
  return await withCase(invocation, options, { command: 'explain', create: false }, async (session) => {
    const now = BigInt(Date.now()) * 10_000n
    const question = { now, ...(await readQuestion(invocation.terminal, session, options)) }
    const compileOnly = options.run !== true
    const compiled = await session.case.compile(text, {
      ...question,
      compileOnly,
      tree: options.tree === true,
    })
    for (const diagnostic of compiled.diagnostics) await err.write(diagnosticText(err, text, diagnostic))
    if (!compiled.ok) return exitCode.error
    const reads = await session.case.estimate(compiled, question)
    const run = options.run === true ? await runOnce(session, text, question) : undefined
    const { columns, plan, sql, tree } = compiled
    if (options.output === 'json') {
      await out.write(`${jsonText({ columns, tree, plan, sql: sql.text, reads, run })}\n`)
      return exitCode.ok
    }
    for (const [title, body] of partsOf(compiled, text, reads, run))
      await out.write(`${out.paint('bold', title)}\n${visibleLines(body)}\n\n`)
    return exitCode.ok
  })
}

function partsOf(
  { columns, plan, sql, tree }: Asked,
  text: string,
  reads: readonly ReadEstimate[],
  run: Run | undefined,
): readonly (readonly [title: string, body: string])[] {
  const estimates = reads.map(
    ({ table, rows, parts, granules }) => `${table}: ${rows} rows in ${granules} granules of ${parts} parts`,
  )
  return [
    ['Columns', columns.map(({ name, type }) => `${name}: ${type}`).join(', ')],
    ...(tree === undefined ? [] : [['Tree', treeText(tree, text)] as const]),
    ['Plan', planText(plan, text).trimEnd()],
    ['SQL', sql.text],
    ['Reads', estimates.length === 0 ? 'no table' : estimates.join('\n')],
    ...(run === undefined ? [] : [['Run', runText(run)] as const]),
  ]
}

function runText({ rows, readRows, readBytes, elapsedMs }: Run): string {
  return `${rows} rows out of ${readRows} rows (${readBytes} bytes) in ${(elapsedMs / 1000).toFixed(3)} s`
}

/** Runs a question that has been compiled and counts its rows. */
async function runOnce(session: Session, text: string, question: Question): Promise<Run> {
  const answer = await session.case.ask(text, question)
  if (!answer.ok) throw new Error(`a query that compiled was refused: ${JSON.stringify(answer.diagnostics)}`)
  let rows = 0
  for await (const _ of answer.rows) rows += 1
  const { readRows, readBytes, elapsedMs } = await answer.summary()
  return { rows, readRows, readBytes, elapsedMs }
}
