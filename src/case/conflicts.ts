import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { identifier, join, sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'
import { differs } from './difference.ts'

export interface ConflictListing {
  readonly columns: readonly { readonly name: string; readonly type: 'string' | 'long' }[]
  readonly rows: AsyncIterable<readonly unknown[]>
}

/**
 * Events that two exports tell differently: for each column that both fill with different values, the value that stands
 * in the table and the one that a sighting has, each with its row for `show`.
 */
export async function listConflicts(
  connection: Connection,
  tables: readonly Table[],
): Promise<ConflictListing> {
  const columns = ['table', 'column', 'kept', 'keptRow', 'other', 'otherRow'].map(
    (name) => ({ name, type: 'string' }) as const,
  )
  return { columns, rows: conflictRows(connection, tables) }
}

async function* conflictRows(
  connection: Connection,
  tables: readonly Table[],
): AsyncIterable<readonly unknown[]> {
  const differing = await connection.rows<{ table: string }>(
    sql`SELECT DISTINCT table FROM ${tableIn('ledger', 'Sightings')} WHERE fields != ''`,
  )
  for (const { table: name } of differing) {
    const table = tables.find((each) => each.name === name)
    if (table === undefined || table.identity.kind === 'record') continue
    const types = new Map(table.columns.map((column) => [column.name, column.type]))
    const fields = join(
      table.columns.map((column) => sql`${column.name}, ifNull(toString(${identifier(column.name)}), '')`),
    )
    const stream = await connection.query(
      sql`SELECT field.1, kept[field.1], keptRow, field.2, otherRow, sameLayout FROM (
        SELECT map(${fields}) AS kept,
          concat(left(_EvidenceId, 12), ':', toString(_EvidenceRecord)) AS keptRow,
          concat(left(evidence, 12), ':', toString(record)) AS otherRow, other,
          intDiv(_Rank, 256) = intDiv(rank, 256) AS sameLayout
        FROM ${storedTable(table)} INNER JOIN (
          SELECT identity, evidence, record, rank, JSONExtract(fields, 'Map(String, String)') AS other
          FROM ${tableIn('ledger', 'Sightings')} FINAL WHERE table = ${name} AND fields != ''
        ) AS sighting ON _Identity = sighting.identity
      ) ARRAY JOIN CAST(other, 'Array(Tuple(String, String))') AS field
      WHERE kept[field.1] != '' AND kept[field.1] != field.2
      ORDER BY keptRow, field.1`,
    )
    for await (const [column, kept, keptRow, other, otherRow, sameLayout] of stream.rows) {
      const type = types.get(String(column))
      if (type === undefined) continue
      const compared = { column: String(column), type, kept: String(kept), other: String(other) }
      if (differs({ ...compared, sameLayout: Number(sameLayout) === 1 }))
        yield [name, column, kept, keptRow, other, otherRow]
    }
  }
}
