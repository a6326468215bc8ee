import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import { cellText } from './json-cell.ts'
import type { OutputColumn } from './output.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

const measuredRows = 500
const narrowest = 8
const gap = '  '

type Cells = readonly string[]

/**
 * A table whose column widths are taken from its first rows. On a terminal it is fitted to the width by cutting the
 * widest columns; where even that leaves too little, each row becomes a block of `name value` lines.
 */
export async function* tableRows(
  sink: Sink,
  columns: readonly OutputColumn[],
  rows: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<string> {
  const texts = (async function* () {
    for await (const row of rows) yield columns.map((_, index) => visible(cellText(row[index])))
  })()
  const first: Cells[] = []
  let isDone = false
  while (first.length < measuredRows && !isDone) {
    const next = await texts.next()
    if (next.done === true) isDone = true
    else first.push(next.value)
  }
  const names = columns.map((column) => visible(column.name))
  const wanted = names.map((name, index) =>
    Math.max(displayWidth(name), ...first.map((row) => displayWidth(row[index] ?? ''))),
  )
  const widths = fitColumns(wanted, sink.columns)
  const print = widths === undefined ? block(sink, names) : line(columns, widths)
  if (widths !== undefined && columns.length > 0) {
    const heading = names.map((name, index) => padded(name, columns[index], widths[index] ?? 0)).join(gap)
    yield `${sink.paint('bold', heading.trimEnd())}\n`
  }
  for (const row of first) yield print(row)
  for await (const row of texts) yield print(row)
}

/** Column widths that fit, taking from the widest first; undefined where there are too many columns. */
export function fitColumns(wanted: readonly number[], columns: number): readonly number[] | undefined {
  const room = columns - gap.length * (wanted.length - 1)
  const total = wanted.reduce((sum, width) => sum + width, 0)
  if (total <= room) return wanted
  const least = wanted.map((width) => Math.min(width, narrowest))
  if (least.reduce((sum, width) => sum + width, 0) > room) return undefined
  let low = narrowest
  let high = Math.max(...wanted)
  while (low < high) {
    const cap = Math.ceil((low + high) / 2)
    if (wanted.reduce((sum, width) => sum + Math.min(width, cap), 0) <= room) low = cap
    else high = cap - 1
  }
  return wanted.map((width) => Math.min(width, low))
}

function line(columns: readonly OutputColumn[], widths: readonly number[]): (row: Cells) => string {
  return (row) =>
    `${row
      .map((text, index) => padded(text, columns[index], widths[index] ?? 0))
      .join(gap)
      .trimEnd()}\n`
}

function block(sink: Sink, names: Cells): (row: Cells) => string {
  const nameWidth = Math.max(...names.map(displayWidth))
  let number = 0
  return (row) => {
    number += 1
    const filled = row.flatMap((text, index) => (text === '' ? [] : [index]))
    const empty = row.length - filled.length
    const heading = `── ${number}${empty > 0 ? ` (${empty} empty columns left out)` : ''} `
    const lines = filled.map((index) => {
      const name = padWidth(names[index] ?? '', nameWidth, 'right')
      return `${sink.paint('cyan', name)}${gap}${row[index]}`
    })
    return `${sink.paint('dim', heading.padEnd(40, '─'))}\n${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`
  }
}

function padded(text: string, column: OutputColumn | undefined, width: number): string {
  const cut = column?.isProse === true ? text : fitWidth(text, width)
  return padWidth(cut, width, isNumber(column) ? 'left' : 'right')
}

function isNumber(column: OutputColumn | undefined): boolean {
  return column !== undefined && ['int', 'long', 'real', 'decimal'].includes(column.type)
}
