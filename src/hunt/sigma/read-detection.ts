import { readAggregation } from './aggregation.ts'
import { parseCondition } from './condition.ts'
import type { Condition, Detection, Item, Search } from './detection.ts'
import { readItem, type Placeholders } from './modifiers.ts'
import { SigmaProblem, type Position } from './problem.ts'
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-node.ts'

/** The searches and the condition of a `detection`, or of a `filter`, whose other keys are named in `besides`. */
export function readDetection(
  map: YamlMap,
  placeholders: Placeholders,
  besides: readonly string[] = [],
): Detection {
  const apart = new Set(['condition', 'timeframe', ...besides])
  const searches = new Map<string, Search>()
  for (const { key, value } of map.entries.values()) {
    if (!apart.has(key)) searches.set(key, readSearch(key, value, placeholders))
  }
  if (searches.size === 0) throw new SigmaProblem('there is no search', map.position)
  const aggregation = readAggregation(map)
  const condition = readCondition(map, [...searches.keys()])
  return { searches, condition, ...(aggregation ? { aggregation } : {}) }
}

function readCondition(map: YamlMap, names: readonly string[]): Condition {
  const entry = map.entries.get('condition')
  if (!entry) throw new SigmaProblem('condition is missing', map.position, 'add condition:')
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  const parts = items.map((item) => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string')
      throw new SigmaProblem('a condition is a text', item.position)
    return parseCondition(item.value.split('|')[0] ?? '', names, item.position)
  })
  const [only] = parts
  if (!only) throw new SigmaProblem('condition is empty', entry.position)
  return parts.length === 1 ? only : { kind: 'or', parts }
}

function readSearch(name: string, node: YamlNode, placeholders: Placeholders): Search {
  if (node.kind === 'map') return { name, alternatives: [itemsOf(node, placeholders)] }
  const nodes = node.kind === 'list' ? node.items : [node]
  if (nodes.length === 0) throw new SigmaProblem(`the search ${name} is empty`, node.position)
  const words = nodes.filter((item) => item.kind === 'scalar')
  const maps = nodes.filter((item) => item.kind === 'map')
  const other = nodes.find((item) => item.kind === 'list')
  if (other) throw new SigmaProblem('a list stands in a list', other.position)
  const keywords = words.length > 0 ? [[readWords(words, node.position, placeholders)]] : []
  return { name, alternatives: [...keywords, ...maps.map((map) => itemsOf(map, placeholders))] }
}

function readWords(words: readonly YamlScalar[], position: Position, placeholders: Placeholders): Item {
  const bad = words.find(({ value }) => value === null || value === '' || typeof value === 'boolean')
  if (bad) throw new SigmaProblem('a keyword is a text or a number', bad.position)
  return readItem('', words, position, placeholders)
}

function itemsOf(map: YamlMap, placeholders: Placeholders): readonly Item[] {
  if (map.entries.size === 0) throw new SigmaProblem('a search without fields', map.position)
  return [...map.entries.values()].map((entry) => itemOf(entry, placeholders))
}

function itemOf({ key, value, position }: YamlEntry, placeholders: Placeholders): Item {
  const nodes = value.kind === 'list' ? value.items : [value]
  const scalars = nodes.map((node) => {
    if (node.kind === 'scalar') return node
    throw new SigmaProblem(`the values of ${key} are texts, numbers, booleans or null`, node.position)
  })
  return readItem(key, scalars, position, placeholders)
}
