import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Compilation } from './compilation.ts'
import { createCompiler, type Compiler } from './compile.ts'
import type { CompilerLimits, CompilerMessage } from './compiler-process.ts'
import type { Schema } from './schema.ts'

const schema: Schema = { tables: [] }
let compiler: Compiler

beforeAll(async () => {
  compiler = await createCompiler(schema)
})

afterAll(async () => {
  await compiler[Symbol.asyncDispose]()
})

/** Each level holds the one below it twice. */
function nested(levels: number): string {
  let expression = 'x'
  for (let level = 0; level < levels; level += 1) expression = `bin(${expression}, 3)`
  return `print x = 1 | extend y = ${expression}`
}

function codeOf(compilation: Compilation): string {
  return compilation.ok ? 'compiled' : (compilation.diagnostics[0]?.code ?? 'no reason')
}

/** Code of the query's refusal, and of the compilation after it. */
async function refused(text: string, limits: Partial<CompilerLimits>): Promise<readonly string[]> {
  await using limited = await createCompiler(schema, limits)
  return [codeOf(await limited.compile(text)), codeOf(await limited.compile('print 1'))]
}

describe('a query that would stop the compiler is refused, and the next one is compiled', () => {
  test('one without an end', async () => {
    expect(await refused(nested(40), { compileMs: 1500 })).toEqual(['too-slow', 'compiled'])
  })

  test('one that fills the memory', async () => {
    const columns = Array.from({ length: 100_000 }, (_, index) => `c${index} = ${index}`)
    const text = `print ${columns.join(', ')}`
    expect(await refused(text, { heapMb: 120, compileMs: 60_000 })).toEqual(['too-large', 'compiled'])
  })

  test('one that is nested beyond the stack', async () => {
    const deep = `print ${'abs('.repeat(600)}1${')'.repeat(600)}`
    expect(codeOf(await compiler.compile(deep))).toBe('too-deep')
    expect(codeOf(await compiler.compile('print 1'))).toBe('compiled')
  })
})

test('a compiler whose owner was killed ends by itself', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'compiler-child.ts'), '500'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const ended = once(child, 'exit')
  await once(child, 'message')
  const endless = {
    kind: 'compile',
    text: nested(40),
    now: 0n,
    evidence: false,
    externals: new Map(),
  } as const
  child.send({ ...endless, several: false, tree: false } satisfies CompilerMessage)
  child.disconnect()
  expect(await ended).toEqual([1, null])
})

test('queries asked at once are each answered', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `print c${index} = ${index}`)
  const compilations = await Promise.all(texts.map((text) => compiler.compile(text)))
  const names = compilations.map((item) => (item.ok ? item.columns.map(({ name }) => name) : []))
  expect(names).toEqual(texts.map((_, index) => [`c${index}`]))
})

test('a schema holds for the queries asked after it', async () => {
  const before = compiler.compile('T | count')
  const column = { name: 'a', type: 'long' } as const
  compiler.setSchema({ tables: [{ name: 'T', database: 'logs', source: 'T', columns: [column] }] })
  const after = compiler.compile('T | count')
  expect([codeOf(await before), codeOf(await after)]).toEqual(['KS204', 'compiled'])
})

test('an abandoned query ends at once, the ones behind it go on', async () => {
  const stop = new AbortController()
  const abandoned = compiler.compile(nested(40), { signal: stop.signal })
  const next = compiler.compile('print 1')
  stop.abort(new Error('enough'))
  await expect(abandoned).rejects.toThrow('enough')
  expect(codeOf(await next)).toBe('compiled')
})

test('a query is asked for files and rows until nothing is missing', async () => {
  const asked: string[] = []
  const compilation = await compiler.compile(
    `externaldata(a: dynamic)['https://example.test/a.txt'] with (format = 'txt')
      | evaluate bag_unpack(a) | project b`,
    {
      external: async ({ address }) => {
        asked.push(address)
        return Promise.resolve({ database: 'logs', source: 'stored' })
      },
      discover: async () => {
        asked.push('rows')
        return Promise.resolve([['b', '0', 'long', '1']])
      },
    },
  )
  expect([codeOf(compilation), asked[0], asked[1]]).toEqual([
    'compiled',
    'https://example.test/a.txt',
    'rows',
  ])
})
