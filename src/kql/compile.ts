import { column, type SqlExpression } from '../sql/node.ts'
import type { Sql } from '../sql/template.ts'
import type { Compilation } from './compilation.ts'
import { CompilerProcess, type CompilerLimits, type Exhaustion } from './compiler-process.ts'
import type { CompileReply, CompileRequest } from './compile-text.ts'
import { spanOf, type Diagnostic, type Place } from './diagnostic.ts'
import type { TextRows } from './discovery.ts'
import type { IngestionTime, RowCondition } from './emitter.ts'
import type { ExternalFile, ExternalProblem, StoredRows } from './external.ts'
import type { PlanNode } from './plan.ts'
import type { GeoIp } from './function.ts'
import type { Schema } from './schema.ts'

export interface CompileOptions {
  /**
   * What `now()` gives: a date, or ticks since 1970-01-01. The present by default. As a parameter, the SQL's `now`
   * (`Int64`, ticks) is given when it runs; what needs to know the time earlier is refused as not constant.
   */
  readonly now?: Date | bigint | 'parameter'
  /**
   * What `ingestion_time()` gives: the time of the event, so that a query answers as it did when events came in as they
   * happened, or when the row was in fact taken in.
   */
  readonly ingestionTime?: IngestionTime
  /** The dictionaries that tell where addresses are. */
  readonly geoip?: GeoIp
  /** A condition on every row of a table, whatever the query asks of it. */
  readonly rows?: RowCondition
  /** Values of the query's declared parameters, as text that is read by their types. */
  readonly parameters?: ReadonlyMap<string, string>
  /** Where the rows of a file lie that `externaldata` names by its address. Nothing is ever fetched. */
  readonly external?: (file: ExternalFile) => Promise<StoredRows | ExternalProblem>
  /** Rows are to tell the records that they come from: two more cells at their end, see `Compilation.evidence`. */
  readonly evidence?: boolean
  /** Shows that the query is sound, also where files that it names are missing; its SQL is not to be run. */
  readonly compileOnly?: boolean
  /** The query may give several tables: in statements of their own, or by operators such as `fork`. */
  readonly several?: boolean
  /** The compilation is to carry the bound tree. */
  readonly tree?: boolean
  /** Runs a query whose rows say which columns a plugin gives (`bag_unpack`, `pivot`); without it they must be declared. */
  readonly discover?: (sql: Sql) => Promise<TextRows>
  readonly signal?: AbortSignal
}

/** Compiles one query after another. A compiler that nobody disposes of keeps no process alive. */
export interface Compiler extends AsyncDisposable {
  compile(text: string, options?: CompileOptions): Promise<Compilation>
  /** The SQL of a plan that was made of another's nodes; throws a `Refusal` for what cannot be done exactly. */
  emit(plan: PlanNode, options: Pick<CompileOptions, 'rows' | 'evidence' | 'geoip'>): Promise<Sql>
  /** Where the text's statements stand, as the official parser tells them apart; none where it is too large for it. */
  statements(text: string): Promise<readonly Place[]>
  setSchema(schema: Schema): void
}

/** Loads the official parser for a schema, in a process of its own. */
export async function createCompiler(schema: Schema, limits?: Partial<CompilerLimits>): Promise<Compiler> {
  const compiler = new CompilerProcess(schema, limits)
  await compiler.ready()
  let current = schema
  return {
    compile: (text, options = {}) => compileIn(compiler, current, text, options),
    emit: async (plan, { rows, evidence = false, geoip }) => {
      const { emitPlan } = await import('./emit-plan.ts')
      const conditions = rows ? conditionsOf(current, rows) : new Map<string, SqlExpression>()
      return emitPlan(plan, current, { now: 'parameter', conditions, evidence, ...(geoip && { geoip }) })
    },
    statements: async (text) => {
      const reply = await compiler.run({ kind: 'statements', text })
      return typeof reply !== 'string' && reply.kind === 'statements' ? reply.places : []
    },
    setSchema: (next) => {
      current = next
      compiler.setSchema(next)
    },
    [Symbol.asyncDispose]: () => compiler[Symbol.asyncDispose](),
  }
}

/** Asks the compiler, and tells it what it must know first, until it is done. */
async function compileIn(
  compiler: CompilerProcess,
  schema: Schema,
  text: string,
  options: CompileOptions,
): Promise<Compilation> {
  const { now = new Date(), ingestionTime, rows, parameters, evidence = false, compileOnly } = options
  const { several = false } = options
  const { tree = false, geoip = compileOnly === true ? 'unknown' : undefined, discover, signal } = options
  const answers: TextRows[] = []
  const externals = new Map<string, StoredRows | undefined>()
  const warnings: Diagnostic[] = []
  const request: CompileRequest = {
    kind: 'compile',
    text,
    now: now instanceof Date ? BigInt(now.getTime()) * 10_000n : now,
    ...(ingestionTime ? { ingestionTime } : {}),
    ...(geoip ? { geoip } : {}),
    ...(rows ? { conditions: conditionsOf(schema, rows) } : {}),
    ...(parameters ? { parameters } : {}),
    ...(compileOnly === undefined ? {} : { compileOnly }),
    evidence,
    several,
    tree,
    ...(discover ? { answers } : {}),
    externals,
  }
  for (;;) {
    const reply = await compiler.run(request, signal)
    if (typeof reply === 'string') return { ok: false, diagnostics: [exhausted(reply, text)] }
    if (reply.kind === 'done') {
      const { compilation } = reply
      return { ...compilation, diagnostics: [...compilation.diagnostics, ...warnings] }
    }
    if (reply.kind === 'rows' && discover) answers.push(await discover(reply.sql))
    else if (reply.kind === 'file') {
      const problem = await readExternal(reply, options, externals)
      if (problem?.severity === 'error') return { ok: false, diagnostics: [problem] }
      if (problem) warnings.push(problem)
    } else throw new Error(`the compiler replied ${reply.kind}`)
  }
}

/** Asks where the rows of a file lie. A query that is not to be run does without. */
async function readExternal(
  { file, key, span }: Extract<CompileReply, { kind: 'file' }>,
  { external, compileOnly }: CompileOptions,
  externals: Map<string, StoredRows | undefined>,
): Promise<Diagnostic | undefined> {
  const found = (await external?.(file)) ?? {
    code: 'missing-file',
    message: `there is no file for ${file.address}`,
    hint: 'put it at DIR/<host>/<path> and give --external DIR; nothing is fetched',
  }
  externals.set(key, 'code' in found ? undefined : found)
  return 'code' in found
    ? { ...found, severity: compileOnly === true ? 'warning' : 'error', span }
    : undefined
}

/** The condition of each table that has one, as data. */
function conditionsOf(schema: Schema, rows: RowCondition): ReadonlyMap<string, SqlExpression> {
  return new Map(
    schema.tables.flatMap((table) => {
      const condition = rows(table, (name) => column(name))
      return condition ? [[table.name, condition] as const] : []
    }),
  )
}

function exhausted(what: Exhaustion, text: string): Diagnostic {
  const span = spanOf(text, { start: 0, end: text.length })
  const common = { severity: 'error', span, hint: 'ask it in smaller parts' } as const
  return what === 'time'
    ? { code: 'too-slow', message: 'the query takes too long to compile', ...common }
    : { code: 'too-large', message: 'the query takes too much memory to compile', ...common }
}
