import type { Connection } from '../engine/connection.ts'
import { openColumns } from '../evidence/open-columns.ts'
import { ledgerTables } from '../evidence/ledger-schema.ts'
import { AzimuthError } from '../error.ts'
import { openColumnType, type Schema, type TableSchema } from '../kql/schema.ts'
import { sql } from '../sql/template.ts'
import { createDiagnosticsView } from '../tables/azure-diagnostics.ts'
import { createTable, tablesVersion } from '../tables/create.ts'
import { kqlColumns } from '../tables/kql-columns.ts'
import { securityAlert } from '../tables/security-alert.ts'
import { openTable } from '../tables/open-table.ts'
import { openTypes } from '../tables/open-types.ts'
import { tables as declaredTables } from '../tables/tables.ts'
import type { KqlType, Table } from '../tables/types.ts'
import { alertSchemas, prepareAlerts, securityAlertSource } from './alert-tables.ts'
import { storedFunctions } from './stored-functions.ts'
import { watchlistSchema, watchlists } from './watchlists.ts'

/** Makes the case's tables where it has none yet. A case of another version of the tables is refused. */
export async function prepareTables(connection: Connection): Promise<void> {
  const found = await connection.rows<{ comment: string; alerts: string }>(
    sql`SELECT comment, (SELECT count() FROM system.tables WHERE database = 'logs' AND name = ${securityAlertSource}) AS alerts
      FROM system.databases WHERE name = 'ledger'`,
  )
  const version = /^tables (\d+)$/.exec(found[0]?.comment ?? '')?.[1]
  if (version === String(tablesVersion)) {
    if (found[0]?.alerts === '0') await prepareAlerts(connection)
    return
  }
  if (version !== undefined) {
    throw new AzimuthError(
      'case-tables',
      `the tables of this case are of version ${version}, not ${tablesVersion}`,
      {
        hint: 'ingest the evidence into a new case: azimuth ingest PATH… --case NAME',
      },
    )
  }
  for (const statement of ledgerTables) await connection.command(statement)
  for (const table of declaredTables) await connection.command(createTable(table))
  await connection.command(createDiagnosticsView())
  await prepareAlerts(connection)
  await connection.command(sql`ALTER DATABASE ledger MODIFY COMMENT ${`tables ${tablesVersion}`}`)
}

/** What queries can name when nothing is known of the case's open tables. */
export const declaredSchema: Schema = {
  tables: [...declaredTables.map((table) => tableSchema(table)), ...absentTables(new Set()), ...alertSchemas],
}

/** What queries can name in this case: tables, those among them that exports brought, stored functions and watchlists. */
export async function caseSchema(connection: Connection, caseFolder: string): Promise<Schema> {
  const [open, functions, lists] = await Promise.all([
    openColumns(connection),
    storedFunctions(caseFolder),
    watchlists(caseFolder),
  ])
  if (open.size + functions.length + lists.length === 0) return declaredSchema
  const declared = declaredTables.map((table) => tableSchema(table, open.get(table.name)))
  const names = new Set(declaredTables.map((table) => table.name))
  const brought = [...open].filter(([name]) => !names.has(name))
  const known = brought.map(([name, columns]) => tableSchema(openTable(name), columns))
  const tables = [...declared, ...known, ...absentTables(new Set(open.keys())), ...alertSchemas]
  return { tables, functions, watchlists: lists.map(watchlistSchema) }
}

/** The tables of the case that hold rows of their own: the declared ones and those that exports brought. */
export async function caseTables(connection: Connection): Promise<readonly Table[]> {
  const names = new Set(declaredTables.map((table) => table.name))
  const open = await openColumns(connection)
  return [
    ...declaredTables,
    ...[...open.keys()].filter((name) => !names.has(name)).map((name) => openTable(name)),
  ]
}

/** Open tables that are known and that the case has no records of. */
function absentTables(present: ReadonlySet<string>): TableSchema[] {
  const declared = new Set(declaredTables.map(({ name }) => name))
  return Object.keys(openTypes)
    .filter((name) => !declared.has(name) && !present.has(name))
    .map((name) => ({ ...tableSchema(openTable(name)), absent: true }))
}

function tableSchema(table: Table, seen: ReadonlyMap<string, KqlType> = new Map()): TableSchema {
  const columns = kqlColumns(table)
  const ingestionTime = { event: 'TimeGenerated', actual: '_IngestedAt' }
  const source = table.name === securityAlert.name ? securityAlertSource : table.name
  const common = { name: table.name, database: 'logs', source, ingestionTime }
  if (table.open === undefined) return { ...common, columns }
  const declared = new Set(columns.map((column) => column.name))
  const open = { bagColumn: '_Bag', types: table.open.types }
  const bagged = [...new Map([...Object.entries(open.types), ...seen])]
    .filter(([name]) => !declared.has(name))
    .map(([name, type]) => ({ name, type: openColumnType(open, name) ?? type, bagKey: name }))
  return { ...common, columns: [...columns, ...bagged], open }
}
