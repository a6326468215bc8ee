import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from '../sql/template.ts'
import { ownDatabases } from '../sql/database.ts'
import { connectServer } from './remote.ts'
import { openEngine, type Engine } from './engine.ts'
import { ClickHouseError, LimitError } from './errors.ts'

let engine: Engine
const root = mkdtempSync(join(tmpdir(), 'azimuth-engine-'))
const endless = sql`SELECT sum(sipHash64(number)) FROM numbers(1000000000000)`

beforeAll(async () => {
  engine = await openEngine({
    directory: join(root, 'engine'),
    lingerMs: 0,
    memoryLimitBytes: 2 ** 30,
    threads: 2,
  })
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, maxRetries: 20, retryDelay: 50 })
})

async function runningQueries(queryId: string): Promise<number> {
  const rows = await engine.owner.rows(sql`SELECT 1 FROM system.processes WHERE query_id = ${queryId}`)
  return rows.length
}

async function* thousandLines(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 1000; index += 1) yield Buffer.from(`line ${index}\n`)
}

async function* slowLines(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a line\n')
  await wait(1200)
  yield Buffer.from('another line\n')
}

async function* brokenLines(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a line\n')
  throw new Error('the disk is gone')
}

test('columns are known before the rows, also where there are no rows', async () => {
  const result = await engine.reader.query(sql`SELECT 1 AS a, 'x' AS b WHERE 0`)
  expect(result.columns).toEqual([
    { name: 'a', type: 'UInt8' },
    { name: 'b', type: 'String' },
  ])
  expect(await Array.fromAsync(result.rows)).toEqual([])
  expect(await result.summary()).toMatchObject({ writtenRows: 0 })
})

test('values keep their precision', async () => {
  const statement = sql`SELECT 18446744073709551615 AS big, toInt64(-1) AS small, nan AS nothing, -inf AS least,
    toDecimal128('12345678901234567890.123456789', 9) AS decimal, ${'a"\\b\n\r\té\u0000😀'} AS text, NULL AS none`
  expect(await engine.reader.rows(statement)).toEqual([
    {
      big: '18446744073709551615',
      small: '-1',
      nothing: 'nan',
      least: '-inf',
      decimal: '12345678901234567890.123456789',
      text: 'a"\\b\n\r\té\u0000😀',
      none: null,
    },
  ])
})

test('a large result streams: the server waits for a reader that pauses', async () => {
  const queryId = 'paused'
  const { rows } = await engine.reader.query(sql`SELECT number, repeat('x', 1000) FROM numbers(1000000)`, {
    queryId,
  })
  let count = 0
  for await (const _ of rows) {
    count += 1
    if (count === 1) await wait(50)
    if (count === 1000) expect(await runningQueries(queryId)).toBe(1)
    if (count === 2000) break
  }
  expect(await runningQueries(queryId)).toBe(0)
})

test('long rows and multi-byte characters survive the borders of network chunks', async () => {
  const rows = await engine.reader.rows<{ n: string; text: string }>(
    sql`SELECT number AS n, repeat('é€😀', 100000 + number) AS text FROM numbers(5)`,
  )
  expect(rows.map(({ n, text }) => [n, text === 'é€😀'.repeat(100000 + Number(n))])).toEqual(
    [0, 1, 2, 3, 4].map((n) => [String(n), true]),
  )
})

test('an insert streams its body and counts its rows', async () => {
  await engine.owner.command(sql`CREATE TABLE logs.Lines (line String) ORDER BY line`)
  const statement = sql`INSERT INTO logs.Lines SELECT line FROM input('line String') FORMAT LineAsString`
  expect(await engine.owner.insert(statement, thousandLines())).toMatchObject({ writtenRows: 1000 })
  expect(await engine.reader.rows(sql`SELECT count() AS n FROM logs.Lines`)).toEqual([{ n: '1000' }])
})

test('an insert whose data comes slowly waits for it', async () => {
  await engine.owner.command(sql`CREATE TABLE logs.Slow (line String) ORDER BY line`)
  const statement = sql`INSERT INTO logs.Slow SELECT line FROM input('line String') FORMAT LineAsString`
  expect(await engine.owner.insert(statement, slowLines())).toMatchObject({ writtenRows: 2 })
})

test('an insert whose source fails fails with the error of the source', async () => {
  const queryId = 'broken-source'
  await engine.owner.command(sql`CREATE TABLE logs.Broken (line String) ORDER BY line`)
  const statement = sql`INSERT INTO logs.Broken SELECT line FROM input('line String') FORMAT LineAsString`
  await expect(engine.owner.insert(statement, brokenLines(), { queryId })).rejects.toThrow('the disk is gone')
  expect(await runningQueries(queryId)).toBe(0)
  expect(await engine.owner.rows(sql`SELECT line FROM logs.Broken`)).toEqual([])
})

const endlessInserts = [
  {
    statement: sql`INSERT INTO logs.Nowhere SELECT line FROM input('line String') FORMAT LineAsString`,
    number: 60,
  },
  {
    statement: sql`INSERT INTO logs.Few SELECT throwIf(1) FROM input('line String') FORMAT LineAsString`,
    number: 395,
  },
]
test.each(endlessInserts)(
  'an insert that fails does not wait for its data to end: $number',
  async ({ statement, number }) => {
    await engine.owner.command(sql`CREATE TABLE IF NOT EXISTS logs.Few (line String) ORDER BY line`)
    let isClosed = false
    const body = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('a line\n'.repeat(1000))
      } finally {
        isClosed = true
      }
    }
    await expect(engine.owner.insert(statement, body())).rejects.toMatchObject({ clickhouseCode: number })
    expect(isClosed).toBe(true)
  },
)

test('the engine reads files of the stage folder by name', async () => {
  writeFileSync(join(engine.stageDirectory, 'a1.jsonl'), '{"a": 1}\n{"a": 2}\n')
  await engine.owner.command(sql`CREATE TABLE logs.Staged (n UInt64, line String) ORDER BY n`)
  const summary = await engine.owner.command(
    sql`INSERT INTO logs.Staged SELECT _row_number, line FROM file(${'a1.jsonl'}, 'LineAsString', 'line String')`,
  )
  expect(summary.writtenRows).toBe(2)
})

test('an aborted query has ended on the server when its promise rejects', async () => {
  const stop = new AbortController()
  const queryId = 'aborted-query'
  const running = engine.reader.rows(endless, {
    signal: stop.signal,
    queryId,
    onProgress: () => stop.abort(),
  })
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await runningQueries(queryId)).toBe(0)
})

test('a query aborted before it began never runs', async () => {
  const queryId = 'aborted-early'
  const stop = new AbortController()
  const running = engine.reader.rows(endless, { signal: stop.signal, queryId })
  stop.abort()
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await runningQueries(queryId)).toBe(0)
})

test.each([1, 2, 5, 10])('a query aborted after %i turns of the event loop has ended', async (turns) => {
  const queryId = `aborted-after-${turns}`
  const stop = new AbortController()
  const running = engine.reader.rows(endless, { signal: stop.signal, queryId })
  running.catch(() => {})
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
  stop.abort()
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await runningQueries(queryId)).toBe(0)
})

test('an aborted command has ended on the server when its promise rejects', async () => {
  await engine.owner.command(sql`CREATE TABLE logs.Hashes (n UInt64) ORDER BY n`)
  const stop = new AbortController()
  const queryId = 'aborted-command'
  const statement = sql`INSERT INTO logs.Hashes SELECT sipHash64(number) FROM numbers(100000000000)`
  const running = engine.owner.command(statement, {
    signal: stop.signal,
    queryId,
    onProgress: ({ readRows }) => readRows > 0 && stop.abort(),
  })
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await runningQueries(queryId)).toBe(0)
})

test('an aborted insert has ended on the server when its promise rejects', async () => {
  await engine.owner.command(sql`CREATE TABLE logs.Endless (line String) ORDER BY line`)
  const stop = new AbortController()
  const queryId = 'aborted-insert'
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let count = 0; ; count += 1) {
      if (count === 100) stop.abort()
      yield Buffer.from('a line\n'.repeat(1000))
      await wait(0)
    }
  }
  const statement = sql`INSERT INTO logs.Endless SELECT line FROM input('line String') FORMAT LineAsString`
  const running = engine.owner.insert(statement, body(), { signal: stop.signal, queryId })
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  expect(await runningQueries(queryId)).toBe(0)
})

test('progress tells how far a query has come', async () => {
  const seen: number[] = []
  const statement = sql`SELECT count() FROM numbers(1000) WHERE NOT ignore(sleepEachRow(0.0005)) SETTINGS max_block_size = 10`
  const result = await engine.owner.query(statement, {
    onProgress: ({ readRows }) => seen.push(readRows),
  })
  expect(await Array.fromAsync(result.rows)).toEqual([['1000']])
  expect(seen.length).toBeGreaterThan(2)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect((await result.summary()).readRows).toBe(1000)
})

const limits = [
  { limits: { timeMs: 200 }, statement: endless, code: 'limit-time', number: 159 },
  {
    limits: { memoryBytes: 5_000_000 },
    statement: sql`SELECT groupArray(number) FROM numbers(10000000)`,
    code: 'limit-memory',
    number: 241,
  },
  { limits: { rows: 10 }, statement: sql`SELECT number FROM numbers(1000)`, code: 'limit-rows', number: 396 },
  {
    limits: { resultBytes: 1000 },
    statement: sql`SELECT repeat('x', 10000) FROM numbers(10)`,
    code: 'limit-rows',
    number: 396,
  },
]
test.each(limits)(
  'a query beyond $limits is ended with $number',
  async ({ limits: given, statement, code, number }) => {
    for (const connection of [engine.reader, engine.owner]) {
      const error = await connection.rows(statement, { limits: given }).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(LimitError)
      expect(error).toMatchObject({ code, clickhouseCode: number, hint: expect.any(String) })
    }
  },
)

test('a limit of 0 is a mistake of ours', async () => {
  await expect(engine.reader.rows(sql`SELECT 1`, { limits: { rows: 0 } })).rejects.toThrow('above 0')
})

test('memory of the whole server is bounded', async () => {
  const statement = sql`SELECT groupArray(repeat('x', 1000)) FROM numbers(100000000)`
  await expect(engine.owner.rows(statement)).rejects.toMatchObject({ clickhouseCode: 241 })
  expect(await engine.reader.rows(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
})

const secret = 'secret-value-of-the-statement'
const failures = [
  [sql`SELECT nothing, ${secret} FROM system.one`, 47, 'UNKNOWN_IDENTIFIER'],
  [sql`SELECT ] ${secret}`, 62, 'SYNTAX_ERROR'],
  [sql`SELECT ${secret} FROM logs.Nothing`, 60, 'UNKNOWN_TABLE'],
  [sql`SELECT noSuchFunction(${secret})`, 46, 'UNKNOWN_FUNCTION'],
  [
    sql`SELECT throwIf(materialize(1), 'thrown') WHERE ${secret} != ''`,
    395,
    'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO',
  ],
] as const
test.each(failures)(
  'an error has code, name and message, not the statement: %o',
  async (statement, number, name) => {
    const error = await engine.owner.rows(statement).catch((cause: unknown) => cause)
    if (!(error instanceof ClickHouseError)) throw error
    expect([error.clickhouseCode, error.clickhouseName]).toEqual([number, name])
    expect(error.message).toContain(`(ClickHouse ${number} ${name})`)
    expect(error.message).not.toContain(secret)
  },
)

test('an error after the first rows ends the rows with it', async () => {
  const statement = sql`SELECT number, throwIf(number = 300000, 'thrown') FROM numbers(400000) SETTINGS max_block_size = 1000`
  const { rows } = await engine.owner.query(statement)
  let count = 0
  const reading = (async () => {
    for await (const _ of rows) count += 1
  })()
  await expect(reading).rejects.toMatchObject({ clickhouseCode: 395 })
  expect(count).toBeGreaterThan(0)
})

test('text that looks like an error is text', async () => {
  const text = '\r\n__exception__\r\nabc\r\nCode: 1. DB::Exception: no. (NO)\r\n'
  expect(await engine.reader.rows(sql`SELECT ${text} AS text`)).toEqual([{ text }])
})

test('a cluster that does not answer is named, without its password', async () => {
  const credentials = { username: 'u', password: 'pass-word' }
  await using connection = connectServer('http://127.0.0.1:1', credentials, { databases: ownDatabases })
  const error = await connection.rows(sql`SELECT 1`).catch((cause: unknown) => cause)
  expect(error).toMatchObject({
    code: 'engine-unreachable',
    message: expect.stringContaining('http://127.0.0.1:1'),
  })
  expect(String(error)).not.toContain('pass-word')
})
