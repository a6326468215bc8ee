import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql, type Sql } from '../sql/template.ts'
import type { Limits } from './connection.ts'
import { openEngine, type Engine } from './engine.ts'
import { ClickHouseError } from './errors.ts'

// What a reader's query can take, and what it can learn by asking for what is not its own.

let engine: Engine
const root = mkdtempSync(join(tmpdir(), 'azimuth-engine-'))

beforeAll(async () => {
  engine = await openEngine({
    directory: join(root, 'engine'),
    lingerMs: 0,
    memoryLimitBytes: 2 ** 31,
    threads: 2,
  })
  await engine.owner.command(sql`CREATE TABLE logs.T (n UInt64) ORDER BY n`)
  await engine.owner.command(sql`INSERT INTO logs.T SELECT number FROM numbers(1000000)`)
  await engine.owner.command(sql`CREATE TABLE ledger.Secret (confidential UInt64) ORDER BY confidential`)
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, maxRetries: 20, retryDelay: 50 })
})

const literal = (text: string): Sql => ({ kind: 'sql', text })

async function failure(text: string, limits: Limits = {}): Promise<ClickHouseError> {
  try {
    const { rows } = await engine.reader.query(literal(text), { limits })
    for await (const _row of rows) continue
  } catch (error) {
    if (error instanceof ClickHouseError) return error
    throw error
  }
  throw new Error(`allowed: ${text.slice(0, 200)}`)
}

const nested = (depth: number): string => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth)}`

describe('a query that takes too much ends with its reason, and the next one runs', () => {
  const cases: readonly (readonly [string, string, Limits, string])[] = [
    ['memory', 'SELECT groupArray(toString(n)) FROM logs.T', { memoryBytes: 5_000_000 }, 'limit-memory'],
    [
      'memory of a join',
      'SELECT count() FROM logs.T AS a INNER JOIN logs.T AS b ON a.n = b.n',
      { memoryBytes: 5_000_000 },
      'limit-memory',
    ],
    ['rows', 'SELECT n FROM logs.T', { rows: 1000 }, 'limit-rows'],
    ['bytes', 'SELECT repeat(toString(n), 100) FROM logs.T', { resultBytes: 100_000 }, 'limit-rows'],
    [
      'time',
      'SELECT count() FROM logs.T AS a, logs.T AS b WHERE a.n * b.n % 7 = 3',
      { timeMs: 300 },
      'limit-time',
    ],
    ['depth', nested(2000), {}, 'limit-query'],
    ['length', `SELECT '${'x'.repeat(17_000_000)}'`, {}, 'engine-error'],
    [
      'elements',
      `SELECT ${Array.from({ length: 60_000 }, (_, index) => `n + ${index}`).join(', ')} FROM logs.T`,
      {},
      'limit-query',
    ],
  ]
  test.each(cases)('%s', async (_name, text, limits, code) => {
    expect((await failure(text, limits)).code).toBe(code)
    expect(await engine.reader.rows(sql`SELECT max(n) AS most FROM logs.T`)).toEqual([{ most: '999999' }])
  })
})

test('fifty queries at once are all answered', async () => {
  const asked = Array.from({ length: 50 }, (_, index) =>
    engine.reader.rows(sql`SELECT countIf(n % 50 = ${index}) AS found FROM logs.T`),
  )
  expect(await Promise.all(asked)).toEqual(asked.map(() => [{ found: '20000' }]))
})

test('a query whose reader goes away ends', async () => {
  const stream = await engine.reader.query(sql`SELECT a.n FROM logs.T AS a, logs.T AS b WHERE a.n != b.n`)
  for await (const _row of stream.rows) break
  const running = sql`SELECT count() AS running FROM system.processes WHERE user = 'reader'`
  await expect.poll(() => engine.owner.rows(running), { timeout: 20_000 }).toEqual([{ running: '0' }])
})

describe('an error tells nothing of what is not the reader’s', () => {
  const probes = [
    'SELECT * FROM ledger.Secrets',
    'SELECT * FROM ledger.Secret',
    'SELECT * FROM Secret',
    'SELECT confidentia FROM ledger.Secret',
    'SELECT * FROM legder.Secret',
    'SELECT * FROM logs.Secret',
    `SELECT * FROM merge('ledger', 'S')`,
    `SELECT * FROM cluster('x', 'ledger', 'Secret')`,
    `SELECT hasColumnInTable('ledger', 'Secret', 'confidential')`,
    `SELECT joinGet('ledger.Secre', 'confidential', 1)`,
    `SELECT * FROM loop(ledger.Secre)`,
    'DESCRIBE ledger.Secrets',
    'SHOW CREATE TABLE ledger.Secrets',
    'SELECT * FROM ledger.Secret PREWHERE confidential > 1',
    'SELECT (SELECT max(confidential) FROM ledger.Secret)',
    'WITH s AS (SELECT * FROM ledger.Secret) SELECT * FROM s',
    'SELECT 1 IN (SELECT confidential FROM ledger.Secret)',
    'SELECT 1 IN ledger.Secret',
    'EXPLAIN SELECT * FROM ledger.Secret',
    'EXPLAIN ESTIMATE SELECT * FROM ledger.Secret',
  ]
  test.each(probes)('%s', async (probe) => {
    const { message, cause } = await failure(probe)
    // The server's own text, which nobody is shown, may propose a column; those of the ledger stand in the sources.
    const told = String(cause)
    for (const word of ['Secret', 'ledger']) if (!probe.includes(word)) expect(told).not.toContain(word)
    if (!probe.includes('confidential')) expect(message).not.toContain('confidential')
  })

  test('a pattern of tables finds the case’s alone', async () => {
    const found = literal(
      `SELECT DISTINCT _database AS database, _table AS name FROM merge(REGEXP('^(logs|ledger)$'), '.*')`,
    )
    expect(await engine.reader.rows(found)).toEqual([{ database: 'logs', name: 'T' }])
  })

  test('lists hold nothing but the case’s tables', async () => {
    for (const list of [
      'SHOW TABLES FROM ledger',
      'SHOW DATABASES',
      'SHOW DICTIONARIES',
      'SHOW PROCESSLIST',
      'SHOW USERS',
      'SHOW GRANTS',
    ]) {
      const told = await engine.reader.rows(literal(list)).then((rows) => JSON.stringify(rows), String)
      expect([list, told.includes('Secret') || told.includes('owner')]).toEqual([list, false])
    }
  })
})
