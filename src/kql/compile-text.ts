import { printSelect } from '../sql/print.ts'
import { pruneColumns } from '../sql/prune.ts'
import type { SqlExpression } from '../sql/node.ts'
import type { Sql } from '../sql/template.ts'
import type { Compilation, CompiledTable } from './compilation.ts'
import { Refusal, spanOf, type Diagnostic, type DiagnosticCode, type Span } from './diagnostic.ts'
import { ColumnsUnknown, DiscoveredText, type TextRows } from './discovery.ts'
import { Emitter, type IngestionTime } from './emitter.ts'
import { ExternalNeeded, externalKey, type ExternalFile, type StoredRows } from './external.ts'
import { finalSelect } from './final.ts'
import { TreeTooLarge } from './parser/convert.ts'
import type { GeoIp } from './function.ts'
import type { Binder, Problem } from './parser/bind.ts'
import { ParserFailure } from './parser/kusto.ts'
import type { TreeNode } from './parser/tree.ts'
import type { Result } from './operator.ts'
import { operatorTable } from './operators.ts'
import { Planner } from './planner.ts'
import type { Schema } from './schema.ts'
import { scalarQuery } from './operators/print.ts'

/** A query and all that is known for it, as plain data: it goes to the compiler's process. */
export interface CompileRequest {
  readonly kind: 'compile'
  readonly text: string
  /** Ticks since 1970-01-01, or a parameter of the SQL. */
  readonly now: bigint | 'parameter'
  readonly ingestionTime?: IngestionTime
  readonly geoip?: GeoIp | 'unknown'
  /** Conditions on every row of a table, by its name; their columns are the table's. */
  readonly conditions?: ReadonlyMap<string, SqlExpression>
  readonly parameters?: ReadonlyMap<string, string>
  /** It is not to be run: parameters without a value are null. */
  readonly compileOnly?: boolean
  readonly evidence: boolean
  readonly several: boolean
  readonly tree: boolean
  /** What the questions gave so far, in their order; nothing where none may be asked. */
  readonly answers?: readonly TextRows[]
  /** Where the rows of the files lie that were asked for so far; nothing for a file without rows. */
  readonly externals: ReadonlyMap<string, StoredRows | undefined>
}

/** The compilation, or what must be known before it can go on: the rows of a query, or where those of a file lie. */
export type CompileReply =
  | { readonly kind: 'done'; readonly compilation: Compilation }
  | { readonly kind: 'rows'; readonly sql: Sql }
  | { readonly kind: 'file'; readonly file: ExternalFile; readonly key: string; readonly span: Span }

const longestQuery = 1_000_000
/** ClickHouse takes 16 MB of UTF-8. */
const longestSql = 4_000_000
const mostDiscoveries = 20

/** Compiles at one go, in whatever time and memory it takes: `compile.ts` does it in a process with limits. */
export function compileText(binder: Binder, schema: Schema, request: CompileRequest): CompileReply {
  const discovered = new DiscoveredText(request.text)
  try {
    for (let round = 0; ; round += 1) {
      const unknown = compileOnce(binder, schema, request, discovered)
      if (!(unknown instanceof ColumnsUnknown)) return { kind: 'done', compilation: unknown }
      const question = discover(unknown, round, schema, request, discovered)
      if (question) return { kind: 'rows', sql: question }
    }
  } catch (error) {
    if (error instanceof ExternalNeeded) {
      const span = spanOf(request.text, discovered.placeOf(error.place))
      return { kind: 'file', file: error.file, key: externalKey(error.file), span }
    }
    const diagnostics = [problemOf(error, discovered)]
    return { kind: 'done', compilation: { ok: false, diagnostics } }
  }
}

function compileOnce(
  binder: Binder,
  schema: Schema,
  request: CompileRequest,
  discovered: DiscoveredText,
): Compilation | ColumnsUnknown {
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
  try {
    const results = planQuery(tree, schema, request, discovered, warn)
    const [first, ...others] = results.map((result) => compileTable(result, schema, request, discovered))
    if (!first) throw new Refusal('syntax', 'the text has no query', { start: 0, end: tree.end })
    const all = [...diagnostics, ...warnings.values()]
    return { ok: true, ...first, others, ...(request.tree && { tree }), diagnostics: all }
  } catch (error) {
    if (error instanceof ColumnsUnknown) return error
    throw error
  }
}

function compileTable(
  { name, plan: result }: Result,
  schema: Schema,
  request: CompileRequest,
  { text, original }: DiscoveredText,
): CompiledTable {
  const plan = 'columns' in result ? result : scalarQuery(result)
  const emitter = emitterFor(schema, request, text)
  const relation = emitter.relation(plan)
  const { select, columns } = finalSelect(relation, emitter)
  const lost = { given: false, lostAt: emitter.evidenceLost?.kind } as const
  const traced = request.evidence ? { evidence: relation.evidence ? ({ given: true } as const) : lost } : {}
  const { readsClock } = emitter
  const sql = printSelect(pruneColumns(select))
  if (sql.text.length > longestSql)
    throw new Refusal('too-large', 'the query is too large in SQL', { start: 0, end: original.length })
  return { ...(name !== undefined && { name }), plan, sql, columns, readsClock, ...traced }
}

/** Writes the columns that the rows have told into the text, or gives the query whose rows tell them. */
function discover(
  { plugin, place, position, question, answer }: ColumnsUnknown,
  round: number,
  schema: Schema,
  request: CompileRequest,
  discovered: DiscoveredText,
): Sql | undefined {
  const { answers } = request
  if (!answers || !position || round >= mostDiscoveries) {
    const hint = `declare them: evaluate ${plugin}(…) : (name: string, …)`
    throw new Refusal('not-constant', `the columns of ${plugin} depend on rows`, place, hint)
  }
  const rows = answers[round]
  if (rows) {
    discovered.add(position, answer(rows))
    return undefined
  }
  const emitter = emitterFor(schema, { ...request, evidence: false }, discovered.text)
  return printSelect(pruneColumns(finalSelect(question(emitter), emitter).select))
}

function emitterFor(
  schema: Schema,
  { now, conditions, evidence, geoip, ingestionTime = 'event' }: CompileRequest,
  text: string,
): Emitter {
  const texts = [text, ...(schema.functions ?? []).map(({ body }) => body)]
  const asksIngestion = texts.some((part) => part.includes('ingestion_time'))
  return new Emitter({
    operators: operatorTable,
    schema,
    now,
    evidence,
    ...(conditions ? { conditions } : {}),
    ...(geoip ? { geoip } : {}),
    ...(asksIngestion ? { ingestionTime } : {}),
  })
}

function planQuery(
  tree: TreeNode,
  schema: Schema,
  { parameters, compileOnly, externals, several }: CompileRequest,
  { discoveries }: DiscoveredText,
  warn: (warning: Refusal) => void,
): readonly Result[] {
  const planner = new Planner({
    operators: operatorTable,
    schema,
    discoveries,
    externals,
    several,
    warn,
    ...(parameters ? { parameters } : {}),
    ...(compileOnly === undefined ? {} : { compileOnly }),
  })
  const statements = tree.children['Statements']?.items ?? []
  const results = planner.results(statements)
  const unknown = [...(parameters?.keys() ?? [])].find((name) => !planner.declared.has(name))
  if (unknown !== undefined) {
    const message = `the query declares no parameter ${unknown}`
    const hint = `begin it with: declare query_parameters(${unknown}: string);`
    throw new Refusal('bad-argument', message, { start: 0, end: 0 }, hint)
  }
  const [, second] = results
  if (second && !several)
    throw new Refusal(
      'unsupported-syntax',
      'a query with more than one result cannot be used here',
      second.plan.place,
    )
  return results
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
  if (error instanceof ParserFailure) {
    return {
      code: 'syntax',
      message: 'the official parser breaks down over this text',
      severity: 'error',
      span: spanOf(text, { start: 0, end: text.length }),
      hint: 'an argument may be missing',
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
