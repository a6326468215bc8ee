import type { Place } from './diagnostic.ts'

declare global {
  interface JSON {
    /** A number as it is written; in every Node that we run on, not yet in the types. */
    rawJSON(text: string): unknown
  }
}

/** A file that a query names by its address. */
export interface ExternalFile {
  readonly address: string
  readonly format: RecordFormat
  /** The columns that the query declares; JSON records are read by them. */
  readonly names: readonly string[]
  readonly skipsFirst: boolean
}

/** Where the rows of a file lie: a stored table with the columns `row` (UInt64, from 1) and `cells` (Array(String)). */
export interface StoredRows {
  readonly database: string
  readonly source: string
}

/** Why a file cannot be read. */
export interface ExternalProblem {
  readonly code: 'missing-file' | 'bad-argument'
  readonly message: string
  readonly hint?: string
}

/** Ends planning until the caller has said where the rows of this file lie; then all begins again. */
export class ExternalNeeded extends Error {
  readonly file: ExternalFile
  readonly place: Place

  constructor(file: ExternalFile, place: Place) {
    super(`the rows of ${file.address} are needed`)
    this.file = file
    this.place = place
  }
}

/** Tells files apart that are read differently. */
export function externalKey({ address, format, names, skipsFirst }: ExternalFile): string {
  return JSON.stringify([address, format, skipsFirst, ...(format === 'json' ? names : [])])
}

export type RecordFormat = 'csv' | 'tsv' | 'psv' | 'scsv' | 'txt' | 'raw' | 'json'

const separators: Readonly<Record<string, string>> = { csv: ',', tsv: '\t', psv: '|', scsv: ';' }

/**
 * Reads a file's text into rows of texts, one cell a column; JSON records are read by the columns' names. Empty lines
 * are no records. Gives a reason where the text is not in the format.
 */
export function parseRecords(
  content: string,
  { format, names, skipsFirst }: Omit<ExternalFile, 'address'>,
): readonly (readonly string[])[] | string {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content
  const separator = separators[format]
  if (format === 'json') return parseJsonRecords(text, names)
  const rows = separator === undefined ? textRows(text, format) : parseSeparated(text, separator)
  return skipsFirst && typeof rows !== 'string' ? rows.slice(1) : rows
}

function textRows(text: string, format: RecordFormat): string[][] {
  if (format === 'raw') return [[text]]
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => [line])
}

/** Cells may stand in double quotes, in which a doubled quote is one, and line ends count as text. */
function parseSeparated(text: string, separator: string): string[][] | string {
  const rows: string[][] = []
  let row: string[] = []
  let position = 0
  while (position < text.length) {
    const blank = row.length === 0 ? /^\r?\n/.exec(text.slice(position, position + 2)) : null
    if (blank) {
      position += blank[0].length
      continue
    }
    const cell = readCell(text, position, separator)
    if (!cell) return 'a quoted cell has no end'
    row.push(cell.value)
    position = cell.end
    if (text.startsWith(separator, position)) {
      position += separator.length
      if (position >= text.length) row.push('')
      else continue
    }
    const end = /^\r?\n/.exec(text.slice(position, position + 2))
    if (end) position += end[0].length
    rows.push(row)
    row = []
  }
  return rows
}

function readCell(
  text: string,
  start: number,
  separator: string,
): { readonly value: string; readonly end: number } | undefined {
  if (text[start] !== '"') {
    let end = start
    while (end < text.length && !text.startsWith(separator, end) && text[end] !== '\n') end += 1
    const value = text.slice(start, end)
    return value.endsWith('\r') ? { value: value.slice(0, -1), end: end - 1 } : { value, end }
  }
  let value = ''
  for (let position = start + 1; position < text.length; position += 1) {
    if (text[position] !== '"') value += text[position]
    else if (text[position + 1] === '"') {
      value += '"'
      position += 1
    } else return { value, end: position + 1 }
  }
  return undefined
}

/** Records in an array, or one after the other with nothing but white space between them. */
function parseJsonRecords(text: string, names: readonly string[]): string[][] | string {
  try {
    return records(text).map((record) => names.map((name) => cellText(record, name)))
  } catch (error) {
    if (error instanceof SyntaxError) return 'the text is not JSON'
    throw error
  }
}

function records(text: string): readonly unknown[] {
  try {
    const whole = parseExactly(text)
    return Array.isArray(whole) ? whole : [whole]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return documents(text).map((document) => parseExactly(document))
  }
}

/** The outermost objects and arrays of a text; whatever else stands between them is left to fail as JSON. */
function documents(text: string): readonly string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else continue
    if (depth > 0) continue
    found.push(text.slice(start, index + 1))
    start = index + 1
  }
  const rest = text.slice(start)
  return rest.trim() === '' ? found : [...found, rest]
}

/** Numbers keep the digits that they are written with. */
function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value,
  )
}

function cellText(record: unknown, name: string): string {
  if (typeof record !== 'object' || record === null) return ''
  const value: unknown = Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
