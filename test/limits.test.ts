import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run } from '../src/cli/program.ts'
import { openEngine, type Engine } from '../src/engine/engine.ts'
import { sql } from '../src/sql/template.ts'
import { memoryTerminal, type MemoryTerminal } from './memory-terminal.ts'

let root: string
let engine: Engine

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-limits-'))
  const made = memoryTerminal({ home: join(root, 'home'), directory: root, input: '' })
  expect(await run(made, ['query', '--batch', '-', '--case', './case'])).toBe(0)
  engine = await openEngine({ directory: join(root, 'case', 'engine') })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, maxRetries: 20, retryDelay: 100 })
})

function ask(words: readonly string[], options: Parameters<typeof memoryTerminal>[0] = {}) {
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root, ...options })
  return { terminal, code: run(terminal, [...words, '--case', './case']) }
}

async function readersQueries(): Promise<number> {
  const rows = await engine.owner.rows(sql`SELECT query_id FROM system.processes WHERE user = 'reader'`)
  return rows.length
}

const endless = 'range x from 1 to 1000000000000 step 1 | summarize max(hash_sha256(tostring(x)))'
const many = 'range x from 1 to 100000 step 1 | extend text = strcat("row ", x)'

describe('a limit', () => {
  test.each([
    [endless, ['--max-time', '300ms'], '[limit-time]', '--max-time'],
    [
      `${many} | summarize make_list(strrep(text, 100))`,
      ['--max-memory', '1MB'],
      '[limit-memory]',
      '--max-memory',
    ],
    [many, ['--max-rows', '10'], '[limit-rows]', '--max-rows'],
    [many, ['--max-result-bytes', '1KB'], '[limit-rows]', '--max-result-bytes'],
  ])('is an error that names its option: %s %j', async (kql, limit, code, option) => {
    const { terminal, code: exit } = ask(['query', kql, '--output', 'csv', ...limit])
    expect(await exit).toBe(1)
    expect(terminal.err.text()).toContain(code)
    expect(terminal.err.text().trimEnd().split('\n').at(-1)).toMatch(new RegExp(`${option}$`))
  })

  test('is met by an answer that keeps to it, and holds for each query of a batch', async () => {
    const one = ask(['query', many, '--output', 'csv', '--max-rows', '100000', '--max-time', '1m'])
    expect(await one.code).toBe(0)
    expect(one.terminal.out.text().split('\r\n')).toHaveLength(100_002)
    const input = [many, 'print 1'].map((query, id) => JSON.stringify({ id, query })).join('\n')
    const batch = ask(['query', '--batch', '-', '--max-rows', '10'], { input })
    expect(await batch.code).toBe(0)
    expect(
      batch.terminal.out
        .text()
        .split('\n')
        .slice(0, 2)
        .map((line): unknown => JSON.parse(line)),
    ).toMatchObject([
      { id: 0, error: { code: 'limit-rows', hint: expect.stringContaining('--max-rows') } },
      { id: 1, rows: [[1]] },
    ])
  })

  test.each([
    ['--max-time', '30'],
    ['--max-time', '2d'],
    ['--max-memory', 'much'],
    ['--max-rows', '0'],
    ['--max-result-bytes', '-1'],
  ])('%s %s is not understood', async (option, value) => {
    const { terminal, code } = ask(['query', 'print 1', option, value])
    expect(await code).toBe(64)
    expect(terminal.err.text()).toContain(option)
  })
})

describe('Ctrl+C', () => {
  test('ends the query in the engine and exits with 130', async () => {
    const stop = new AbortController()
    const { terminal, code } = ask(['query', endless], { signal: stop.signal })
    await vi.waitFor(async () => expect(await readersQueries()).toBe(1), { timeout: 30_000 })
    stop.abort('SIGINT')
    expect(await code).toBe(130)
    expect(terminal.err.text()).toMatch(/stopped\n$/)
    expect(await readersQueries()).toBe(0)
  })

  test.each(['ndjson', 'csv'])('ends an answer in %s whose rows are coming', async (format) => {
    const stop = new AbortController()
    const terminal: MemoryTerminal = memoryTerminal({
      home: join(root, 'home'),
      directory: root,
      signal: stop.signal,
    })
    const { out } = terminal
    const watched = {
      ...terminal,
      out: {
        ...out,
        write: async (text: string | Uint8Array) => {
          await out.write(text)
          if (out.text().length > 100_000) stop.abort('SIGINT')
        },
      },
    }
    const kql = 'range x from 1 to 1000000000000 step 1 | where x % 2 == 0'
    expect(await run(watched, ['query', kql, '--output', format, '--case', './case'])).toBe(130)
    expect(out.text()).toContain('1000')
    expect(await readersQueries()).toBe(0)
  })
})

describe('explain', () => {
  test('shows tree, plan, SQL and what is read', async () => {
    const { terminal, code } = ask(['explain', 'AzureActivity | count', '--tree', '--run'])
    expect(await code).toBe(0)
    expect(terminal.out.text()).toMatch(
      /^Tree\n[^]*\nColumns\n[^]*\nPlan\n[^]*\nSQL\n[^]*\nReads\n[^]*\nRun\n1 rows out of \d+ rows/,
    )
    expect(terminal.out.text()).toContain('CountOperator: table of 1 count')
  })

  test('gives the same as JSON', async () => {
    const { terminal, code } = ask(['explain', many, '--run', '-o', 'json'])
    expect(await code).toBe(0)
    expect(JSON.parse(terminal.out.text())).toMatchObject({
      columns: [{ name: 'x' }, { name: 'text' }],
      plan: { kind: 'extend' },
      reads: [],
      run: { rows: 100_000, readRows: expect.any(Number), elapsedMs: expect.any(Number) },
    })
  })
})
