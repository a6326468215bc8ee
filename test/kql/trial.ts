import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CaseEngine } from '../../src/engine/case-engine.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { createCompiler, type Compiler } from '../../src/kql/compile.ts'
import { Binder } from '../../src/kql/parser/bind.ts'
import type { TreeNode } from '../../src/kql/parser/tree.ts'
import type { Sql } from '../../src/sql/template.ts'
import { difference } from './compare.ts'
import { fillTables, makeTables, schema, schemaIn } from './data.ts'
import { interpret } from './interpreter/operators.ts'
import { Undetermined, Unknown, type Table } from './interpreter/value.ts'

/** What became of one query; only `differs` and `crashes` are faults. */
export type Outcome =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly why: string; readonly sql: string }
  | { readonly kind: 'crashes'; readonly why: string }
  /** Not bound, refused, not known to the interpreter, or left open by Kusto. */
  | { readonly kind: 'invalid' | 'refused' | 'unknown' | 'open'; readonly why: string }

export const now = 17_200_000_000_000_000n
const nowSinceYearOne = now + 621_355_968_000_000_000n

/** An engine, the compiler and the interpreter over the same tables. */
export interface Trial extends AsyncDisposable {
  fill(data: ReadonlyMap<string, Table>): Promise<void>
  bind(text: string): TreeNode
  /** Asks both the same. */
  run(text: string): Promise<Outcome>
}

export async function openTrial(): Promise<Trial> {
  const directory = await mkdtemp(join(tmpdir(), 'azimuth-kql-'))
  const engine = await openEngine({ directory, lingerMs: 0 })
  const trial = await openTrialOn(engine)
  return {
    ...trial,
    [Symbol.asyncDispose]: async () => {
      await trial[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The same over an engine that is there already, and stays. */
export async function openTrialOn(engine: CaseEngine): Promise<Trial> {
  const compiler = await createCompiler(schemaIn(engine.owner.databases.logs))
  const binder = new Binder(schema)
  await makeTables(engine)
  let tables: ReadonlyMap<string, Table> = new Map()
  const texts = async (statement: Sql): Promise<(string | null)[][]> => {
    // Thousands of small queries: to compile their expressions takes longer than to run them.
    const { rows } = await engine.reader.query(statement, { settings: { compile_expressions: 0 } })
    const all: (string | null)[][] = []
    // Compiled SQL gives texts and nulls.
    for await (const row of rows) all.push(row as (string | null)[])
    return all
  }
  return {
    fill: async (data) => {
      tables = data
      await fillTables(engine, data)
    },
    bind: (text) => binder.bind(text).tree,
    run: async (text) => {
      const expected = interpreted(binder, text, tables)
      if ('kind' in expected) return expected
      return await compared(expected, text, compiler, texts)
    },
    [Symbol.asyncDispose]: async () => {
      await compiler[Symbol.asyncDispose]()
    },
  }
}

function interpreted(binder: Binder, text: string, tables: ReadonlyMap<string, Table>): Table | Outcome {
  const { tree, problems } = binder.bind(text)
  const problem = problems.find(({ severity }) => severity === 'error')
  if (problem) return { kind: 'invalid', why: `${problem.code}: ${problem.message}` }
  try {
    return interpret(tree, tables, nowSinceYearOne)
  } catch (error) {
    if (error instanceof Unknown) return { kind: 'unknown', why: error.message }
    if (error instanceof Undetermined) return { kind: 'open', why: error.message }
    throw new Error(`the interpreter fails on\n${text}`, { cause: error })
  }
}

/** The engine gives some functions another number type than the binder says. */
function described({ name, type }: Table['columns'][number]): string {
  return `${name}: ${type === 'int' || type === 'long' || type === 'real' ? 'number' : type}`
}

async function compared(
  expected: Table,
  text: string,
  compiler: Compiler,
  texts: (statement: Sql) => Promise<(string | null)[][]>,
): Promise<Outcome> {
  try {
    const compilation = await compiler.compile(text, { now, discover: texts })
    if (!compilation.ok) {
      const problem = compilation.diagnostics.find(({ severity }) => severity === 'error')
      return { kind: 'refused', why: `${problem?.code}: ${problem?.message}` }
    }
    const names = compilation.columns.map((column) => described(column)).join(', ')
    const expectedNames = expected.columns.map((column) => described(column)).join(', ')
    if (names !== expectedNames)
      return { kind: 'differs', why: `columns ${names} instead of ${expectedNames}`, sql: '' }
    const why = difference(expected, await texts(compilation.sql))
    return why === undefined ? { kind: 'agrees' } : { kind: 'differs', why, sql: compilation.sql.text }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // A check inside the query has stopped it, or it was too big to be run.
    const isRefused = /FUNCTION_THROW_IF_VALUE_IS_NON_ZERO|TOO_BIG_AST|Max query size exceeded/.test(why)
    return { kind: isRefused ? 'refused' : 'crashes', why: why.slice(0, 2000) }
  }
}
