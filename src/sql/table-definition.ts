import { database, tableIn, type DatabaseNames, type DatabaseRole } from './database.ts'
import { identifier, join, sql, type Sql } from './template.ts'

/** A stored table, on whatever it is stored. */
export interface TableDefinition {
  readonly database: 'logs' | 'ledger'
  readonly name: string
  readonly columns: Sql
  /** Of rows that agree in the order, a replacing table keeps the one of the highest version, or any where none is named. */
  readonly replacing?: true | { readonly version: string }
  readonly orderBy: Sql
  /** On a cluster, rows with one value of this number meet on one shard. */
  readonly shardBy: Sql
}

/** How tables lie on a cluster: a part of the rows on each shard, and a `Distributed` table over them on each server. */
export interface Spread {
  readonly cluster: string
  /** Whether the servers have Keeper: then parts are replicated, and a definition is told to one server for all. */
  readonly isReplicated: boolean
}

/** Creates the table that holds rows: all of them, or a server's part. */
export function createStored(definition: TableDefinition, spread?: Spread): Sql {
  const { name, columns, orderBy } = definition
  return sql`CREATE TABLE IF NOT EXISTS ${tableIn(definition.database, name)}${onCluster(spread)} (${columns})
    ENGINE = ${storedEngine(definition, spread)} ORDER BY ${orderBy}`
}

/** Creates the table that shows the rows of all shards and sends each new row to its own. `parts` names where they lie. */
export function createWhole(definition: TableDefinition, spread: Spread, parts: DatabaseNames): Sql {
  const { name, shardBy } = definition
  const part = parts[definition.database]
  return sql`CREATE TABLE IF NOT EXISTS ${tableIn(definition.database, name)}${onCluster(spread)}
    AS ${identifier(part)}.${identifier(name)} ENGINE = Distributed(${spread.cluster}, ${part}, ${name}, ${shardBy})`
}

/** Creates a view of rows that all servers show alike. */
export function createView(name: string, select: Sql, spread?: Spread): Sql {
  return sql`CREATE OR REPLACE VIEW ${tableIn('logs', name)}${onCluster(spread)} AS ${select}`
}

/** Notes a text beside a database. */
export function commentDatabase(role: 'ledger', comment: string, spread?: Spread): Sql {
  return sql`ALTER DATABASE ${database(role)}${onCluster(spread)} MODIFY COMMENT ${comment}`
}

export function createDatabase(role: DatabaseRole, comment?: string, spread?: Spread): Sql {
  const note = comment === undefined || comment === '' ? sql`` : sql` COMMENT ${comment}`
  return sql`CREATE DATABASE IF NOT EXISTS ${database(role)}${onCluster(spread)}${note}`
}

/** For statements that define something: with Keeper, one server tells all others. */
export function onCluster(spread: Spread | undefined): Sql {
  return spread?.isReplicated === true ? sql` ON CLUSTER ${identifier(spread.cluster)}` : sql``
}

/** The engine of a table whose rows of one order replace each other, or don't; its copies find each other by their path. */
export function storedEngine({ replacing }: Pick<TableDefinition, 'replacing'>, spread?: Spread): Sql {
  const copied =
    spread?.isReplicated === true
      ? [sql`'/clickhouse/tables/{shard}/{database}/{table}'`, sql`'{replica}'`]
      : []
  const version = replacing === undefined || replacing === true ? [] : [identifier(replacing.version)]
  const kind = sql`${copied.length === 0 ? sql`` : sql`Replicated`}${replacing === undefined ? sql`` : sql`Replacing`}MergeTree`
  return sql`${kind}(${join([...copied, ...version])})`
}
