import { AzimuthError } from '../../error.ts'
import type { AnswerTable, AskOptions } from '../../case/ask.ts'
import type { Case } from '../../case/case.ts'
import type { CompiledTable } from '../../kql/compilation.ts'
import { inOrder } from '../../evidence/in-order.ts'
import { jsonText } from '../json-cell.ts'
import { hintOf } from '../limit-hint.ts'
import type { Terminal } from '../terminal.ts'

const atOnce = 4

type Question = { readonly id: unknown; readonly query: unknown }

/**
 * Answers NDJSON `{id, query}` with NDJSON `{id, columns, rows}` or `{id, error: {code, message, span?, hint?}}`, in
 * order, a line each, as they come; of several tables it is `{id, tables: [{name, columns, rows}, …]}`. Questions that are
 * only compiled have no rows. A question that fails does not stop the others.
 */
export async function answerBatch(
  terminal: Terminal,
  source: Pick<Case, 'ask' | 'compile'>,
  lines: AsyncIterable<string>,
  question: AskOptions,
): Promise<void> {
  const answers = inOrder(
    lines,
    atOnce,
    async (line) => await answerLine(source, line, { signal: terminal.signal, ...question }),
  )
  for await (const answer of answers) await terminal.out.write(`${answer}\n`)
}

async function answerLine(
  source: Pick<Case, 'ask' | 'compile'>,
  line: string,
  question: AskOptions,
): Promise<string> {
  const { signal } = question
  const { id, query } = parseQuestion(line)
  if (typeof query !== 'string') {
    const message = `each line must be {"id": …, "query": "…"}: ${line.slice(0, 80)}`
    return jsonText({ id, error: { code: 'bad-question', message } })
  }
  try {
    signal?.throwIfAborted()
    const answer = await (question.compileOnly === true
      ? source.compile(query, question)
      : source.ask(query, question))
    if (answer.ok) {
      if (answer.others.length === 0) return jsonText({ id, ...(await tableOf(answer)) })
      const tables: unknown[] = []
      for (const table of [answer, ...answer.others]) {
        const found = typeof table === 'function' ? await table() : table
        tables.push({ name: found.name ?? null, ...(await tableOf(found)) })
      }
      return jsonText({ id, tables })
    }
    const first = answer.diagnostics.find(({ severity }) => severity === 'error')
    if (first === undefined) throw new Error('a query was refused without a diagnostic')
    const { code, message, span, hint } = first
    return jsonText({ id, error: { code, message, span, hint } })
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof Error)) throw error
    if (!(error instanceof AzimuthError))
      return jsonText({ id, error: { code: 'bug', message: error.message } })
    const { code, message } = error
    return jsonText({ id, error: { code, message, hint: hintOf(error) } })
  }
}

type BatchTable = Pick<CompiledTable, 'name' | 'columns'> & Partial<Pick<AnswerTable, 'rows'>>

async function tableOf({ columns, rows }: BatchTable): Promise<object> {
  const types = columns.map(({ name, type }) => ({ name, type }))
  return { columns: types, ...(rows !== undefined && { rows: await Array.fromAsync(rows) }) }
}

function parseQuestion(line: string): Question {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null) return { id: null, query: undefined }
    return { id: 'id' in value ? value.id : null, query: 'query' in value ? value.query : undefined }
  } catch {
    return { id: null, query: undefined }
  }
}
