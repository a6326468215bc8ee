import {
  createDatabase,
  createStored,
  createWhole,
  type Spread,
  type TableDefinition,
} from '../sql/table-definition.ts'
import type { Sql } from '../sql/template.ts'
import type { Connection } from './connection.ts'

/** What holds the rows of a case: a private ClickHouse, a server elsewhere, or a cluster. */
export interface CaseEngine extends AsyncDisposable {
  /** Sees all rows, and writes. */
  readonly owner: Connection
  /** Sees all rows. */
  readonly reader: Connection
  /** The servers, one a shard. */
  readonly parts: readonly ServerPart[]
  /** How tables lie over several shards. */
  readonly spread?: Spread
  readonly version: string
  /** A folder for what a batch brings. */
  readonly stageDirectory: string
  /** Whether the engine reads files of that folder by name; else it reads only what is sent. */
  readonly readsFiles: boolean
}

/** One server: statements about its own part of the rows, and statements about all rows. They differ on a cluster only. */
export interface ServerPart {
  readonly own: Connection
  readonly whole: Connection
}

/** Makes a database of the case on every server. */
export async function makeDatabase(
  engine: CaseEngine,
  role: 'logs' | 'ledger',
  comment?: string,
): Promise<void> {
  const { spread } = engine
  await define(engine, 'whole', createDatabase(role, comment, spread))
  if (spread !== undefined) await define(engine, 'own', createDatabase(role, comment, spread))
}

/** Makes a table on every server, where it is not there yet. */
export async function makeTable(engine: CaseEngine, definition: TableDefinition): Promise<void> {
  const { spread, parts } = engine
  await define(engine, 'own', createStored(definition, spread))
  const [first] = parts
  if (spread !== undefined && first !== undefined)
    await define(engine, 'whole', createWhole(definition, spread, first.own.databases))
}

/** Runs a statement that defines something, on every server or, where it goes to the cluster by itself, on one. */
export async function define(engine: CaseEngine, which: keyof ServerPart, statement: Sql): Promise<void> {
  const told = engine.spread?.isReplicated === true ? engine.parts.slice(0, 1) : engine.parts
  for (const part of told) await part[which].command(statement)
}
