import type { Compilation } from '../kql/compilation.ts'
import type { Compiler, CompileOptions } from '../kql/compile.ts'
import type { Diagnostic } from '../kql/diagnostic.ts'
import type { RowCondition } from '../kql/emitter.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { Sql } from '../sql/template.ts'
import { binding, call } from '../sql/node.ts'
import { ticksToDatetime } from '../kql/types.ts'
import type { Rule } from './rule.ts'
import { ruleText } from './rule-text.ts'

type Compiled = Extract<Compilation, { ok: true }>

/** What a run sees: rows later than `from` up to `now`, in ticks since 1970. */
export interface Span {
  readonly from: bigint
  readonly now: bigint
}

/** Asks the engine, with values for the statement's parameters. */
export type AskSql = (sql: Sql, parameters: Readonly<Record<string, string>>) => Promise<TextRows>

/** A rule's query, compiled; `at` gives it for one run. */
export interface RuleQuery {
  readonly text: string
  readonly compiled: Compiled
  /** With `firstSeen`: the rule's own query, whose rows are compared; where it does not ask the time. */
  readonly events?: Compiled
  /** Compiled anew for each run, because something in it must know the time: rare and slow. */
  readonly isPerRun: boolean
  readonly at: (span: Span) => Promise<Compiled>
}

export type Prepared =
  | { readonly ok: true; readonly query: RuleQuery }
  | { readonly ok: false; readonly reason: string }

export interface PrepareOptions {
  readonly compiler: Compiler
  readonly ask: AskSql
  /** Of rows that a run sees, only those for which this holds. */
  readonly rows?: RowCondition
  readonly evidence?: boolean
  /** A span to compile for where the query must be compiled for each run. */
  readonly trial: Span
}

/** The values of the parameters that every rule's SQL has. */
export function spanParameters({ from, now }: Span): Readonly<Record<string, string>> {
  return { from: String(from), now: String(now) }
}

/** Compiles a rule once: the time of a run, and what it sees, are parameters of its SQL. */
export async function prepareRule(rule: Rule, options: PrepareOptions): Promise<Prepared> {
  const { compiler, trial } = options
  const text = await ruleText(rule, compiler)
  const rows = within(options.rows)
  const common: CompileOptions = {
    rows,
    ...(options.evidence === undefined ? {} : { evidence: options.evidence }),
  }
  const once = await compiler.compile(text, { ...common, now: 'parameter' })
  if (once.ok) {
    const own = rule.firstSeen && (await compiler.compile(rule.query, { rows, now: 'parameter' }))
    const events = own?.ok === true && !own.readsClock ? own : undefined
    const at = (): Promise<Compiled> => Promise.resolve(once)
    return { ok: true, query: { text, compiled: once, ...(events && { events }), isPerRun: false, at } }
  }
  const compileAt = (span: Span): Promise<Compilation> =>
    compiler.compile(text, {
      ...common,
      now: span.now,
      discover: (sql) => options.ask(sql, spanParameters(span)),
    })
  const isTimely = once.diagnostics.some(
    ({ code }) => code === 'not-constant' || code === 'unsupported-argument',
  )
  const tried = isTimely ? await compileAt(trial) : once
  if (!tried.ok) return { ok: false, reason: reasonOf(tried.diagnostics) }
  const at = async (span: Span): Promise<Compiled> => {
    const compilation = await compileAt(span)
    if (compilation.ok) return compilation
    throw new RunRefused(reasonOf(compilation.diagnostics))
  }
  return { ok: true, query: { text, compiled: tried, isPerRun: true, at } }
}

/** A query that depends on rows was refused for the rows of this run. */
export class RunRefused extends Error {}

function reasonOf(diagnostics: readonly Diagnostic[]): string {
  const first = diagnostics.find(({ severity }) => severity === 'error')
  if (!first) return 'the query does not compile'
  const hint = first.hint === undefined ? '' : `; ${first.hint}`
  return `line ${first.span.line}: ${first.message} (${first.code})${hint}`
}

/** As Sentinel does, a run sees of every table the rows of its period alone. */
export function within(also: RowCondition | undefined): RowCondition {
  return (table, column) => {
    const extra = also?.(table, column)
    if (!table.columns.some(({ name }) => name === 'TimeGenerated')) return extra
    const time = column('TimeGenerated')
    return call(
      'and',
      call('greater', time, ticksToDatetime(binding('from', 'Int64'))),
      call('lessOrEquals', time, ticksToDatetime(binding('now', 'Int64'))),
      ...(extra ? [extra] : []),
    )
  }
}
