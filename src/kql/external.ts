export type RecordFormat = 'csv' | 'tsv' | 'psv' | 'scsv' | 'txt' | 'raw' | 'json'

const separators: Readonly<Record<string, string>> = { csv: ',', tsv: '\t', psv: '|', scsv: ';' }

/**
 * Reads a file's text into rows of texts, one cell a column; JSON records are read by the columns' names. Gives a
 * reason where the text is not in the format.
 */
export function parseRecords(
  content: string,
  format: RecordFormat,
  names: readonly string[],
): readonly (readonly string[])[] | string {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content
  const separator = separators[format]
  if (separator !== undefined) return parseSeparated(text, separator)
  if (format === 'raw') return [[text]]
  if (format === 'txt') return lines(text).map((line) => [line])
  return parseJsonRecords(text, names)
}

function lines(text: string): string[] {
  const all = text.split(/\r?\n/)
  if (all.at(-1) === '') all.pop()
  return all
}

/** Cells may stand in double quotes, in which a doubled quote is one, and line ends count as text. */
function parseSeparated(text: string, separator: string): string[][] | string {
  const rows: string[][] = []
  let row: string[] = []
  let position = 0
  while (position < text.length) {
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

/** One document, an array of records, or a record a line. */
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
    const whole: unknown = JSON.parse(text)
    return Array.isArray(whole) ? whole : [whole]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return lines(text)
      .filter((line) => line.trim() !== '')
      .map((line): unknown => JSON.parse(line))
  }
}

function cellText(record: unknown, name: string): string {
  if (typeof record !== 'object' || record === null) return ''
  const value: unknown = Object.entries(record).find(([key]) => key === name)?.[1]
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
