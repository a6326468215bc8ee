import { SigmaProblem } from './problem.ts'
import { readTimespan, type Bound, type Correlation, type Measure } from './read-correlation.ts'
import type { YamlMap } from './yaml-node.ts'

const operators: Readonly<Record<string, Bound['operator']>> = {
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  '=': 'eq',
  '==': 'eq',
}
const form =
  /^(count|sum|min|max|avg)\s*\(\s*(?:distinct\s+)?([^()]*?)\s*\)\s*(?:by\s+([^<>=]+?))?\s*(>=|<=|>|<|==?)\s*(\d+(?:\.\d+)?)$/i

/** `selection | count(field) by group > 3` of Sigma before version 2, as the correlation that it is. */
export function readAggregation(map: YamlMap): Correlation | undefined {
  const entry = map.entries.get('condition')
  const texts = (entry?.value.kind === 'list' ? entry.value.items : entry ? [entry.value] : []).map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? item.value : '',
  )
  const text = texts.find((each) => each.includes('|'))
  if (text === undefined) {
    const timeframe = map.entries.get('timeframe')
    if (timeframe)
      throw new SigmaProblem('timeframe without an aggregation in the condition', timeframe.position)
    return undefined
  }
  const position = entry?.value.position
  const match = form.exec(text.slice(text.indexOf('|') + 1).trim())
  if (!match || texts.length > 1)
    throw new SigmaProblem('this aggregation is not understood', position, 'write a correlation')
  const [, name = '', field = '', groups = '', sign = '', value = ''] = match
  const bounds: readonly Bound[] = [{ operator: operators[sign] ?? 'gt', value: Number(value) }]
  return {
    measure: measureOf(name.toLowerCase(), field, bounds, map),
    rules: ['events'],
    groupBy: groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== ''),
    timespanMs: readTimespan(map),
    aliases: new Map(),
    generate: false,
  }
}

function measureOf(name: string, field: string, bounds: readonly Bound[], map: YamlMap): Measure {
  if (name === 'count')
    return field === '' ? { kind: 'event_count', bounds } : { kind: 'value_count', fields: [field], bounds }
  if (field === '') throw new SigmaProblem(`${name}() needs a field`, map.entries.get('condition')?.position)
  // The expression allows these names alone.
  const kind = `value_${name}` as 'value_sum' | 'value_min' | 'value_max' | 'value_avg'
  return { kind, field, percentile: 0, bounds }
}
