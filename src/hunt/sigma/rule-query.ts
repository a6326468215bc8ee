import type { Condition, Detection } from './detection.ts'
import { resolveField } from './fields.ts'
import { kqlName, kqlText } from './kql-text.ts'
import { tablesOf, type LogSource, type LogTable, type LogTables } from './log-source.ts'
import { SigmaProblem } from './problem.ts'
import { TableQuery } from './table-query.ts'

/** Which tables hold a log; Azimuth's own unless a caller has others. */
export type FindTables = (source: LogSource) => LogTables

/** A rule over single events with the filters that apply to it: all must hold. */
export interface EventRule {
  readonly logSource: LogSource
  readonly detection: Detection
  readonly filters: readonly Detection[]
}

export interface RuleQuery {
  readonly query: string
  readonly tables: readonly string[]
}

/** The rows of all tables that a rule matches. */
export function eventQuery(rule: EventRule, find: FindTables = tablesOf): RuleQuery {
  const { tables, sought } = tablesFor(rule, [], find)
  const queries = tables.map((table) => new TableQuery(table).compile([[rule.detection, ...rule.filters]]))
  const clashes = clashing(tables)
  const steps = queries.map((query, index) => {
    const same = (tables[index]?.columns ?? []).flatMap(({ name, type }) => {
      const common = clashes.get(name)
      if (common === undefined || common === type) return []
      return [`${kqlName(name)} = ${common === 'dynamic' ? 'parse_json' : 'tostring'}(${kqlName(name)})`]
    })
    return same.length > 0 ? `${query}\n| extend ${same.join(', ')}` : query
  })
  const notes = sought.map((field) => `// ${kqlText(field)} is no column: it is sought in the JSON columns\n`)
  const body = steps.length === 1 ? steps.join('') : `union\n${steps.map((step) => `(${step})`).join(',\n')}`
  return { query: notes.join('') + body, tables: tables.map(({ name }) => name) }
}

/** Columns that have several types in these tables, with the one that holds all. */
function clashing(tables: readonly LogTable[]): ReadonlyMap<string, 'dynamic' | 'string'> {
  const types = new Map<string, Set<string>>()
  for (const { columns } of tables) {
    for (const { name, type } of columns) types.set(name, (types.get(name) ?? new Set()).add(type))
  }
  return new Map(
    [...types]
      .filter(([, set]) => set.size > 1)
      .map(([name, set]) => [name, set.has('dynamic') ? 'dynamic' : 'string']),
  )
}

export interface TablesFor {
  readonly tables: readonly LogTable[]
  /** Fields that no table knows. */
  readonly sought: readonly string[]
}

/**
 * The tables of a rule's log that know all of its fields. Where none does, the first of those that know the most, if it has JSON
 * columns in which the others may be.
 */
export function tablesFor(rule: EventRule, needed: readonly string[], find: FindTables): TablesFor {
  const found = find(rule.logSource)
  if ('reason' in found) throw new SigmaProblem(found.reason, undefined, found.hint)
  const fields = [...new Set([...usedFields(rule.detection), ...needed])]
  const rated = found.map((table) => {
    const resolutions = fields.map((field) => resolveField(table, field))
    const isPossible = resolutions.every(({ sources }) => sources.length > 0)
    const sought = fields.filter((_field, index) => resolutions[index]?.isSearched)
    return { table, isPossible, sought }
  })
  const possible = rated.filter(({ isPossible }) => isPossible)
  const least = Math.min(...possible.map(({ sought }) => sought.length))
  const equal = possible.filter(({ sought }) => sought.length === least)
  // Searching documents is dear, and a log's own table comes first.
  const best = least > 0 ? equal.slice(0, 1) : equal
  const [first] = best
  if (!first) {
    const missing = rated[0]?.sought.join(', ') ?? ''
    throw new SigmaProblem(`${found.map(({ name }) => name).join(', ')}: no field ${missing}`)
  }
  return { tables: best.map(({ table }) => table), sought: first.sought }
}

/** The fields of the searches that the condition asks for. */
export function usedFields({ searches, condition }: Detection): readonly string[] {
  const items = namesIn(condition).flatMap((name) => searches.get(name)?.alternatives.flat() ?? [])
  return items.flatMap(({ field, matchers }) => [
    ...(field === undefined ? [] : [field]),
    ...matchers.flatMap((matcher) => (matcher.kind === 'field' ? [matcher.field] : [])),
  ])
}

function namesIn(condition: Condition): readonly string[] {
  if (condition.kind === 'search') return [condition.name]
  if (condition.kind === 'not') return namesIn(condition.part)
  return condition.parts.flatMap((part) => namesIn(part))
}
