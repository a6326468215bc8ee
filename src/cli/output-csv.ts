import { cellText } from './json-cell.ts'
import type { OutputColumn } from './output.ts'
import { visible } from './visible.ts'

/**
 * CSV by RFC 4180: CRLF, quotes doubled, null as nothing and the empty string as `""`. `safe` puts an apostrophe before
 * text that a spreadsheet would run as a formula; `visible` is for a terminal.
 */
export async function* csvRows(
  columns: readonly OutputColumn[],
  rows: AsyncIterable<readonly unknown[]>,
  options: { readonly safe: boolean; readonly visible: boolean },
): AsyncGenerator<string> {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return ''
    const text = options.visible ? visible(cellText(value)) : cellText(value)
    return quoted(options.safe && typeof value === 'string' && looksLikeFormula(text) ? `'${text}` : text)
  }
  yield `${columns.map((column) => cell(column.name)).join(',')}\r\n`
  for await (const row of rows) yield `${columns.map((_, index) => cell(row[index])).join(',')}\r\n`
}

function quoted(text: string): string {
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** OWASP, 'CSV injection': the characters that begin a formula, also behind spaces and as full-width forms. */
function looksLikeFormula(text: string): boolean {
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text)
}
