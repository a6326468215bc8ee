import { resolveField, type Source } from './fields.ts'
import type { LogTable } from './log-source.ts'
import { SigmaProblem } from './problem.ts'
import { measureSteps, numbersOnly, spanOf } from './measure-query.ts'
import type { Correlation, Measure } from './read-correlation.ts'
import { tablesFor, type EventRule, type FindTables, type RuleQuery } from './rule-query.ts'
import { scalarTexts, TableQuery } from './table-query.ts'

/** What a correlation names: a rule over single events, or another correlation. */
export type Member =
  | { readonly kind: 'events'; readonly name: string; readonly rule: EventRule }
  | { readonly kind: 'correlation'; readonly name: string; readonly group: CorrelationGroup }

export interface CorrelationGroup {
  readonly correlation: Correlation
  readonly members: readonly Member[]
}

/** Statements of a query that is being written, and the tables that it reads. */
interface Draft {
  readonly statements: string[]
  readonly tables: Set<string>
  readonly find: FindTables
}

/**
 * The query of a correlation. An event ends the window of `timespan` before it, both ends included; it hits where the
 * events of its group in that window, those of the same instant too, meet the condition. Hits of a group that are no
 * further than a timespan from one another are one row. Values that are compared or counted are so whatever their case;
 * events without a value to group by, or to count, do not take part.
 */
export function correlationQuery(group: CorrelationGroup, find: FindTables): RuleQuery {
  const draft: Draft = { statements: [], tables: new Set(), find }
  const { events, hits } = draftHits(group, draft)
  const { correlation } = group
  const span = spanOf(correlation)
  const groups = groupColumns(correlation)
  const names = resultNames(correlation.groupBy)
  const shown = groups.map((column, index) => `["${names[index]}"] = ${column}`)
  const steps = [
    hits,
    'sort by _key asc, TimeGenerated asc',
    `extend _first = _key != prev(_key) or TimeGenerated - prev(TimeGenerated) > ${span}`,
    'extend _run = row_cumsum(iff(_first, 1, 0))',
    `summarize _from = min(TimeGenerated) - ${span}, EndTime = max(TimeGenerated), Measure = max(_n) by ${['_key', ...groups, '_run'].join(', ')}`,
    `join kind=inner (${events} | project _key, _time = TimeGenerated) on _key`,
    'where _time between (_from .. EndTime)',
    `summarize StartTime = min(_time), Events = count() by ${['_key', ...groups, '_run', 'EndTime', 'Measure'].join(', ')}`,
    `project ${['TimeGenerated = EndTime', 'StartTime', 'EndTime', ...shown, 'Events', 'Measure'].join(', ')}`,
  ]
  return { query: [...draft.statements, steps.join('\n| ')].join('\n'), tables: [...draft.tables].toSorted() }
}

/** Names of result columns after fields: letters, digits and underscores, each once. */
export function resultNames(fields: readonly string[]): readonly string[] {
  const taken = new Set(['TimeGenerated', 'StartTime', 'EndTime', 'Events', 'Measure'])
  return fields.map((field) => {
    const plain = field
      .replaceAll(/\W/g, '_')
      .replace(/^(?=\d|$)/, '_')
      .slice(0, 100)
    let name = plain
    for (let number = 2; taken.has(name); number += 1) name = `${plain}_${number}`
    taken.add(name)
    return name
  })
}

/** The hits of a correlation, without joining them to runs: `TimeGenerated`, `_key`, its groups and `_n`. */
function draftHits(
  group: CorrelationGroup,
  draft: Draft,
): { readonly events: string; readonly hits: string } {
  const { correlation } = group
  const isNumeric = 'percentile' in correlation.measure
  const events = statement(
    draft,
    [draftEvents(group, draft), ...(isNumeric ? [numbersOnly] : [])].join('\n| '),
  )
  const by = ['_key', ...groupColumns(correlation)].join(', ')
  const hits = statement(draft, [events, ...measureSteps(correlation, by)].join('\n| '))
  return { events, hits }
}

function statement(draft: Draft, text: string): string {
  const name = `_t${draft.statements.length + 1}`
  draft.statements.push(`let ${name} = ${text};`)
  return name
}

function groupColumns({ groupBy }: Correlation): readonly string[] {
  return groupBy.map((_field, index) => `_g${index + 1}`)
}

/** The events of all members: `TimeGenerated`, `_key`, `_g1`…, and what the measure asks for: `_value` or `_rule`. */
function draftEvents({ correlation, members }: CorrelationGroup, draft: Draft): string {
  const { measure } = correlation
  const isByRule = measure.kind.startsWith('temporal')
  const parts = new Map<string, string[]>()
  const add = (table: string, source: string): void => {
    parts.set(table, [...(parts.get(table) ?? []), source])
  }
  const shared = new Map<
    string,
    { readonly table: LogTable; readonly rules: EventRule[]; readonly steps: string }
  >()
  for (const [index, member] of members.entries()) {
    if (member.kind === 'correlation') {
      const { hits } = draftHits(member.group, draft)
      add(`${index}`, `${hits}\n| ${columnsOfHits(correlation, member, index)}`)
      continue
    }
    const fields = neededFields(correlation, member.name)
    for (const table of tablesFor(member.rule, [...fields.groups, ...fields.values], draft.find).tables) {
      draft.tables.add(table.name)
      const steps = columnsOfEvents(table, fields, measure, index)
      // One event counts once, whichever of the rules it meets.
      const key = isByRule ? `${index} ${table.name}` : `${table.name} ${steps}`
      const entry = shared.get(key) ?? { table, rules: [], steps }
      entry.rules.push(member.rule)
      shared.set(key, entry)
    }
  }
  for (const { table, rules, steps } of shared.values()) {
    const groups = rules.map(({ detection, filters }) => [detection, ...filters])
    add(table.name, `${new TableQuery(table).compile(groups)}\n| ${steps}`)
  }
  const queries = [...parts.values()].flat()
  return queries.length === 1
    ? queries.join('')
    : `union\n${queries.map((query) => `(${query})`).join(',\n')}`
}

interface NeededFields {
  readonly groups: readonly string[]
  readonly values: readonly string[]
}

function neededFields({ groupBy, aliases, measure }: Correlation, member: string): NeededFields {
  const own = (field: string): string => {
    const alias = aliases.get(field)
    if (!alias) return field
    const named = alias.get(member)
    if (named === undefined || named === '')
      throw new SigmaProblem(`the alias ${field} has no field for the rule ${member}`)
    return named
  }
  return { groups: groupBy.map(own), values: measuredFields(measure).map(own) }
}

function measuredFields(measure: Measure): readonly string[] {
  if (measure.kind === 'value_count') return measure.fields
  return 'field' in measure ? [measure.field] : []
}

/** The steps that make a table's rows into events. */
function columnsOfEvents(
  table: LogTable,
  { groups, values }: NeededFields,
  measure: Measure,
  index: number,
): string {
  const columns = groups.map((field, number) => `_g${number + 1} = tolower(${textOf(table, field)})`)
  const names = groups.map((_field, number) => `_g${number + 1}`)
  const value = values.map((field) => `tolower(${textOf(table, field)})`)
  const valued = value.length === 1 ? value.join('') : `tostring(pack_array(${value.join(', ')}))`
  const present = [
    ...names.map((name) => `isnotempty(${name})`),
    ...value.map((text) => `isnotempty(${text})`),
  ]
  return [
    ...(columns.length > 0 ? [`extend ${columns.join(', ')}`] : []),
    ...(present.length > 0 ? [`where ${present.join(' and ')}`] : []),
    `project TimeGenerated, ${[keyOf(names), ...names, ...measured(measure, valued, index)].join(', ')}`,
  ].join('\n| ')
}

/** All groups as one text; without any, all events are of one group. */
function keyOf(columns: readonly string[]): string {
  return `_key = ${columns.length === 0 ? '"all"' : `tostring(pack_array(${columns.join(', ')}))`}`
}

function measured(measure: Measure, value: string, index: number): readonly string[] {
  if (measure.kind.startsWith('temporal')) return [`_rule = ${index}`]
  return measure.kind === 'event_count' ? [] : [`_value = ${value}`]
}

/** The hits of another correlation as events: they have its groups alone. */
function columnsOfHits(
  correlation: Correlation,
  member: Member & { kind: 'correlation' },
  index: number,
): string {
  const { groups, values } = neededFields(correlation, member.name)
  const inner = member.group.correlation.groupBy
  const column = (field: string): string => {
    const found = inner.findIndex((each) => each.toLowerCase() === field.toLowerCase())
    if (found >= 0) return `_g${found + 1}`
    throw new SigmaProblem(
      `the correlation ${member.name} is not grouped by ${field}`,
      undefined,
      `it is grouped by ${inner.join(', ') || 'nothing'}`,
    )
  }
  // All columns are named anew at once, since a group may have another number there.
  const names = groups.map((field, number) => `_g${number + 1} = ${column(field)}`)
  const value = values.map((field) => column(field))
  const valued = value.length === 1 ? value.join('') : `tostring(pack_array(${value.join(', ')}))`
  const key = keyOf(groups.map((field) => column(field)))
  return `project ${['TimeGenerated', key, ...names, ...measured(correlation.measure, valued, index)].join(', ')}`
}

/** One text for a field: the first of its places that has something. */
function textOf(table: LogTable, field: string): string {
  const { sources, isSearched } = resolveField(table, field)
  const scalar = sources.filter((source) => isScalar(source))
  const texts = scalar.flatMap((source) => scalarTexts(source).at(-1) ?? [])
  const [only] = texts
  if (isSearched || only === undefined)
    throw new SigmaProblem(`${table.name} has no single value ${field} to group by or to count`)
  return texts.length === 1 ? only : `coalesce(${texts.join(', ')})`
}

/** Outside lists, and no whole bag of values. */
function isScalar(source: Source): boolean {
  if (source.kind === 'expression') return true
  const isWhole = source.steps.length === 0 && source.columns[0]?.type === 'dynamic'
  return !isWhole && source.steps.every(({ kind }) => kind === 'key' || kind === 'anyCase')
}
