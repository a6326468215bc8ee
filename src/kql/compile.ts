import { printSelect } from '../sql/print.ts'
import type { Sql } from '../sql/template.ts'
import { Refusal, spanOf, type Diagnostic, type DiagnosticCode } from './diagnostic.ts'
import { Emitter } from './emitter.ts'
import { finalSelect } from './final.ts'
import { TreeTooLarge } from './parser/convert.ts'
import { Binder, type Problem } from './parser/bind.ts'
import type { TreeNode } from './parser/tree.ts'
import type { Column, Expression, PlanNode } from './plan.ts'
import { Planner } from './planner.ts'
import type { Schema } from './schema.ts'
import { scalarQuery } from './operators/print.ts'

export interface CompileOptions {
  /** What `now()` gives: a date, or ticks since 1970-01-01. The present by default. */
  readonly now?: Date | bigint
  /** Values of the query's declared parameters. */
  readonly parameters?: ReadonlyMap<string, Expression>
}

export type Compilation =
  | {
      readonly ok: true
      readonly plan: PlanNode
      /** Gives every cell as text or null, in the order of `columns`; `cells.ts` reads it. */
      readonly sql: Sql
      readonly columns: readonly Column[]
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

export interface Compiler {
  compile(text: string, options?: CompileOptions): Promise<Compilation>
  setSchema(schema: Schema): void
}

const longestQuery = 1_000_000

/** Loads the official parser for a schema. The compiler can be asked any number of queries. */
export async function createCompiler(schema: Schema): Promise<Compiler> {
  const binder = new Binder(schema)
  let current = schema
  return Promise.resolve({
    compile: (text: string, options: CompileOptions = {}) => Promise.resolve(compileWith(binder, current, text, options)),
    setSchema: (next: Schema) => {
      current = next
      binder.setSchema(next)
    },
  })
}

function compileWith(binder: Binder, schema: Schema, text: string, options: CompileOptions): Compilation {
  try {
    if (text.length > longestQuery) throw new Refusal('too-large', 'the query is too long', { start: 0, end: 0 })
    const { tree, problems } = binder.bind(text)
    const diagnostics = problems.map((problem) => diagnosticOf(problem, text))
    if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics }
    const plan = planQuery(tree, schema, options)
    const emitter = new Emitter({ schema, now: ticksOf(options.now ?? new Date()) })
    const { select, columns } = finalSelect(emitter.relation(plan), emitter)
    return { ok: true, plan, sql: printSelect(select), columns, diagnostics }
  } catch (error) {
    return { ok: false, diagnostics: [problemOf(error, text)] }
  }
}

function planQuery(tree: TreeNode, schema: Schema, options: CompileOptions): PlanNode {
  const planner = new Planner({ schema, ...(options.parameters ? { parameters: options.parameters } : {}) })
  const statements = tree.children['Statements']?.items ?? []
  const result = planner.block(statements, undefined)
  if (!result) throw new Refusal('syntax', 'the text has no query', { start: 0, end: tree.end })
  return 'columns' in result ? result : scalarQuery(result)
}

function diagnosticOf(problem: Problem, text: string): Diagnostic {
  const { code, message, severity } = problem
  return { code: isBinderCode(code) ? code : 'syntax', message, severity, span: spanOf(text, problem) }
}

function isBinderCode(code: string): code is Extract<DiagnosticCode, `KS${number}`> {
  return /^KS\d+$/.test(code)
}

/** Refusals become diagnostics; anything else is a bug and goes on. */
function problemOf(error: unknown, text: string): Diagnostic {
  if (error instanceof TreeTooLarge || error instanceof RangeError) {
    return { code: 'too-deep', message: 'the query is nested too deep', severity: 'error', span: spanOf(text, { start: 0, end: text.length }) }
  }
  if (!(error instanceof Refusal)) throw error
  const { code, message, place, hint } = error
  return { code, message, severity: 'error', span: spanOf(text, place), ...(hint === undefined ? {} : { hint }) }
}

function ticksOf(now: Date | bigint): bigint {
  return typeof now === 'bigint' ? now : BigInt(now.getTime()) * 10_000n
}
