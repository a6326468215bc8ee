import type { Condition } from './detection.ts'
import { parseCondition } from './condition.ts'
import { SigmaProblem } from './problem.ts'
import { mapAt, textAt, textsAt, type YamlEntry, type YamlMap } from './yaml-node.ts'

/** What ties several events together, as plain data. */
export interface Correlation {
  readonly measure: Measure
  /** Ids or names of rules, in the order in which they are named. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespanMs: number
  /** Alias → rule (id or name) → field. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Whether the named rules stand for themselves too. */
  readonly generate: boolean
}

export type Measure =
  | { readonly kind: 'event_count'; readonly bounds: readonly Bound[] }
  | { readonly kind: 'value_count'; readonly fields: readonly string[]; readonly bounds: readonly Bound[] }
  | {
      readonly kind: 'value_sum' | 'value_avg' | 'value_min' | 'value_max' | 'value_percentile'
      readonly field: string
      readonly percentile: number
      readonly bounds: readonly Bound[]
    }
  /** Rules that have events: how many of them, or which. */
  | { readonly kind: 'temporal'; readonly bounds: readonly Bound[] }
  | { readonly kind: 'temporal_condition'; readonly condition: Condition }
  | { readonly kind: 'temporal_ordered' }

/** All bounds must hold. */
export interface Bound {
  readonly operator: 'lt' | 'lte' | 'gt' | 'gte' | 'eq' | 'neq'
  readonly value: number
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const operators = ['lt', 'lte', 'gt', 'gte', 'eq', 'neq'] as const
const kinds = [
  ...['event_count', 'value_count', 'value_sum', 'value_avg', 'value_min', 'value_max'],
  ...['value_percentile', 'value_median', 'temporal', 'temporal_ordered'],
]

/** The `correlation` of a document. */
export function readCorrelation(map: YamlMap): Correlation {
  const rules = textsAt(map, 'rules')
  if (rules.length === 0) throw new SigmaProblem('a correlation names rules', map.position, 'add rules:')
  if (rules.length > 32) throw new SigmaProblem('a correlation of more than 32 rules', map.position)
  if (new Set(rules).size < rules.length)
    throw new SigmaProblem('a correlation names a rule twice', map.entries.get('rules')?.position)
  const generate = map.entries.get('generate')?.value
  return {
    measure: readMeasure(map, rules),
    rules,
    groupBy: textsAt(map, 'group-by'),
    timespanMs: readTimespan(map),
    aliases: readAliases(map, rules),
    generate: generate?.kind === 'scalar' && generate.value === true,
  }
}

/** The window of a correlation, in milliseconds. */
export function readTimespan(map: YamlMap): number {
  const text = textAt(map, 'timespan') ?? textAt(map, 'timeframe')
  const match = /^(\d{1,6})([smhdw])$/.exec(text ?? '')
  const [, count = '0', unit = 's'] = match ?? []
  // The expression allows these units alone.
  const milliseconds = Number(count) * units[unit as keyof typeof units]
  if (!match || milliseconds === 0)
    throw new SigmaProblem(
      'timespan is a number and a letter',
      map.entries.get('timespan')?.position ?? map.position,
      'for instance 90m',
    )
  return milliseconds
}

function readMeasure(map: YamlMap, rules: readonly string[]): Measure {
  const kind = textAt(map, 'type') ?? ''
  const position = map.entries.get('type')?.position ?? map.position
  if (!kinds.includes(kind))
    throw new SigmaProblem(`there is no correlation ${kind}`, position, `types are ${kinds.join(', ')}`)
  const entry = map.entries.get('condition')
  if (kind === 'temporal' || kind === 'temporal_ordered') return readTemporal(kind, entry, rules)
  const condition = mapAt(map, 'condition')
  const bounds = readBounds(condition)
  const fields = textsAt(condition, 'field')
  if (kind === 'event_count') return { kind, bounds }
  if (fields.length === 0)
    throw new SigmaProblem(`${kind} needs a field`, condition.position, 'add field: to the condition')
  if (kind === 'value_count') return { kind, fields, bounds }
  const [field = ''] = fields
  if (fields.length > 1) throw new SigmaProblem(`${kind} takes one field`, condition.position)
  if (kind === 'value_median') return { kind: 'value_percentile', field, percentile: 50, bounds }
  const percentile = kind === 'value_percentile' ? readPercentile(condition) : 0
  // All other kinds were taken above.
  return { kind: kind as 'value_sum', field, percentile, bounds }
}

function readPercentile(condition: YamlMap): number {
  const value = Number(textAt(condition, 'percentile') ?? 'none')
  if (!(value > 0 && value <= 100))
    throw new SigmaProblem(
      'value_percentile needs the percentile',
      condition.position,
      'add percentile: with a number up to 100 to the condition',
    )
  return value
}

function readTemporal(
  kind: 'temporal' | 'temporal_ordered',
  entry: YamlEntry | undefined,
  rules: readonly string[],
): Measure {
  const value = entry?.value
  const all: Measure =
    kind === 'temporal'
      ? { kind, bounds: [{ operator: 'gte', value: rules.length }] }
      : { kind: 'temporal_ordered' }
  if (!entry || !value || (value.kind === 'scalar' && value.value === null)) return all
  if (value.kind === 'map') {
    const bounds = readBounds(value)
    if (kind === 'temporal') return { kind, bounds }
    if (bounds.every(({ operator, value: least }) => operator === 'gte' && least === rules.length)) return all
    throw new SigmaProblem('temporal_ordered asks for all of its rules', value.position)
  }
  if (value.kind === 'list') throw new SigmaProblem('a condition is a text or a map', value.position)
  const condition = parseCondition(String(value.value), rules, value.position)
  if (kind === 'temporal') return { kind: 'temporal_condition', condition }
  if (condition.kind === 'and' && isEachOnce(condition.parts, rules)) return all
  throw new SigmaProblem('temporal_ordered asks for all of its rules', value.position, 'use temporal')
}

function isEachOnce(parts: readonly Condition[], rules: readonly string[]): boolean {
  const names = parts.map((part) => (part.kind === 'search' ? part.name : ''))
  return names.length === rules.length && rules.every((rule) => names.includes(rule))
}

function readBounds(condition: YamlMap): readonly Bound[] {
  const bounds = operators.flatMap((operator): readonly Bound[] => {
    const text = textAt(condition, operator)
    if (text === undefined) return []
    const value = Number(text)
    if (!/^-?\d+(\.\d+)?$/.test(text) || Math.abs(value) > 1e15)
      throw new SigmaProblem(`${operator} needs a number`, condition.entries.get(operator)?.position)
    return [{ operator, value }]
  })
  if (bounds.length === 0)
    throw new SigmaProblem('the condition has no bound', condition.position, 'add gte: and a number')
  const unknown = [...condition.entries.values()].find(
    ({ key }) => ![...operators, 'field', 'percentile'].includes(key),
  )
  if (unknown) throw new SigmaProblem(`a condition of a correlation has no ${unknown.key}`, unknown.position)
  return bounds
}

function readAliases(
  map: YamlMap,
  rules: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  if (!map.entries.has('aliases')) return new Map()
  const aliases = [...mapAt(map, 'aliases').entries.values()]
  return new Map(
    aliases.map(({ key, value, position }) => {
      if (value.kind !== 'map') throw new SigmaProblem('an alias names a field for each rule', position)
      const stranger = [...value.entries.values()].find((entry) => !rules.includes(entry.key))
      if (stranger) throw new SigmaProblem(`the correlation has no rule ${stranger.key}`, stranger.position)
      return [key, new Map([...value.entries.keys()].map((rule) => [rule, textAt(value, rule) ?? '']))]
    }),
  )
}
