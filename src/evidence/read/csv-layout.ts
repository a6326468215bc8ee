import { CsvRowFinder, splitRow } from './csv-rows.ts'
import { distinctNames } from './json-tables.ts'
import { translateHeaders } from './portal-headers.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

/** How a CSV file is laid out. */
export interface CsvLayout {
  readonly delimiter: string
  /** Names of the columns as Azure writes them in English, each once; `undefined` for an unnamed leading index. */
  readonly headers: readonly (string | undefined)[]
  /** Where the first row of data begins in the text as UTF-8. */
  readonly dataStart: number
  /** The time zone that a header names, by column: `UTC`, or what stands there. */
  readonly zones: ReadonlyMap<string, string>
  readonly why: string
}

const maxSampleRows = 100
const delimiters = [',', ';', '\t', '|']

/** Recognises CSV by a row of names and rows that have as many fields. */
export function recogniseCsv(
  text: Buffer,
  isWhole: boolean,
  maxColumns: number,
): CsvLayout | Problem | undefined {
  const start = skipPreface(text)
  const candidates = delimiters
    .map((delimiter) => ({ delimiter, rows: sampleRows(text, start, delimiter, isWhole) }))
    .filter(({ rows }) => rows.length > 0 && isTable(rows.map((row) => row.fields)))
    .toSorted((one, other) => (other.rows[0]?.fields.length ?? 0) - (one.rows[0]?.fields.length ?? 0))
  const best = candidates[0]
  const [header, firstRow] = best?.rows ?? []
  if (!best || !header) return undefined
  if (header.fields.length > maxColumns)
    return problem('header', `the CSV has more than ${maxColumns} columns`)
  const columns = header.fields.map((field) => takeZone(collapse(field)))
  const translation = translateHeaders(columns.map((column) => column.name))
  if (translation.kind === 'unknown') {
    const names = translation.headers.slice(0, 5).map((name) => JSON.stringify(name))
    const message = `its headers are localised, and these are not known here: ${names.join(', ')}`
    return problem('localised-header', message, "Set the portal's language to English and export again.")
  }
  const english =
    translation.kind === 'translated' ? translation.headers : columns.map((column) => column.name)
  const hasIndex = english[0] === '' && /^\d+$/u.test(firstRow?.fields[0] ?? '0')
  const named = distinctNames(english.map((name, index) => name || `Column ${index + 1}`))
  const language = translation.kind === 'translated' ? `, translated from ${translation.language}` : ''
  const why = `its first row names ${named.length} columns, separated by ${JSON.stringify(best.delimiter)}${language}`
  const headers = named.map((name, index) => (hasIndex && index === 0 ? undefined : name))
  const zones = new Map(
    columns.flatMap(({ zone }, index) => (zone === undefined ? [] : [[named[index] ?? '', zone]])),
  )
  return { delimiter: best.delimiter, headers, dataStart: header.next, zones, why }
}

interface SampleRow {
  readonly fields: readonly string[]
  readonly next: number
}

/** Passes over blank lines, Excel's `sep=;` and PowerShell's `#TYPE` line. */
function skipPreface(text: Buffer): number {
  let start = 0
  for (;;) {
    const end = text.indexOf(10, start)
    if (end === -1) return start
    const line = text.toString('utf8', start, Math.min(end, start + 200)).trim()
    if (line !== '' && !/^"?sep=.?"?$/iu.test(line) && !line.startsWith('#TYPE ')) return start
    start = end + 1
  }
}

function sampleRows(text: Buffer, start: number, delimiter: string, isWhole: boolean): readonly SampleRow[] {
  const finder = new CsvRowFinder(delimiter)
  const rows: SampleRow[] = []
  let at = start
  while (at < text.length && rows.length < maxSampleRows) {
    const row = finder.find(text, at, isWhole)
    if (row.kind !== 'row') break
    if (row.end > at)
      rows.push({ fields: splitRow(text.toString('utf8', at, row.end), delimiter), next: row.next })
    at = row.next
  }
  return rows
}

function isTable(rows: readonly (readonly string[])[]): boolean {
  const [header, ...data] = rows
  if (!header?.every((name, index) => isName(name) || (index === 0 && name.trim() === ''))) return false
  if (header.length === 1) return data.length > 0 && data.every(([cell = '']) => /^\s*[[{]/u.test(cell))
  if (data.length === 0) return header.length > 2
  return data.filter((row) => row.length === header.length).length >= data.length * 0.8
}

function isName(text: string): boolean {
  return text.length <= 200 && /\p{L}/u.test(text) && !/^\d{1,4}[-/.]\d|[\n{}]/u.test(text)
}

function collapse(name: string): string {
  return name.replaceAll('\uFEFF', '').trim().replaceAll(/\s+/gu, ' ')
}

const utc = /^(?:utc|gmt|z|utc[+-]0{1,2}(?::?00)?)$/iu
const zone =
  /^(?:[Ll]ocal.*|(?:UTC|GMT|utc|gmt)\s*[-+−]\s*\d.*|[A-Z]{3,4}|[A-Z][a-z]+\/\w+(?:\/\w+)?|.*\b[Tt]ime)$/u
const time = /time|date|data|fecha|datum|hora|created|generated|日付|日期/iu

/** Takes `[UTC]` or another zone off a header such as `TimeGenerated [UTC]`; `Date (UTC)` is a name of its own. */
function takeZone(header: string): { readonly name: string; readonly zone?: string } {
  const [, name = '', open, found = ''] = /^(.*\S)\s*([[(])([^\])]+)[\])]$/u.exec(header) ?? []
  if (name === '' || !time.test(name)) return { name: header }
  if (utc.test(found)) return { name: open === '[' ? name : header, zone: 'UTC' }
  return zone.test(found) ? { name: open === '[' ? name : header, zone: found } : { name: header }
}
