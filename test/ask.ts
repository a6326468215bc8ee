import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeRows } from '../src/case/reference.ts'
import { openEngine } from '../src/engine/engine.ts'
import { decodeRow, type Cell } from '../src/kql/cells.ts'
import { createCompiler, type CompileOptions } from '../src/kql/compile.ts'
import { parseRecords, type ExternalFile } from '../src/kql/external.ts'
import type { Schema } from '../src/kql/schema.ts'
import type { Sql } from '../src/sql/template.ts'

/** KQL asked of a real engine. */
export interface Asker extends AsyncDisposable {
  /** The option that has every address stand for this text. */
  external(text: string): NonNullable<CompileOptions['external']>
  /** Compiles, runs as the reader, and gives the rows; a refusal throws its codes and messages. */
  ask(query: string, options?: CompileOptions): Promise<readonly (readonly Cell[])[]>
  /** Every table of an answer, with its name. */
  tables(
    query: string,
  ): Promise<readonly { readonly name: string | undefined; readonly rows: readonly (readonly Cell[])[] }[]>
  /** The SQL of a query, bound by the engine. */
  bind(query: string, options?: CompileOptions): Promise<string>
  /** As `ask`, each row followed by its records and their number. */
  trace(query: string, options?: CompileOptions): Promise<readonly (readonly unknown[])[]>
  command(statement: Sql): Promise<void>
}

/** Opens an engine of its own in a folder that is removed with it. */
export async function openAsker(schema: Schema): Promise<Asker> {
  const directory = await mkdtemp(join(tmpdir(), 'azimuth-ask-'))
  const engine = await openEngine({ directory, lingerMs: 0 })
  const compiler = await createCompiler(schema)
  const texts = async (sql: Sql): Promise<(string | null)[][]> => {
    const { rows } = await engine.reader.query(sql)
    const all: (string | null)[][] = []
    // Compiled SQL gives texts and nulls.
    for await (const row of rows) all.push(row as (string | null)[])
    return all
  }
  const compile = async (query: string, options: CompileOptions = {}): ReturnType<typeof checked> => {
    return checked(await compiler.compile(query, { discover: texts, ...options }), query)
  }
  const external = (text: string) => async (file: ExternalFile) => {
    const rows = parseRecords(text, file)
    if (typeof rows === 'string') return { code: 'bad-argument', message: rows } as const
    const source = `test-${randomUUID()}`
    await storeRows(engine, source, rows)
    return { database: engine.owner.databases.reference, source }
  }
  return {
    external,
    ask: async (query, options) => {
      const { sql, columns } = await compile(query, options)
      return (await texts(sql)).map((row) => decodeRow(row, columns))
    },
    tables: async (query) => {
      const compiled = await compile(query, { several: true })
      return Promise.all(
        [compiled, ...compiled.others].map(async ({ name, sql, columns }) => ({
          name,
          rows: (await texts(sql)).map((row) => decodeRow(row, columns)),
        })),
      )
    },
    bind: async (query, options) => {
      const { sql } = await compile(query, options)
      await texts(sql)
      return sql.text
    },
    trace: async (query, options) => {
      const { sql, columns } = await compile(query, { ...options, evidence: true })
      const rows = await texts(sql)
      return rows.map((row) => [...decodeRow(row, columns), records(row.at(-2) ?? '[]'), Number(row.at(-1))])
    },
    command: async (statement) => {
      await engine.owner.command(statement)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([engine[Symbol.asyncDispose](), compiler[Symbol.asyncDispose]()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** `[[id, record, ordinal], …]`, the numbers as numbers. */
function records(text: string): readonly (readonly [string, number, number])[] {
  // Compiled SQL gives this shape.
  const all = JSON.parse(text) as [string, string, string][]
  return all.map(([id, record, ordinal]) => [id, Number(record), Number(ordinal)])
}

type Compiled = Awaited<ReturnType<Awaited<ReturnType<typeof createCompiler>>['compile']>>

function checked(compilation: Compiled, query: string): Promise<Extract<Compiled, { ok: true }>> {
  if (compilation.ok) return Promise.resolve(compilation)
  const reasons = compilation.diagnostics.map(({ code, message }) => `${code}: ${message}`)
  throw new Error(`${reasons.join('; ')}\n${query}`)
}
