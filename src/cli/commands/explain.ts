import { tablesOf } from '../../case/ask.ts'
import type { ReadEstimate } from '../../case/estimate.ts'
import type { CompiledTable } from '../../kql/compilation.ts'
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
    const question = { now, several: true, ...(await readQuestion(invocation.terminal, session, options)) }
    const compileOnly = options.run !== true
    const compiled = await session.case.compile(text, {
      ...question,
      compileOnly,
      tree: options.tree === true,
    })
    for (const diagnostic of compiled.diagnostics) await err.write(diagnosticText(err, text, diagnostic))
    if (!compiled.ok) return exitCode.error
    const tables: Explained[] = []
    for (const table of [compiled, ...compiled.others])
      tables.push({ ...table, reads: await session.case.estimate(table, question) })
    const run = options.run === true ? await runOnce(session, text, question) : undefined
    const { tree } = compiled
    if (options.output === 'json') {
      const [first, ...others] = tables.map(({ name, columns, plan, sql, reads }) => {
        return { name, columns, plan, sql: sql.text, reads }
      })
      const explained = others.length === 0 ? first : { tables: [first, ...others] }
      await out.write(`${jsonText({ ...explained, tree, run })}\n`)
      return exitCode.ok
    }
    const parts = [
      ...(tree === undefined ? [] : [['Tree', treeText(tree, text)] as const]),
      ...tables.flatMap((table) => partsOf(table, text)),
      ...(run === undefined ? [] : [['Run', runText(run)] as const]),
    ]
    for (const [title, body] of parts)
      await out.write(`${out.paint('bold', title)}\n${visibleLines(body)}\n\n`)
    return exitCode.ok
  })
}

type Explained = CompiledTable & { readonly reads: readonly ReadEstimate[] }

function partsOf(
  { columns, plan, sql, reads }: Explained,
  text: string,
): readonly (readonly [title: string, body: string])[] {
  const estimates = reads.map(
    ({ table, rows, parts, granules }) => `${table}: ${rows} rows in ${granules} granules of ${parts} parts`,
  )
  return [
    ['Columns', columns.map(({ name, type }) => `${name}: ${type}`).join(', ')],
    ['Plan', planText(plan, text).trimEnd()],
    ['SQL', sql.text],
    ['Reads', estimates.length === 0 ? 'no table' : estimates.join('\n')],
  ]
}

function runText({ rows, readRows, readBytes, elapsedMs }: Run): string {
  return `${rows} rows out of ${readRows} rows (${readBytes} bytes) in ${(elapsedMs / 1000).toFixed(3)} s`
}

/** Runs a question that has been compiled and counts the rows of all its tables. */
async function runOnce(session: Session, text: string, question: Question): Promise<Run> {
  const answer = await session.case.ask(text, question)
  if (!answer.ok) throw new Error(`a query that compiled was refused: ${JSON.stringify(answer.diagnostics)}`)
  const run = { rows: 0, readRows: 0, readBytes: 0, elapsedMs: 0 }
  for await (const table of tablesOf(answer)) {
    for await (const _ of table.rows) run.rows += 1
    const { readRows, readBytes, elapsedMs } = await table.summary()
    run.readRows += readRows
    run.readBytes += readBytes
    run.elapsedMs += elapsedMs
  }
  return run
}
