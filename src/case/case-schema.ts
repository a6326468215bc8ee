import { define, makeDatabase, makeTable, type CaseEngine } from '../engine/case-engine.ts'
import type { Connection } from '../engine/connection.ts'
import { allEnded, inOrder } from '../evidence/in-order.ts'
import { openColumns } from '../evidence/open-columns.ts'
import { ledgerTables } from '../evidence/ledger-schema.ts'
import { openColumnType, type Schema, type TableSchema } from '../kql/schema.ts'
import { ownDatabases, type DatabaseNames } from '../sql/database.ts'
import { commentDatabase, createView } from '../sql/table-definition.ts'
import { sql } from '../sql/template.ts'
import { azureDiagnostics, diagnosticsSelect } from '../tables/azure-diagnostics.ts'
import { tableDefinition } from '../tables/create.ts'
import { kqlColumns } from '../tables/kql-columns.ts'
import { securityAlert } from '../tables/security-alert.ts'
import { openTable } from '../tables/open-table.ts'
import { openTypes } from '../tables/open-types.ts'
import { tables as declaredTables } from '../tables/tables.ts'
import type { KqlType, Table } from '../tables/types.ts'
import { alertSchemas, prepareAlerts, securityAlertSource } from './alert-tables.ts'
import { areTablesMade, markOf } from './case-mark.ts'
import { storedFunctions } from './stored-functions.ts'
import { watchlistSchema, watchlists } from './watchlists.ts'

/** Makes the case's tables where it has none yet. On a server elsewhere, `caseId` tells them from those of other cases. */
export async function prepareTables(engine: CaseEngine, caseId?: string): Promise<void> {
  const { spread } = engine
  if (await areTablesMade(engine, caseId)) {
    if (!(await hasAlerts(engine))) await prepareAlerts(engine)
    return
  }
  await allEnded([
    makeDatabase(engine, 'ledger', markOf(engine, caseId, false)),
    makeDatabase(engine, 'logs'),
  ])
  const definitions = [...ledgerTables, ...declaredTables.map((table) => tableDefinition(table))]
  await Array.fromAsync(inOrder(definitions, madeAtOnce, (definition) => makeTable(engine, definition)))
  await allEnded([
    define(engine, 'whole', createView(azureDiagnostics.name, diagnosticsSelect(), spread)),
    prepareAlerts(engine),
  ])
  await define(engine, 'whole', commentDatabase('ledger', markOf(engine, caseId, true), spread))
}

/** Each waits for a disk, and for who is busy reading evidence meanwhile. */
const madeAtOnce = 8

async function hasAlerts({ owner }: CaseEngine): Promise<boolean> {
  const found = await owner.rows(
    sql`SELECT 1 FROM system.tables WHERE database = ${owner.databases.logs} AND name = ${securityAlertSource}`,
  )
  return found.length > 0
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
  const { databases } = connection
  if (open.size + functions.length + lists.length === 0) return namedSchema(declaredSchema, databases)
  const declared = declaredTables.map((table) => tableSchema(table, open.get(table.name)))
  const names = new Set(declaredTables.map((table) => table.name))
  const brought = [...open].filter(([name]) => !names.has(name))
  const known = brought.map(([name, columns]) => tableSchema(openTable(name), columns))
  const tables = [...declared, ...known, ...absentTables(new Set(open.keys())), ...alertSchemas]
  return namedSchema({ tables, functions, watchlists: lists.map(watchlistSchema) }, databases)
}

/** The schema with its databases as a server calls them. */
function namedSchema(schema: Schema, names: DatabaseNames): Schema {
  if (names.logs === ownDatabases.logs) return schema
  const named = (table: TableSchema): TableSchema => ({
    ...table,
    database: table.database === ownDatabases.reference ? names.reference : names.logs,
  })
  const { tables, watchlists: lists = [] } = schema
  return { ...schema, tables: tables.map(named), watchlists: lists.map(named) }
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
