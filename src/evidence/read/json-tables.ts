import { JsonScanner } from './json-scanner.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

/** The column names of a table in a `{"tables": [...]}` answer, each once. */
export function readColumns(json: Uint8Array, maxColumns: number): readonly string[] | Problem {
  const columns = parseJson(json)
  const names = Array.isArray(columns) ? columns.map((column) => columnName(column)) : [undefined]
  if (!names.every((name) => name !== undefined))
    return problem('table-columns', 'the columns of the table cannot be read')
  if (names.length > maxColumns)
    return problem('table-columns', `the table has more than ${maxColumns} columns`)
  return distinctNames(names)
}

/** Of `{"name": …}` or, in older answers, `{"ColumnName": …}`. */
function columnName(column: unknown): string | undefined {
  if (typeof column !== 'object' || column === null) return undefined
  if ('name' in column && typeof column.name === 'string') return column.name
  return 'ColumnName' in column && typeof column.ColumnName === 'string' ? column.ColumnName : undefined
}

/** Tells columns of one name apart: the second `User` becomes `User (2)`. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let distinct = name
    for (let count = 2; seen.has(distinct); count += 1) distinct = `${name} (${count})`
    seen.add(distinct)
    return distinct
  })
}

/** The name of a table, unless it is one that the query service gives to every answer. */
export function tableNameOf(json: Uint8Array): string | undefined {
  const name = parseJson(json)
  return typeof name !== 'string' || /^(?:PrimaryResult|Table_\d+)?$/u.test(name) ? undefined : name
}

/** A row of values as an object of columns; the values stay as they are written. */
export function rowAsObject(
  row: Uint8Array,
  columns: readonly string[] | Problem | undefined,
): { json: Uint8Array } | Problem {
  if (columns === undefined) return problem('table-columns', 'the table has rows before it names its columns')
  if ('code' in columns) return columns
  const values = splitValues(row)
  if (values.length !== columns.length)
    return problem('field-count', `the row has ${values.length} values for ${columns.length} columns`)
  const parts: Uint8Array[] = []
  for (const [index, name] of columns.entries())
    parts.push(
      Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
      values[index] ?? row.subarray(0, 0),
    )
  return { json: Buffer.concat([...parts, Buffer.from(columns.length === 0 ? '{}' : '}')]) }
}

function splitValues(row: Uint8Array): readonly Uint8Array[] {
  const values: Uint8Array[] = []
  const scanner = new JsonScanner()
  scanner.begin(91, 'open', true)
  for (let start = 1; start < row.length; start = scanner.at + 1) {
    const stop = scanner.scan(row, start)
    const value = row.subarray(start, stop === 'closed' ? scanner.at - 1 : scanner.at)
    if (stop !== 'closed' || values.length > 0 || Buffer.from(value).toString('latin1').trim() !== '')
      values.push(value)
    if (stop !== 'comma') break
    scanner.begin(91, 'open', true)
  }
  return values
}

function parseJson(json: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(json).toString('utf8'))
  } catch {
    return undefined
  }
}
