import { describe, expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/memory-terminal.ts'
import { AzimuthError } from '../../error.ts'
import type { Answer } from '../../case/ask.ts'
import { linesOf } from '../lines.ts'
import { answerBatch } from './query-batch.ts'

const span = { start: 0, length: 3, line: 1, column: 1 }

/** Answers after a time that gets shorter, to try the order of the answers. */
const source = {
  compile: () => Promise.reject(new Error('nothing is only compiled here')),
  async ask(kql: string): Promise<Answer> {
    await Promise.resolve()
    if (kql === 'bad')
      return { ok: false, diagnostics: [{ code: 'KS006', message: 'no', severity: 'error', span }] }
    if (kql === 'gone') throw new AzimuthError('engine-gone', 'the engine has ended', { hint: 'again' })
    if (kql === 'bug') throw new TypeError('oops')
    const columns = [{ name: 'x', type: 'string' }] as const
    const summary = () => Promise.reject(new Error('nothing was read'))
    return { ok: true, columns, rows: slowly(kql), readsClock: false, others: [], diagnostics: [], summary }
  },
}

async function* slowly(kql: string) {
  for (let turn = 0; turn < 10 - kql.length; turn++) await Promise.resolve()
  yield [kql]
}

async function answered(text: string): Promise<readonly unknown[]> {
  const terminal = memoryTerminal()
  await answerBatch(terminal, source, linesOf(memoryTerminal({ input: text }).input), {})
  const lines = terminal.out.text().trimEnd().split('\n')
  return lines.map((line): unknown => JSON.parse(line))
}

describe('a batch of queries', () => {
  test('is answered in order, a line each', async () => {
    const queries = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff', 'ggggggg']
    const text = queries.map((query, index) => `${JSON.stringify({ id: index, query })}\r\n`).join('')
    const columns = [{ name: 'x', type: 'string' }]
    expect(await answered(text)).toEqual(queries.map((query, id) => ({ id, columns, rows: [[query]] })))
  })

  test('says of each what is wrong, and goes on', async () => {
    const text = [
      '{"id":[7],"query":8}',
      '{"id":"a","query":"bad"}',
      '{"id":"b","query":"gone"}',
      '{"id":"c","query":"bug"}',
      'nonsense',
      '',
      '{"id":"d","query":"ok"}',
    ]
    expect(await answered(text.join('\n'))).toEqual([
      {
        id: [7],
        error: {
          code: 'bad-question',
          message: 'each line must be {"id": …, "query": "…"}: {"id":[7],"query":8}',
        },
      },
      { id: 'a', error: { code: 'KS006', message: 'no', span } },
      { id: 'b', error: { code: 'engine-gone', message: 'the engine has ended', hint: 'again' } },
      { id: 'c', error: { code: 'bug', message: 'oops' } },
      {
        id: null,
        error: { code: 'bad-question', message: 'each line must be {"id": …, "query": "…"}: nonsense' },
      },
      { id: 'd', columns: [{ name: 'x', type: 'string' }], rows: [['ok']] },
    ])
  })
})
