import type { Connection } from '../engine/connection.ts'
import { identifier, join, sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'

export interface ConflictListing {
  readonly columns: readonly { readonly name: string; readonly type: 'string' | 'long' }[]
  readonly rows: AsyncIterable<readonly unknown[]>
}

/** Columns that tell of the way a record came, not of the event. */
const carriers: ReadonlySet<string> = new Set(['TenantId', 'SourceSystem', 'Type', '_BilledSize', '_IsBillable'])

/**
 * Events that two exports tell differently: for each column that both fill with different values, the value that stands
 * in the table and the one that a sighting has, each with its row for `show`. Letter case is not a difference.
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
    sql`SELECT DISTINCT table FROM ledger.Sightings WHERE fields != ''`,
  )
  for (const { table: name } of differing) {
    const table = tables.find((each) => each.name === name)
    if (table === undefined || table.identity.kind === 'record') continue
    const compared = table.columns.filter((column) => !carriers.has(column.name))
    const fields = join(
      compared.map((column) => sql`${column.name}, ifNull(toString(${identifier(column.name)}), '')`),
    )
    const stream = await connection.query(
      sql`SELECT ${name}, field.1, kept[field.1] AS keptValue, keptRow, field.2, otherRow FROM (
        SELECT map(${fields}) AS kept,
          concat(left(_EvidenceId, 12), ':', toString(_EvidenceRecord)) AS keptRow,
          concat(left(evidence, 12), ':', toString(record)) AS otherRow, other
        FROM ${storedTable(table)} INNER JOIN (
          SELECT identity, evidence, record, JSONExtract(fields, 'Map(String, String)') AS other
          FROM ledger.Sightings FINAL WHERE table = ${name} AND fields != ''
        ) AS sighting ON _Identity = sighting.identity
      ) ARRAY JOIN CAST(other, 'Array(Tuple(String, String))') AS field
      WHERE kept[field.1] != '' AND lowerUTF8(kept[field.1]) != lowerUTF8(field.2)
        AND field.1 IN (${compared.map((column) => column.name)})
      ORDER BY keptRow, field.1`,
    )
    yield* stream.rows
  }
}
