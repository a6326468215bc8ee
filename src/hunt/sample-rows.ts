import { binding, call, type SqlExpression } from '../sql/node.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import type { RowCondition } from '../kql/emitter.ts'
import { storedTable } from '../tables/create.ts'
import { tables } from '../tables/tables.ts'
import type { Column, Table } from '../tables/types.ts'
import type { Sample, SampleRow } from './rule.ts'

/** The sample that a row belongs to stands in the column of its evidence. */
export const onlySample: RowCondition = (_table, column): SqlExpression =>
  call('equals', column('_EvidenceId'), binding('sample', 'String'))

/** Rows of many samples for one table, as one insert. */
export interface SampleInsert {
  readonly statement: Sql
  readonly lines: readonly string[]
}

export interface NumberedSample {
  readonly number: number
  readonly sample: Sample
}

/** What lands the samples' rows, and what is wrong with samples, by number. */
export function sampleInserts(samples: readonly NumberedSample[]): {
  readonly inserts: readonly SampleInsert[]
  readonly problems: ReadonlyMap<number, string>
} {
  const problems = new Map<number, string>()
  const lines = new Map<Table, string[]>()
  for (const { number, sample } of samples) {
    for (const [name, rows] of Object.entries(sample.tables)) {
      const table = tables.find((item) => item.name === name)
      if (!table) problems.set(number, `no table ${name}`)
      else {
        for (const [index, row] of rows.entries()) {
          const line = storedRow(table, row, number, index + 1)
          if (typeof line !== 'string') problems.set(number, `${name}, row ${index + 1}: ${line.problem}`)
          else lines.set(table, [...(lines.get(table) ?? []), line])
        }
      }
    }
  }
  return { inserts: [...lines].map(([table, rows]) => insertOf(table, rows)), problems }
}

/** The time of a sample's run: its own, or the end of the hour (of the shorter frequency) after its last row. */
export function sampleTime({ now, tables: rowsByTable }: Sample, frequencyMs: number): number {
  if (now !== undefined) return Date.parse(now)
  const step = Math.min(3_600_000, frequencyMs)
  const times = Object.values(rowsByTable)
    .flat()
    .map((row) => Date.parse(String(row['TimeGenerated'])))
  return Math.ceil(Math.max(0, ...times) / step) * step
}

function insertOf(table: Table, lines: readonly string[]): SampleInsert {
  const names = [...table.columns.map(({ name }) => name), '_EvidenceId', '_EvidenceRecord']
  const columns = join(names.map((name) => identifier(name)))
  return {
    statement: sql`INSERT INTO ${storedTable(table)} (${columns}) SETTINGS date_time_input_format = 'best_effort',
      input_format_skip_unknown_fields = 0, input_format_defaults_for_omitted_fields = 1 FORMAT JSONEachRow`,
    lines,
  }
}

function storedRow(
  table: Table,
  row: SampleRow,
  number: number,
  record: number,
): string | { readonly problem: string } {
  const stored: Record<string, unknown> = {}
  const bag: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    const column = table.columns.find((item) => item.name === name && item.internal !== true)
    if (!column && !table.open) return { problem: `no column ${name}` }
    if (column) stored[name] = storedValue(column, value)
    else if (value !== null) bag[name] = value
  }
  if (Number.isNaN(Date.parse(String(row['TimeGenerated'])))) return { problem: 'no TimeGenerated' }
  if (table.open) stored['_Bag'] = JSON.stringify(bag)
  return JSON.stringify({ Type: table.name, ...stored, _EvidenceId: String(number), _EvidenceRecord: record })
}

function storedValue({ type }: Column, value: unknown): unknown {
  if (value === null || value === undefined) return type === 'string' || type === 'dynamic' ? '' : null
  if (type === 'dynamic') return typeof value === 'string' ? asJson(value) : JSON.stringify(value)
  if (type === 'string') return typeof value === 'string' ? value : JSON.stringify(value)
  return value
}

/** A text in a dynamic column: JSON where it is JSON, else a JSON string. */
function asJson(text: string): string {
  if (text === '') return ''
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return JSON.stringify(text)
    throw error
  }
}
