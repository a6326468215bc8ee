import { assertNever } from '../error.ts'
import { tableIn } from '../sql/database.ts'
import { column } from '../sql/node.ts'
import { printExpression } from '../sql/print.ts'
import { createStored, type TableDefinition } from '../sql/table-definition.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { termText } from '../sql/term-text.ts'
import type { Column, KeyPart, KqlType, Search, Table } from './types.ts'

/** The number that a case keeps to know whether its tables are of this version of the declarations. */
export const tablesVersion = 6

/** Columns that every stored table has beside Log Analytics' own: name and type. */
export const provenanceColumns: readonly (readonly [string, Sql])[] = [
  ['_EvidenceId', sql`LowCardinality(String)`],
  ['_EvidenceRecord', sql`UInt64 CODEC(Delta, LZ4)`],
  ['_EvidenceOrdinal', sql`UInt32 CODEC(T64, LZ4)`],
  ['_Identity', sql`UInt64`],
  ['_Batch', sql`UInt32`],
  ['_Rank', sql`UInt16`],
  ['_IngestedAt', sql`DateTime('UTC')`],
]

// Keys begin with the hour, in which ClickHouse does not recognise a condition on the time itself where the key names
// that too; this index finds the granules of a span of time.
const timeIndex = sql`INDEX time TimeGenerated TYPE minmax GRANULARITY 1`

/** The stored table in database `logs`. A row's identity decides its shard: an event that two exports tell meets itself. */
export function tableDefinition(table: Table): TableDefinition {
  const columns = [
    ...table.columns.map((item) => sql`${identifier(item.name)} ${storedType(item)}`),
    ...provenanceColumns.map(([name, type]) => sql`${identifier(name)} ${type}`),
  ]
  const searched = Object.entries(table.search ?? {}).map(([name, search]) => searchIndex(name, search))
  return {
    database: 'logs',
    name: table.storedAs,
    columns: join([...columns, timeIndex, ...searched]),
    orderBy: sql`(${join(table.sortKey.map((part) => keyPart(part)))})`,
    shardBy: sql`_Identity`,
  }
}

/** Creates the stored table where one server holds all rows. */
export function createTable(table: Table): Sql {
  return createStored(tableDefinition(table))
}

/**
 * Filters of a granule's 8192 rows: 1.2 bytes a row for values of which one in a hundred is mistaken, and 4 for terms.
 * An index only tells which rows need not be read.
 */
function searchIndex(name: string, search: Search): Sql {
  const index = identifier(`${search} of ${name}`)
  switch (search) {
    case 'value':
      return sql`INDEX ${index} ${identifier(name)} TYPE bloom_filter(0.01) GRANULARITY 1`
    case 'terms':
      return sql`INDEX ${index} ${printExpression(termText(column(name)))} TYPE tokenbf_v1(32768, 2, 0) GRANULARITY 1`
    default:
      return assertNever(search)
  }
}

export function storedTable(table: Table): Sql {
  return tableIn('logs', table.storedAs)
}

/** A part of a key as an expression over the table's columns. */
export function keyPart(part: KeyPart): Sql {
  const name = identifier(part.column)
  switch (part.as) {
    case 'exact':
      return name
    case 'lower':
      return sql`lower(trimBoth(${name}))`
    case 'hour':
      return sql`toStartOfHour(${name})`
    case 'second':
      return sql`toUnixTimestamp(${name})`
    case 'millisecond':
      return sql`toUnixTimestamp64Milli(${name})`
    case 'status':
      return sql`transform(lower(${name}), [${Object.keys(statusWords)}], [${Object.values(statusWords)}], lower(${name}))`
    default:
      return assertNever(part.as)
  }
}

/** Activity Log statuses in both vocabularies: localised or spoken, and value. */
export const statusWords: Readonly<Record<string, string>> = {
  started: 'start',
  succeeded: 'success',
  accepted: 'accept',
  failed: 'failure',
}

const types: Readonly<Record<KqlType, Sql>> = {
  bool: sql`Nullable(Bool)`,
  int: sql`Nullable(Int32) CODEC(T64, LZ4)`,
  long: sql`Nullable(Int64) CODEC(T64, LZ4)`,
  real: sql`Nullable(Float64)`,
  string: sql`String`,
  datetime: sql`Nullable(DateTime64(7, 'UTC'))`,
  guid: sql`Nullable(UUID)`,
  dynamic: sql`String`,
}

function storedType(item: Column): Sql {
  if (item.name === 'TimeGenerated') return sql`DateTime64(7, 'UTC') CODEC(Delta, LZ4)`
  if (item.internal === true || item.packed === true) return sql`String CODEC(ZSTD(1))`
  if (item.repeats && item.type === 'string') return sql`LowCardinality(String)`
  return types[item.type]
}
