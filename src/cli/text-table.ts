import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import { fitColumns } from './output-table.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

/** A small table of texts, fitted to the terminal; `right` names the columns of numbers. */
export function textTable(
  sink: Sink,
  names: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[] } = {},
): string {
  const safe = rows.map((row) => row.map(visible))
  const wanted = names.map((name, index) =>
    Math.max(displayWidth(name), ...safe.map((row) => displayWidth(row[index] ?? ''))),
  )
  const widths = fitColumns(wanted, sink.columns) ?? wanted
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, index) =>
        padWidth(
          fitWidth(cells[index] ?? '', width),
          width,
          options.right?.includes(index) === true ? 'left' : 'right',
        ),
      )
      .join('  ')
      .trimEnd()
  return `${sink.paint('bold', line(names))}\n${safe.map((row) => `${line(row)}\n`).join('')}`
}
