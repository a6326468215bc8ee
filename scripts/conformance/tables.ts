import { readFile } from 'node:fs/promises'
import type { Schema, TableSchema } from '../../src/kql/schema.ts'
import { isKqlType, physicalTypes, type KqlType } from '../../src/kql/types.ts'
import { identifier } from '../../src/sql/template.ts'

const database = 'conformance'
const bagColumn = 'AdditionalColumns'

/** Reads `{table: {column: type}}`; AzureDiagnostics has an open schema. */
export async function readSchema(file: string): Promise<Schema> {
  // The file is ours to trust: it was written for this script.
  const tables = JSON.parse(await readFile(file, 'utf8')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >
  return {
    tables: Object.entries(tables).map(([name, columns]) => tableOf(name, columns)),
    functions: [watchlist],
  }
}

const watchlist = {
  name: '_GetWatchlist',
  parameters: '(alias: string)',
  body: '{ datatable(SearchKey: string)[] }',
}

function tableOf(name: string, columns: Readonly<Record<string, string>>): TableSchema {
  const isOpen = name === 'AzureDiagnostics'
  const common = {
    TenantId: 'string',
    TimeGenerated: 'datetime',
    ...(isOpen ? { SubscriptionId: 'string' } : {}),
  }
  const declared = Object.entries({ ...common, ...columns }).map(([column, type]) => {
    if (!isKqlType(type)) throw new Error(`${name}.${column} has the type ${type}`)
    return { name: column, type }
  })
  const bag = { name: bagColumn, type: 'dynamic' as KqlType, hidden: true }
  return {
    name,
    database,
    source: name,
    columns: isOpen ? [...declared.filter((column) => column.name !== bagColumn), bag] : declared,
    ...(isOpen ? { open: { bagColumn } } : {}),
  }
}

/** Statements that make the schema's tables, empty. */
export function tableStatements(schema: Schema): string[] {
  const tables = schema.tables.map(({ name, columns }) => {
    const list = columns
      .map((column) => `${identifier(column.name).text} ${physicalTypes[column.type]}`)
      .join(', ')
    return `CREATE OR REPLACE TABLE ${database}.${identifier(name).text} (${list}) ENGINE = Memory`
  })
  return [`CREATE DATABASE IF NOT EXISTS ${database}`, ...tables]
}
