/** A row of CSV in a buffer, without its line end; or why there is none. */
export type CsvRow =
  | { readonly kind: 'row'; readonly end: number; readonly next: number }
  /** A quote stands where none can. The row is given up at the end of its first line. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'more' }

const quote = 34
const newline = 10
const carriageReturn = 13

/** Finds rows by RFC 4180: a field that begins with a quote may hold line ends, and quotes that are doubled. */
export class CsvRowFinder {
  readonly #delimiter: number
  /** Where the next quote and line end were last seen, so that neither is looked for twice. */
  #nextQuote = -1
  #nextLine = -1

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0)
  }

  /** To be called when the buffer is another. */
  reset(): void {
    this.#nextQuote = -1
    this.#nextLine = -1
  }

  find(buffer: Buffer, start: number, isEnd: boolean): CsvRow {
    let at = start
    for (;;) {
      const line = this.#lineAfter(buffer, at)
      const opening = this.#quoteAfter(buffer, at)
      if (line <= opening) {
        if (line < buffer.length) return rowUpTo(buffer, start, line)
        return isEnd ? rowUpTo(buffer, start, buffer.length) : { kind: 'more' }
      }
      const before = buffer[opening - 1]
      if (opening !== start && before !== this.#delimiter) {
        at = opening + 1 // a quote inside a field that did not begin with one is text
        continue
      }
      const closing = endOfQuoted(buffer, opening)
      if (closing === -1) return { kind: isEnd ? 'broken' : 'more' }
      if (closing + 1 === buffer.length && !isEnd) return { kind: 'more' }
      const after = buffer[closing + 1] ?? newline
      if (after !== this.#delimiter && after !== newline && after !== carriageReturn)
        return { kind: 'broken' }
      at = closing + 1
    }
  }

  #quoteAfter(buffer: Buffer, at: number): number {
    if (this.#nextQuote < at) this.#nextQuote = orEnd(buffer.indexOf(quote, at), buffer)
    return this.#nextQuote
  }

  #lineAfter(buffer: Buffer, at: number): number {
    if (this.#nextLine < at) this.#nextLine = orEnd(buffer.indexOf(newline, at), buffer)
    return this.#nextLine
  }
}

/** The position of the quote that ends a quoted field; -1 where the buffer ends first. */
function endOfQuoted(buffer: Buffer, opening: number): number {
  let closing = buffer.indexOf(quote, opening + 1)
  while (closing !== -1 && buffer[closing + 1] === quote) closing = buffer.indexOf(quote, closing + 2)
  return closing
}

function rowUpTo(buffer: Buffer, start: number, line: number): CsvRow {
  const end = line > start && buffer[line - 1] === carriageReturn ? line - 1 : line
  return { kind: 'row', end, next: line + 1 }
}

function orEnd(position: number, buffer: Buffer): number {
  return position === -1 ? buffer.length : position
}

/** The fields of one row. */
export function splitRow(row: string, delimiter: string): readonly string[] {
  const fields: string[] = []
  let start = 0
  for (;;) {
    const isQuoted = row[start] === '"'
    const closing = isQuoted ? endOfQuotedText(row, start) : start
    const end = row.indexOf(delimiter, closing)
    const field = row.slice(start, end === -1 ? row.length : end)
    fields.push(isQuoted ? field.slice(1, -1).replaceAll('""', '"') : field)
    if (end === -1) return fields
    start = end + 1
  }
}

function endOfQuotedText(row: string, opening: number): number {
  let closing = row.indexOf('"', opening + 1)
  while (closing !== -1 && row[closing + 1] === '"') closing = row.indexOf('"', closing + 2)
  return closing === -1 ? row.length : closing
}
