import type { Answer, AskOptions } from './ask.ts'
import type { Cell } from '../kql/cells.ts'

/** A row of an answer by the names of its columns. */
export type Row = Readonly<Record<string, Cell>>

/** Values of a query's declared parameters, all of them text; lists as JSON text. */
export type Values = Readonly<Record<string, string>>

/** Asks the evidence in KQL. The text is fixed; what comes from logs or from a user goes in as `values`. */
export type Ask = (kql: string, values?: Values) => Promise<readonly Row[]>

/** What answers questions: a case. */
export interface Asked {
  ask(kql: string, options?: AskOptions): Promise<Answer>
}

/** A function that asks a case and gives whole rows. A query of ours that is refused is a bug and throws as one. */
export function askOf(source: Asked): Ask {
  return async (kql, values = {}) => {
    const answer = await source.ask(kql, { parameters: new Map(Object.entries(values)) })
    if (!answer.ok)
      throw new Error(`${answer.diagnostics.map(({ message }) => message).join('; ')} in ${kql}`)
    const rows: Row[] = []
    for await (const cells of answer.rows)
      rows.push(
        Object.fromEntries(answer.columns.map((column, index) => [column.name, cells[index] ?? null])),
      )
    return rows
  }
}

/** A cell as text; null as ''. */
export function text(row: Row, column: string): string {
  const cell = row[column]
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/** A cell as a number; null as 0. */
export function amount(row: Row, column: string): number {
  return Number(row[column] ?? 0)
}

/** A cell that holds a list of texts. */
export function texts(row: Row, column: string): readonly string[] {
  const cell = row[column]
  return Array.isArray(cell) ? cell.map(String) : []
}

/** A record of the evidence. */
export interface RecordName {
  readonly table: string
  readonly evidenceId: string
  readonly record: number
  readonly ordinal: number
}

/** A cell that holds `table|evidence id|record|ordinal`, or a list of these, as `recordName` makes them. */
export function records(row: Row, column: string): readonly RecordName[] {
  const cell = row[column]
  return (Array.isArray(cell) ? cell : [cell]).map((entry) => {
    const [table = '', evidenceId = '', record, ordinal] = String(entry).split('|')
    return { table, evidenceId, record: Number(record), ordinal: Number(ordinal) }
  })
}

/** KQL that names a row's record in one text; `table` is KQL too. */
export function recordName(table: string): string {
  return `strcat(${table}, '|', _EvidenceId, '|', _EvidenceRecord, '|', _EvidenceOrdinal)`
}

/** KQL for the address of a storage request, without its port: `192.0.2.1:443`, `[2001:db8::1]:443` or a bare one. */
export const storageAddress = `case(
    CallerIpAddress startswith '[', extract(@'^\\[([^\\]]+)\\]', 1, CallerIpAddress),
    countof(CallerIpAddress, ':') == 1, tostring(split(CallerIpAddress, ':')[0]),
    CallerIpAddress)`
