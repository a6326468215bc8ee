import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { KqlType, Table } from '../tables/types.ts'

/** More columns than this are not named in queries; their values stay in the bag. */
const maxColumns = 5000

/** Notes which columns the rows of a batch brought to a table with an open schema, and what their values look like. */
export async function recordOpenColumns(connection: Connection, table: Table, batch: number): Promise<void> {
  if (table.open === undefined) return
  await connection.command(
    sql`INSERT INTO ${tableIn('ledger', 'OpenColumns')} (table, column, type, batch)
      SELECT DISTINCT ${table.name}, substringUTF8(pair.1, 1, 1024), multiIf(
          startsWith(pair.2, '{') OR startsWith(pair.2, '['), 'dynamic',
          pair.2 IN ('true', 'false'), 'bool',
          match(pair.2, '^"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)"$'), 'datetime',
          startsWith(pair.2, '"'), 'string',
          match(pair.2, '^-?[0-9]{1,18}$'), 'long',
          'real'), ${batch}
      FROM (SELECT arrayJoin(JSONExtractKeysAndValuesRaw(_Bag)) AS pair FROM ${storedTable(table)} WHERE _Batch = ${batch})
      WHERE pair.2 NOT IN ('null', '""') ORDER BY pair.1 LIMIT ${maxColumns * 4}`,
  )
}

/** The columns that the case's open tables have, by table: name and the type that holds all values seen. */
export async function openColumns(
  connection: Connection,
): Promise<ReadonlyMap<string, ReadonlyMap<string, KqlType>>> {
  const rows = await connection.rows<{ table: string; column: string; types: readonly KqlType[] }>(
    sql`SELECT table, column, groupUniqArray(type) AS types FROM ${tableIn('ledger', 'OpenColumns')} GROUP BY table, column ORDER BY table, column LIMIT ${maxColumns} BY table`,
  )
  const tables = new Map<string, Map<string, KqlType>>()
  for (const { table, column, types } of rows) {
    const columns = tables.get(table) ?? new Map<string, KqlType>()
    tables.set(table, columns.set(column, commonType(types)))
  }
  return tables
}

function commonType(types: readonly KqlType[]): KqlType {
  const [first = 'string', ...others] = types
  if (others.length === 0) return first
  return types.every((type) => type === 'long' || type === 'real') ? 'real' : 'string'
}
