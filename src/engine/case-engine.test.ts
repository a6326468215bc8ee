import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { database, nameDatabases, ownDatabases, tableIn } from '../sql/database.ts'
import {
  commentDatabase,
  createDatabase,
  createStored,
  createView,
  createWhole,
  type Spread,
  type TableDefinition,
} from '../sql/table-definition.ts'
import { identifier, sql, type Sql } from '../sql/template.ts'
import { openEngine, type Engine } from './engine.ts'

const directory = mkdtempSync(join(tmpdir(), 'azimuth-case-engine-'))
let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ directory, lingerMs: 0 })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

const definition: TableDefinition = {
  database: 'ledger',
  name: 'Things',
  columns: sql`id UInt64, what String`,
  orderBy: sql`id`,
  shardBy: sql`id`,
}
const replacing: TableDefinition = { ...definition, replacing: { version: 'Version' } }
const spread: Spread = { cluster: 'north', isReplicated: false }
const replicated: Spread = { cluster: 'north', isReplicated: true }
const parts = { ...ownDatabases, ledger: 'ledger_part' }
const path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"

const statements: readonly (readonly [Sql, string])[] = [
  [createDatabase('ledger'), 'CREATE DATABASE IF NOT EXISTS `ledger`'],
  [
    createDatabase('ledger', "of a 'case'", replicated),
    "CREATE DATABASE IF NOT EXISTS `ledger` ON CLUSTER `north` COMMENT 'of a \\'case\\''",
  ],
  [
    createStored(definition),
    'CREATE TABLE IF NOT EXISTS `ledger`.`Things` (id UInt64, what String) ENGINE = MergeTree() ORDER BY id',
  ],
  [
    createStored({ ...definition, replacing: true }, spread),
    'CREATE TABLE IF NOT EXISTS `ledger`.`Things` (id UInt64, what String) ENGINE = ReplacingMergeTree() ORDER BY id',
  ],
  [
    createStored(replacing, replicated),
    `CREATE TABLE IF NOT EXISTS \`ledger\`.\`Things\` ON CLUSTER \`north\` (id UInt64, what String) ENGINE = ReplicatedReplacingMergeTree(${path}, \`Version\`) ORDER BY id`,
  ],
  [
    createWhole(definition, spread, parts),
    "CREATE TABLE IF NOT EXISTS `ledger`.`Things` AS `ledger_part`.`Things` ENGINE = Distributed('north', 'ledger_part', 'Things', id)",
  ],
  [
    createView('Seen', sql`SELECT 1`, replicated),
    'CREATE OR REPLACE VIEW `logs`.`Seen` ON CLUSTER `north` AS SELECT 1',
  ],
  [
    commentDatabase('ledger', 'tables 4', replicated),
    "ALTER DATABASE `ledger` ON CLUSTER `north` MODIFY COMMENT 'tables 4'",
  ],
]

/** A statement as the engine understands it; it refuses what is none. */
async function readBack(text: string): Promise<string | undefined> {
  const rows = await engine.owner.rows<{ text: string }>(sql`SELECT formatQuerySingleLine(${text}) AS text`)
  return rows[0]?.text
}

describe('definitions', () => {
  test.each(statements)(
    '%# are the SQL that they should be, and the engine reads it',
    async (statement, text) => {
      expect(nameDatabases(statement, ownDatabases).replaceAll(/\s+/g, ' ')).toBe(text)
      expect(await readBack(text)).toMatch(/^(?:CREATE|ALTER) /)
    },
  )
})

test('what is no statement is noticed', async () => {
  await expect(readBack('CREATE TABLE x ON CLUSTER (id UInt8)')).rejects.toThrow(/SYNTAX_ERROR/)
})

test('only we can name a database by what it holds', async () => {
  const names = { ...ownDatabases, logs: 'elsewhere`; DROP' }
  expect(nameDatabases(tableIn('logs', 'T'), names)).toBe('`elsewhere\\`; DROP`.`T`')
  const forged = '\0logs\0'
  const statement = sql`SELECT ${forged} AS text, 1 AS ${identifier(forged)}, ${database('logs')}.x`
  expect(nameDatabases(statement, { ...names, logs: 'named' })).toBe(
    "SELECT '\\0logs\\0' AS text, 1 AS `\\0logs\\0`, `named`.x",
  )
  expect(await engine.reader.rows(sql`SELECT ${forged} AS text`)).toEqual([{ text: forged }])
})
