import { createHash } from 'node:crypto'
import { tablesOf, type Answer } from '../../case/ask.ts'
import { diagnosticText } from '../diagnostic.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { linesOf, openInput } from '../lines.ts'
import { writeRows, type QueryFormat } from '../output.ts'
import { writeTables } from '../output-tables.ts'
import { writeChart } from '../output-chart.ts'
import { readQueryText } from '../query-text.ts'
import { emptyRemark, readQuestion, type Question, type QuestionOptions } from '../question.ts'
import { withCase, type CaseOptions, type Invocation, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { visible } from '../visible.ts'
import { answerBatch } from './query-batch.ts'

export type QueryOptions = CaseOptions &
  QuestionOptions & {
    readonly file?: string
    readonly batch?: string
    readonly compileOnly?: boolean
    readonly output?: QueryFormat
    readonly csvSafe?: boolean
  }

/** Asks one question, or with `--batch` many, and prints the answers as they come. */
export async function query(
  invocation: Invocation,
  kql: string | undefined,
  options: QueryOptions,
): Promise<ExitCode> {
  if (options.batch === undefined) return await queryOne(invocation, kql, options)
  if (kql === undefined && options.file === undefined)
    return await queryMany(invocation, options.batch, options)
  throw new UsageError('--batch takes its queries from its file alone')
}

async function queryOne(
  invocation: Invocation,
  kql: string | undefined,
  options: QueryOptions,
): Promise<ExitCode> {
  const { out, err } = invocation.terminal
  const text = await readQueryText(invocation.terminal, kql, options.file)
  return await withCase(invocation, options, { command: 'query', create: false }, async (session) => {
    session.reads({ name: 'query', sha256: sha256(text), bytes: Buffer.byteLength(text) })
    const started = performance.now()
    const now = BigInt(Date.now()) * 10_000n
    const asked = await readQuestion(invocation.terminal, session, options)
    const question = { now, several: true, ...asked }
    if (options.compileOnly === true) return await checkOne(invocation, session, text, question)
    const answer = await session.case.ask(text, question)
    for (const diagnostic of answer.diagnostics) await err.write(diagnosticText(err, text, diagnostic))
    if (!answer.ok) return exitCode.error
    const { terminal } = invocation
    const output = options.output ?? (out.isTerminal && hasChart(answer) ? 'chart' : 'table')
    const csvSafe = options.csvSafe === true
    const count = await writeAnswer(terminal, answer, { output, csvSafe })
    if (output === 'table' || output === 'chart') {
      await out.flush()
      const seconds = ((performance.now() - started) / 1000).toFixed(2)
      await err.write(err.paint('dim', `${count} ${count === 1 ? 'row' : 'rows'} in ${seconds} s\n`))
    }
    const remark =
      count === 0 && answer.readsClock ? await emptyRemark(session.case, question.now) : undefined
    if (remark !== undefined) await err.write(`${remark}\n`)
    return exitCode.ok
  })
}

type AnswerRows = Extract<Answer, { ok: true }>

async function writeAnswer(
  terminal: Terminal,
  answer: AnswerRows,
  { output, csvSafe }: { readonly output: QueryFormat; readonly csvSafe: boolean },
): Promise<number> {
  if (answer.others.length > 0) return await writeTables(terminal, tablesOf(answer), { output, csvSafe })
  if (output === 'chart') return await writeChart(terminal, answer)
  return await writeRows(terminal, answer.columns, answer.rows, { output, csvSafe })
}

/** Tables without a chart are drawn as tables, so several may as well have charts. */
function hasChart({ chart, others }: AnswerRows): boolean {
  return chart !== undefined || others.length > 0
}

/** Says whether a query is sound, also where files that it needs are missing. */
async function checkOne(
  { terminal: { err } }: Invocation,
  session: Session,
  text: string,
  question: Question,
): Promise<ExitCode> {
  const compiled = await session.case.compile(text, { ...question, compileOnly: true })
  for (const diagnostic of compiled.diagnostics) await err.write(diagnosticText(err, text, diagnostic))
  if (!compiled.ok) return exitCode.error
  const tables = [compiled, ...compiled.others].map(({ columns }) =>
    columns.map(({ name, type }) => `${visible(name)}: ${type}`).join(', '),
  )
  await err.write(
    tables.length === 1
      ? `the query is sound; its columns are ${tables[0]}\n`
      : `the query is sound; it gives ${tables.length} tables:\n${tables.map((columns) => `  ${columns}\n`).join('')}`,
  )
  return exitCode.ok
}

async function queryMany(invocation: Invocation, file: string, options: QueryOptions): Promise<ExitCode> {
  return await withCase(invocation, options, { command: 'query', create: true }, async (session) => {
    const hash = createHash('sha256')
    let bytes = 0
    const input = (async function* () {
      for await (const piece of openInput(invocation.terminal, file)) {
        hash.update(piece)
        bytes += piece.length
        yield piece
      }
    })()
    try {
      const question = await readQuestion(invocation.terminal, session, options)
      await answerBatch(invocation.terminal, session.case, linesOf(input), {
        several: true,
        ...question,
        ...(options.compileOnly === true && { compileOnly: true }),
      })
    } finally {
      session.reads({ name: file, sha256: hash.digest('hex'), bytes })
    }
    return exitCode.ok
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
