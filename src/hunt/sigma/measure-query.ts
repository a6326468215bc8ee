import type { Condition } from './detection.ts'
import { balanced } from './expression.ts'
import { kqlReal, kqlText } from './kql-text.ts'
import type { Bound, Correlation, Measure } from './read-correlation.ts'

/** The window of a correlation as KQL. */
export function spanOf({ timespanMs }: Correlation): string {
  return `${timespanMs}ms`
}

/** From events to hits: the instants at which the window that ends there meets the condition, with `_n`, what was measured. */
export function measureSteps(correlation: Correlation, by: string): readonly string[] {
  const { measure } = correlation
  const span = spanOf(correlation)
  switch (measure.kind) {
    case 'event_count':
      return [
        `summarize _d = count() by ${by}, TimeGenerated`,
        ...sliding(by, span, 'sum(iff(_k == 0, _d, -_d))'),
        `where _at > 0 and ${printBounds(measure.bounds)}`,
      ]
    case 'value_count':
      return [
        ...presence(by, '_value', span),
        ...sliding(by, span, 'sum(case(_k == 0 and _new, 1, _k == 1 and _last, -1, 0))'),
        `where _at > 0 and ${printBounds(measure.bounds)}`,
      ]
    case 'temporal':
      return [
        ...presence(by, '_rule', span),
        ...sliding(by, span, 'sum(case(_k == 0 and _new, 1, _k == 1 and _last, -1, 0))'),
        `where _at > 0 and ${printBounds(measure.bounds)}`,
      ]
    case 'temporal_condition':
      return conditionSteps(measure.condition, correlation, by, span)
    case 'temporal_ordered':
      return orderedSteps(correlation, by, span)
    default:
      return windowSteps(measure, by, span)
  }
}

/** A running sum of what comes into the window at its own instant and leaves it a tick after its time. */
function sliding(by: string, span: string, change: string): readonly string[] {
  return [
    'mv-expand _k = dynamic([0, 1]) to typeof(long)',
    `extend TimeGenerated = iff(_k == 0, TimeGenerated, TimeGenerated + ${span} + 1tick)`,
    `summarize _d = ${change}, _at = countif(_k == 0) by ${by}, TimeGenerated`,
    'sort by _key asc, TimeGenerated asc',
    'extend _n = toreal(row_cumsum(_d, _key != prev(_key)))',
  ]
}

/** Marks where a value comes into the window without being there, and where it leaves it. */
function presence(by: string, value: string, span: string): readonly string[] {
  return [
    `summarize _d = count() by ${by}, ${value}, TimeGenerated`,
    `sort by _key asc, ${value} asc, TimeGenerated asc`,
    `extend _new = coalesce(_key != prev(_key) or ${value} != prev(${value}) or TimeGenerated - prev(TimeGenerated) > ${span}, true)`,
    `extend _last = coalesce(_key != next(_key) or ${value} != next(${value}) or next(TimeGenerated) - TimeGenerated > ${span}, true)`,
  ]
}

function conditionSteps(
  condition: Condition,
  { rules }: Correlation,
  by: string,
  span: string,
): readonly string[] {
  const sums = rules.map(
    (_rule, index) => `_d${index} = sum(iff(_rule == ${index}, iff(_k == 0, _d, -_d), 0))`,
  )
  const running = rules.map((_rule, index) => `_n${index} = row_cumsum(_d${index}, _key != prev(_key))`)
  return [
    `summarize _d = count() by ${by}, _rule, TimeGenerated`,
    'mv-expand _k = dynamic([0, 1]) to typeof(long)',
    `extend TimeGenerated = iff(_k == 0, TimeGenerated, TimeGenerated + ${span} + 1tick)`,
    `summarize ${sums.join(', ')}, _at = countif(_k == 0) by ${by}, TimeGenerated`,
    'sort by _key asc, TimeGenerated asc',
    `extend ${running.join(', ')}`,
    `where _at > 0 and ${printPresence(condition, rules)}`,
    `extend _n = toreal(${rules.map((_rule, index) => `iff(_n${index} > 0, 1, 0)`).join(' + ')})`,
  ]
}

function printPresence(condition: Condition, rules: readonly string[]): string {
  if (condition.kind === 'search') return `_n${rules.indexOf(condition.name)} > 0`
  if (condition.kind === 'not') return `not(${printPresence(condition.part, rules)})`
  return balanced(
    condition.kind,
    condition.parts.map((part) => printPresence(part, rules)),
  )
}

/** Walks over a group's events and keeps, for each rule, where the latest chain that ends with it began. */
function orderedSteps({ rules }: Correlation, by: string, span: string): readonly string[] {
  const began = rules.map((_rule, index) => `_b${index}`)
  const assignments = began.map((name, index) => {
    const before = index === 0 ? 'TimeGenerated' : `s._b${index - 1}`
    return `${name} = iff(_rule == ${index}, ${before}, s.${name})`
  })
  const last = began.length - 1
  return [
    `summarize _d = count() by ${by}, _rule, TimeGenerated`,
    [
      'partition hint.strategy=native by _key (sort by TimeGenerated asc, _rule asc',
      `| scan declare (${began.map((name) => `${name}: datetime`).join(', ')})`,
      `with (step s: true => ${assignments.join(', ')};))`,
    ].join(' '),
    `where _rule == ${last} and isnotnull(_b${last}) and TimeGenerated - _b${last} <= ${span}`,
    `summarize _n = toreal(${rules.length}) by ${by}, TimeGenerated`,
  ]
}

type ValueMeasure = Extract<Measure, { readonly field: string }>

/** Of events, those whose `_value` is a number. */
export const numbersOnly = `where _value matches regex ${kqlText(String.raw`^[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$`)}`

/** Each instant beside the values of its window. */
function windowSteps(measure: ValueMeasure, by: string, span: string): readonly string[] {
  return [
    `extend _v = todouble(_value), _bin = bin(TimeGenerated, ${span})`,
    'as _values',
    `summarize _d = count() by ${by}, TimeGenerated, _bin`,
    'mv-expand _k = dynamic([0, 1]) to typeof(long)',
    `extend _bin = iff(_k == 0, _bin, _bin - ${span})`,
    'join kind=inner (_values | project _key, _bin, _time = TimeGenerated, _v) on _key, _bin',
    `where _time between (TimeGenerated - ${span} .. TimeGenerated)`,
    `summarize _n = toreal(${aggregateOf(measure)}) by ${by}, TimeGenerated`,
    `where ${printBounds(measure.bounds)}`,
  ]
}

function aggregateOf(measure: ValueMeasure): string {
  if (measure.kind === 'value_percentile') return `percentile(_v, ${measure.percentile})`
  return `${{ value_sum: 'sum', value_avg: 'avg', value_min: 'min', value_max: 'max' }[measure.kind]}(_v)`
}

const signs = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '==', neq: '!=' } as const

function printBounds(bounds: readonly Bound[]): string {
  return bounds.map(({ operator, value }) => `_n ${signs[operator]} ${kqlReal(value)}`).join(' and ')
}
