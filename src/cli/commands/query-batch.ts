import { z } from 'zod'
import type { Case } from '../case-contract.ts'
import { AzimuthError } from '../../error.ts'
import { inOrder } from '../in-order.ts'
import { jsonText } from '../json-cell.ts'
import type { Terminal } from '../terminal.ts'

const question = z.object({ id: z.union([z.string(), z.number()]), query: z.string() })
const atOnce = 4

/**
 * Answers NDJSON `{id, query}` with NDJSON `{id, columns, rows}` or `{id, error: {code, message, span?, hint?}}`, in
 * order, a line each. A question that fails does not stop the others.
 */
export async function answerBatch(
  terminal: Terminal,
  source: Pick<Case, 'ask'>,
  text: string,
): Promise<void> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const answers = inOrder(lines, atOnce, async (line) => await answerLine(source, line, terminal.signal))
  for await (const answer of answers) await terminal.out.write(`${answer}\n`)
}

async function answerLine(source: Pick<Case, 'ask'>, line: string, signal: AbortSignal): Promise<string> {
  const asked = question.safeParse(parseJson(line))
  if (!asked.success) {
    const message = `each line must be {"id": …, "query": "…"}: ${line.slice(0, 80)}`
    return jsonText({ id: null, error: { code: 'bad-question', message } })
  }
  const { id, query } = asked.data
  try {
    signal.throwIfAborted()
    const answer = await source.ask(query, { signal })
    if (answer.ok) {
      const rows = await Array.fromAsync(answer.rows)
      return jsonText({ id, columns: answer.columns.map(({ name, type }) => ({ name, type })), rows })
    }
    const [first] = answer.diagnostics
    if (first === undefined) throw new Error('a query was refused without a diagnostic')
    const { code, message, span, hint } = first
    return jsonText({ id, error: { code, message, span, hint } })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error)) throw error
    const { code, hint } = error instanceof AzimuthError ? error : { code: 'bug', hint: undefined }
    return jsonText({ id, error: { code, message: error.message, hint } })
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
