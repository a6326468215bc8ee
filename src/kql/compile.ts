import { printSelect } from '../sql/print.ts'
import { pruneColumns } from '../sql/prune.ts'
import type { Sql } from '../sql/template.ts'
import { Refusal, spanOf, type Diagnostic, type DiagnosticCode, type Place } from './diagnostic.ts'
import { ColumnsUnknown, DiscoveredText, type TextRows } from './discovery.ts'
import { Emitter, type EmitterOptions, type RowCondition } from './emitter.ts'
import { ExternalNeeded, externalKey, type ExternalFile } from './external.ts'
import type { ExternalProblem, StoredRows } from './external.ts'
import { finalSelect } from './final.ts'
import { TreeTooLarge } from './parser/convert.ts'
import { Binder, type Problem } from './parser/bind.ts'
import type { TreeNode } from './parser/tree.ts'
import type { Column, Expression, PlanNode } from './plan.ts'
import { operatorTable } from './operators.ts'
import { Planner } from './planner.ts'
import type { Schema } from './schema.ts'
import { scalarQuery } from './operators/print.ts'

export interface CompileOptions {
  /**
   * What `now()` gives: a date, or ticks since 1970-01-01. The present by default. As a parameter, the SQL's `now`
   * (`Int64`, ticks) is given when it runs; what needs to know the time earlier is refused as not constant.
   */
  readonly now?: Date | bigint | 'parameter'
  /** A condition on every row of a table, whatever the query asks of it. */
  readonly rows?: RowCondition
  /** Values of the query's declared parameters. */
  readonly parameters?: ReadonlyMap<string, Expression>
  /** Where the rows of a file lie that `externaldata` names by its address. Nothing is ever fetched. */
  readonly external?: (file: ExternalFile) => Promise<StoredRows | ExternalProblem>
  /** Rows are to tell the records that they come from: two more cells at their end, see `Compilation.evidence`. */
  readonly evidence?: boolean
  /** Shows that the query is sound, also where files that it names are missing; its SQL is not to be run. */
  readonly compileOnly?: boolean
  /** Runs a query whose rows say which columns a plugin gives (`bag_unpack`, `pivot`); without it they must be declared. */
  readonly discover?: (sql: Sql) => Promise<TextRows>
}

export type Compilation =
  | {
      readonly ok: true
      readonly plan: PlanNode
      /** Gives every cell as text or null, in the order of `columns`; `cells.ts` reads it. */
      readonly sql: Sql
      readonly columns: readonly Column[]
      /** Whether the answer depends on `now`. */
      readonly readsClock: boolean
      /**
       * Asked for with `evidence`: rows end in two more cells, JSON text `[[evidence id, record, ordinal], …]` (texts) of at most
       * 64 records, and the number of all records behind the row. Where an operator cannot tell, it is named instead.
       */
      readonly evidence?:
        | { readonly given: true }
        | { readonly given: false; readonly lostAt: string | undefined }
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

export interface Compiler {
  compile(text: string, options?: CompileOptions): Promise<Compilation>
  /** Where the text's statements stand, as the official parser tells them apart. */
  statements(text: string): readonly Place[]
  setSchema(schema: Schema): void
}

const longestQuery = 1_000_000
const mostDiscoveries = 20

/** Loads the official parser for a schema. The compiler can be asked any number of queries. */
export async function createCompiler(schema: Schema): Promise<Compiler> {
  const binder = new Binder(schema)
  let current = schema
  return Promise.resolve({
    compile: (text: string, options: CompileOptions = {}) => compileWith(binder, current, text, options),
    statements: (text: string) => {
      const items = binder.bind(text).tree.children['Statements']?.items ?? []
      return items.map(({ start, end }) => ({ start, end }))
    },
    setSchema: (next: Schema) => {
      current = next
      binder.setSchema(next)
    },
  })
}

async function compileWith(
  binder: Binder,
  schema: Schema,
  text: string,
  options: CompileOptions,
): Promise<Compilation> {
  const discovered = new DiscoveredText(text)
  const known: CompileOptions = { ...options, now: options.now ?? new Date() }
  const externals = new Map<string, StoredRows | undefined>()
  const warnings: Diagnostic[] = []
  for (let round = 0; ; round += 1) {
    try {
      const compilation = compileOnce(binder, schema, discovered, known, externals)
      return { ...compilation, diagnostics: [...compilation.diagnostics, ...warnings] }
    } catch (error) {
      if (error instanceof ExternalNeeded) {
        const problem = await readExternal(error, discovered, known, externals)
        if (problem?.severity === 'error') return { ok: false, diagnostics: [problem] }
        if (problem) warnings.push(problem)
        continue
      }
      if (!(error instanceof ColumnsUnknown))
        return { ok: false, diagnostics: [problemOf(error, discovered)] }
      const problem = await discover(error, round, schema, discovered, known)
      if (problem) return { ok: false, diagnostics: [problem] }
    }
  }
}

function compileOnce(
  binder: Binder,
  schema: Schema,
  discovered: DiscoveredText,
  options: CompileOptions,
  externals: Externals,
): Compilation {
  const { original } = discovered
  if (original.length > longestQuery)
    throw new Refusal('too-large', 'the query is too long', { start: 0, end: 0 })
  const { tree, problems } = binder.bind(discovered.text)
  const diagnostics = problems.map((problem) => diagnosticOf(problem, discovered))
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics }
  const warnings = new Map<string, Diagnostic>()
  const warn = (warning: Refusal): void => {
    warnings.set(warning.message, { ...problemOf(warning, discovered), severity: 'warning' })
  }
  const plan = planQuery(tree, schema, options, discovered, externals, warn)
  const emitter = new Emitter({
    operators: operatorTable,
    schema,
    ...settingsOf(options),
    evidence: options.evidence === true,
  })
  const relation = emitter.relation(plan)
  const { select, columns } = finalSelect(relation, emitter)
  const lost = { given: false, lostAt: emitter.evidenceLost?.kind } as const
  const evidence =
    options.evidence === true ? { evidence: relation.evidence ? ({ given: true } as const) : lost } : {}
  const { readsClock } = emitter
  const sql = printSelect(pruneColumns(select))
  const all = [...diagnostics, ...warnings.values()]
  return { ok: true, plan, sql, columns, readsClock, ...evidence, diagnostics: all }
}

type Externals = ReadonlyMap<string, StoredRows | undefined>

/** Asks where the rows of a file lie. A query that is not to be run does without. */
async function readExternal(
  { file, place }: ExternalNeeded,
  discovered: DiscoveredText,
  options: CompileOptions,
  externals: Map<string, StoredRows | undefined>,
): Promise<Diagnostic | undefined> {
  const found = (await options.external?.(file)) ?? {
    code: 'missing-file',
    message: `there is no file for ${file.address}`,
    hint: 'put it at DIR/<host>/<path> and give --external DIR; nothing is fetched',
  }
  const isProblem = 'code' in found
  if (isProblem && options.compileOnly !== true)
    return problemOf(new Refusal(found.code, found.message, place, found.hint), discovered)
  externals.set(externalKey(file), isProblem ? undefined : found)
  if (!isProblem) return undefined
  const warning = problemOf(new Refusal(found.code, found.message, place, found.hint), discovered)
  return { ...warning, severity: 'warning' }
}

/** Asks the rows which columns there are and writes them into the text, or says why it cannot. */
async function discover(
  unknown: ColumnsUnknown,
  round: number,
  schema: Schema,
  discovered: DiscoveredText,
  options: CompileOptions,
): Promise<Diagnostic | undefined> {
  try {
    const { plugin, place, position, question, answer } = unknown
    if (!options.discover || !position || round >= mostDiscoveries) {
      const hint = `declare them: evaluate ${plugin}(…) : (name: string, …)`
      throw new Refusal('not-constant', `the columns of ${plugin} depend on rows`, place, hint)
    }
    const emitter = new Emitter({ operators: operatorTable, schema, ...settingsOf(options) })
    const sql = printSelect(pruneColumns(finalSelect(question(emitter), emitter).select))
    discovered.add(position, answer(await options.discover(sql)))
    return undefined
  } catch (error) {
    return problemOf(error, discovered)
  }
}

function planQuery(
  tree: TreeNode,
  schema: Schema,
  options: CompileOptions,
  { discoveries }: DiscoveredText,
  externals: Externals,
  warn: (warning: Refusal) => void,
): PlanNode {
  const { parameters } = options
  const planner = new Planner({
    operators: operatorTable,
    schema,
    discoveries,
    externals,
    warn,
    ...(parameters ? { parameters } : {}),
  })
  const statements = tree.children['Statements']?.items ?? []
  const result = planner.block(statements, undefined)
  if (!result) throw new Refusal('syntax', 'the text has no query', { start: 0, end: tree.end })
  return 'columns' in result ? result : scalarQuery(result)
}

function diagnosticOf(problem: Problem, discovered: DiscoveredText): Diagnostic {
  const { code, message, severity } = problem
  const span = spanOf(discovered.original, discovered.placeOf(problem))
  return { code: isBinderCode(code) ? code : 'syntax', message, severity, span }
}

function isBinderCode(code: string): code is Extract<DiagnosticCode, `KS${number}`> {
  return /^KS\d+$/.test(code)
}

/** Refusals become diagnostics; anything else is a bug and goes on. */
function problemOf(error: unknown, discovered: DiscoveredText): Diagnostic {
  const text = discovered.original
  if (error instanceof TreeTooLarge || error instanceof RangeError) {
    return {
      code: 'too-deep',
      message: 'the query is nested too deep',
      severity: 'error',
      span: spanOf(text, { start: 0, end: text.length }),
    }
  }
  if (!(error instanceof Refusal)) throw error
  const { code, message, place, hint } = error
  return {
    code,
    message,
    severity: 'error',
    span: spanOf(text, discovered.placeOf(place)),
    ...(hint === undefined ? {} : { hint }),
  }
}

function settingsOf({ now = new Date(), rows }: CompileOptions): Pick<EmitterOptions, 'now' | 'rows'> {
  const ticks = now instanceof Date ? BigInt(now.getTime()) * 10_000n : now
  return { now: ticks, ...(rows ? { rows } : {}) }
}
