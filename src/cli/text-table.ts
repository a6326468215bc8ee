import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import { fitColumns } from './output-table.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

// Prose runs over the edge rather than take the room of the other columns.
const proseWidth = 24

/** A small table of texts, fitted to the terminal; `right` are columns of numbers, `prose` the one that is never cut. */
export function textTable(
  sink: Sink,
  names: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly prose?: number } = {},
): string {
  const safe = rows.map((row) => row.map(visible))
  const longest = names.map((name, index) =>
    Math.max(displayWidth(name), ...safe.map((row) => displayWidth(row[index] ?? ''))),
  )
  const wanted = longest.map((width, index) =>
    index === options.prose ? Math.min(width, proseWidth) : width,
  )
  const widths = fitColumns(wanted, sink.columns) ?? wanted
  const line = (cells: readonly string[]): string => {
    const parts = widths.map((width, index) => {
      const text = index === options.prose ? (cells[index] ?? '') : fitWidth(cells[index] ?? '', width)
      return padWidth(text, width, options.right?.includes(index) === true ? 'left' : 'right')
    })
    return parts.join('  ').trimEnd()
  }
  return `${sink.paint('bold', line(names))}\n${safe.map((row) => `${line(row)}\n`).join('')}`
}
