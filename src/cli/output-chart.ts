import type { Answer } from '../case/ask.ts'
import { chartText, isDrawable, mostChartRows } from './chart.ts'
import { writeRows } from './output.ts'
import type { Terminal } from './terminal.ts'

type Drawn = Pick<Extract<Answer, { ok: true }>, 'columns' | 'rows' | 'chart'>

/** Draws rows as the query's `render` asks, or writes them as a table where that cannot be; returns how many there were. */
export async function writeChart(terminal: Terminal, { columns, rows, chart }: Drawn): Promise<number> {
  const iterator = rows[Symbol.asyncIterator]()
  const first: (readonly unknown[])[] = []
  const isWanted = chart !== undefined && isDrawable(chart, columns)
  let isDone = false
  const most = isWanted ? mostChartRows : -1
  while (!isDone && first.length <= most) {
    terminal.signal.throwIfAborted()
    const next = await iterator.next()
    if (next.done === true) isDone = true
    else first.push(next.value)
  }
  const text = isDone && chart !== undefined ? chartText(terminal.out, chart, columns, first) : undefined
  if (text !== undefined) {
    await terminal.out.write(text)
    return first.length
  }
  if (isWanted && !isDone)
    await terminal.err.write(`more than ${mostChartRows} rows are not drawn: summarize them\n`)
  const all = (async function* () {
    yield* first
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  return await writeRows(terminal, columns, all, { output: 'table' })
}
