import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
} from 'yaml'
import { SigmaProblem, type Position } from './problem.ts'

/** YAML as plain data that knows where it stood. */
export type YamlNode = YamlMap | YamlList | YamlScalar

export interface YamlMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, YamlEntry>
  readonly position: Position
}

export interface YamlEntry {
  readonly key: string
  readonly value: YamlNode
  readonly position: Position
}

export interface YamlList {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
  readonly position: Position
}

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly value: string | number | bigint | boolean | null
  readonly position: Position
}

const limits = { characters: 1 << 20, documents: 2000, nodes: 50_000, depth: 40 } as const

/** The documents of a text, or why one of them cannot be read; a text beyond the limits is refused as a whole. */
export function parseYaml(text: string): readonly (YamlMap | SigmaProblem)[] {
  if (text.length > limits.characters)
    throw new SigmaProblem(`longer than ${limits.characters} characters`, undefined, 'split the file')
  const lines = new LineCounter()
  const options = { uniqueKeys: false, logLevel: 'error', intAsBigInt: true, lineCounter: lines } as const
  const parsed = parseAllDocuments(text, options)
  const documents: readonly Document[] = Array.isArray(parsed) ? parsed : []
  if (documents.length > limits.documents) throw new SigmaProblem(`more than ${limits.documents} documents`)
  const reader = new Reader(lines)
  return documents.flatMap((document): readonly (YamlMap | SigmaProblem)[] => {
    const [error] = document.errors
    if (error) return [new SigmaProblem(firstLine(error.message), reader.position(error.pos[0]))]
    try {
      const node = reader.node(document.contents, document, 0)
      if (node.kind === 'scalar' && node.value === null) return []
      return [
        node.kind === 'map' ? node : new SigmaProblem('a rule is a map of keys and values', node.position),
      ]
    } catch (problem) {
      if (problem instanceof SigmaProblem) return [problem]
      throw problem
    }
  })
}

class Reader {
  readonly #lines: LineCounter
  #nodes = 0

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  node(node: Node | null, document: Document, depth: number): YamlNode {
    const position = this.position(node?.range?.[0] ?? 0)
    this.#nodes += 1
    if (this.#nodes > limits.nodes) throw new SigmaProblem(`more than ${limits.nodes} values`, position)
    if (depth > limits.depth) throw new SigmaProblem('nested too deep', position)
    if (node === null) return { kind: 'scalar', value: null, position }
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (!target) throw new SigmaProblem('an alias without its anchor', position)
      return this.node(target, document, depth + 1)
    }
    if (isSeq(node)) {
      // The parser gives nodes for items; anything else is a value that it made up.
      const items = node.items.map((item) => this.node(item as Node | null, document, depth + 1))
      return { kind: 'list', items, position }
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, document, depth), position }
    if (isScalar(node)) return { kind: 'scalar', value: scalarValue(node.value, position), position }
    throw new SigmaProblem('a kind of YAML that rules do not have', position)
  }

  #entries(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    document: Document,
    depth: number,
  ): ReadonlyMap<string, YamlEntry> {
    const entries = new Map<string, YamlEntry>()
    for (const pair of pairs) {
      // The parser gives nodes for keys and values.
      const key = this.node(pair.key as Node | null, document, depth + 1)
      const value = this.node(pair.value as Node | null, document, depth + 1)
      if (key.kind !== 'scalar') throw new SigmaProblem('a key is a plain text', key.position)
      const name = String(key.value ?? '')
      if (entries.has(name)) throw new SigmaProblem(`the key ${name} stands twice in one map`, key.position)
      entries.set(name, { key: name, value, position: key.position })
    }
    return entries
  }
}

function scalarValue(value: unknown, position: Position): YamlScalar['value'] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return value
  throw new SigmaProblem('a value that is neither text, number, boolean nor null', position)
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/( at line \d+, column \d+)?:?$/, '').slice(0, 300)
}

/** One map over another: maps are merged key by key, anything else is replaced. */
export function mergeMaps(base: YamlMap, over: YamlMap): YamlMap {
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const earlier = entries.get(key)?.value
    const { value } = entry
    const merged = earlier?.kind === 'map' && value.kind === 'map' ? mergeMaps(earlier, value) : value
    entries.set(key, { ...entry, value: merged })
  }
  return { kind: 'map', entries, position: over.position }
}

/** The text of a scalar under a key; nothing where the key is absent. */
export function textAt(map: YamlMap, key: string): string | undefined {
  const value = map.entries.get(key)?.value
  if (!value || (value.kind === 'scalar' && value.value === null)) return undefined
  if (value.kind !== 'scalar') throw new SigmaProblem(`${key} is a text`, value.position)
  return String(value.value)
}

/** The texts under a key: a list, or a single one. */
export function textsAt(map: YamlMap, key: string): readonly string[] {
  const value = map.entries.get(key)?.value
  if (!value || (value.kind === 'scalar' && value.value === null)) return []
  return (value.kind === 'list' ? value.items : [value]).map((item) => {
    if (item.kind !== 'scalar') throw new SigmaProblem(`${key} is a text or a list of texts`, item.position)
    return String(item.value ?? '')
  })
}

/** The map under a key. */
export function mapAt(map: YamlMap, key: string): YamlMap {
  const value = map.entries.get(key)?.value
  if (!value) throw new SigmaProblem(`${key} is missing`, map.position, `add ${key}:`)
  if (value.kind !== 'map') throw new SigmaProblem(`${key} is a map of keys and values`, value.position)
  return value
}
