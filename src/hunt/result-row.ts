import { decodeRow, type Cell } from '../kql/cells.ts'
import type { Column } from '../kql/plan.ts'
import type { ResultRow, TimedRecord } from './alert.ts'

/** A row of an answer as a rule's result; where it is traced, its last columns are its records and how many there are. */
export function resultRowOf(
  row: readonly (string | null)[],
  columns: readonly Column[],
  isTraced: boolean,
): ResultRow {
  const cells: readonly Cell[] = decodeRow(row, columns)
  if (!isTraced) return { cells, records: [], count: 0 }
  // Compiled SQL gives this shape.
  const parsed = JSON.parse(row.at(-2) ?? '[]') as readonly (readonly [
    string,
    string,
    string,
    string,
    string,
  ])[]
  const records = parsed.map(([evidenceId, record, ordinal, table, time]): TimedRecord => ({
    table,
    evidenceId,
    record: Number(record),
    ordinal: Number(ordinal),
    time: BigInt(time),
  }))
  return { cells, records, count: Number(row.at(-1)) }
}
