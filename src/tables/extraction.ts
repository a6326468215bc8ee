import { assertNever } from '../error.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import type { Path } from './value.ts'

/** How a value is read: `text`, a number, or a `key` that is NULL only where the record lacks it. */
export type Reading = 'text' | 'key' | 'int' | 'long' | 'real'

export type Read = (path: Path, reading: Reading) => Sql

const numberTypes: Readonly<Record<'int' | 'long' | 'real', Sql>> = {
  int: sql`Nullable(Int32)`,
  long: sql`Nullable(Int64)`,
  real: sql`Nullable(Float64)`,
}

interface Node {
  readonly readings: Set<Reading>
  readonly children: Map<string, Node>
}

/**
 * The paths that a mapping reads, extracted together as one typed tuple, so that the engine parses a record once. An
 * object that is read whole and in parts is taken as text, and its parts from that text.
 * Compile twice: first with `record`, which notes the paths, then with `read`.
 */
export class Extraction {
  readonly #root: Node = { readings: new Set(), children: new Map() }
  readonly #document: Sql
  readonly #name: string

  /** Reads from the JSON text `document`; `name` keeps the columns of several extractions apart. */
  constructor(document: Sql, name = 'extracted') {
    this.#document = document
    this.#name = name
  }

  readonly record: Read = (path, reading) => {
    let node = this.#root
    for (const key of path) {
      const child: Node = node.children.get(key) ?? { readings: new Set(), children: new Map() }
      node.children.set(key, child)
      node = child
    }
    node.readings.add(reading)
    return sql`''`
  }

  readonly read: Read = (path, reading) => {
    const node = this.#node(path)
    return convert(
      element(this.#tupleAbove(path), path.slice(this.#depthAbove(path))),
      storedReading(node),
      reading,
    )
  }

  /** As `record`, for `readStrictly`. */
  readonly recordStrictly: Read = (path, reading) =>
    path.length === 1 ? this.record(path, reading) : sql`''`

  /**
   * As `read`, for what decides the shape of a record: never into JSON that stands as text in a string, nor into an
   * array, whose elements a typed tuple would take by their places.
   */
  readonly readStrictly: Read = (path, reading) => {
    if (path.length === 1) return this.read(path, reading)
    const stored = reading === 'key' ? 'key' : 'text'
    const type = stored === 'key' ? 'Nullable(String)' : 'String'
    return convert(sql`JSONExtract(${this.#document}, ${path}, ${type})`, stored, reading)
  }

  /** A record as a typed tuple, read from its JSON text. */
  recordFrom(document: Sql): Sql {
    return sql`JSONExtract(${document}, ${tupleType(this.#root).text})`
  }

  /** For each key of a record that is read: whether the tuple shows that there is something in it. */
  shown(record: Sql): Map<string, Sql> {
    const keys = Array.from(this.#root.children, ([key, node]) => [key, isShown(record, key, node)] as const)
    return new Map(keys)
  }

  /** Whether a member of the record is read as text: whole, with or without its parts. */
  readsWhole(key: string): boolean {
    const node = this.#root.children.get(key)
    return node !== undefined && (isWhole(node) || node.children.size === 0)
  }

  /** The columns that the relation below must give. */
  columns(record = this.recordFrom(this.#document)): Sql {
    const parts = [sql`${record} AS ${this.#tupleName([])}`]
    for (const [path, node] of wholes(this.#root, [])) {
      const text = element(this.#tupleAbove(path), path.slice(this.#depthAbove(path)))
      parts.push(sql`JSONExtract(${text}, ${tupleType(node).text}) AS ${this.#tupleName(path)}`)
    }
    return join(parts)
  }

  #node(path: Path): Node {
    let node: Node | undefined = this.#root
    for (const key of path) node = node?.children.get(key)
    if (node === undefined) throw new Error(`path ${path.join('.')} was not recorded`)
    return node
  }

  /** How many keys of the path lead to the nearest object above it that is read whole; 0 for the record itself. */
  #depthAbove(path: Path): number {
    for (let depth = path.length - 1; depth > 0; depth--) {
      if (isWhole(this.#node(path.slice(0, depth)))) return depth
    }
    return 0
  }

  #tupleAbove(path: Path): Sql {
    return this.#tupleName(path.slice(0, this.#depthAbove(path)))
  }

  #tupleName(path: Path): Sql {
    return identifier([this.#name, ...path].join(' '))
  }
}

function isWhole(node: Node): boolean {
  return node.readings.size > 0 && node.children.size > 0
}

function* wholes(node: Node, path: Path): Generator<readonly [Path, Node]> {
  for (const [key, child] of node.children) {
    const childPath = [...path, key]
    if (isWhole(child)) yield [childPath, child]
    yield* wholes(child, childPath)
  }
}

/** Of an object that is read in parts, a few of them will do: what is not shown need not be missing. */
const maxPartsAsked = 4

function isShown(tuple: Sql, key: string, node: Node): Sql {
  const value = element(tuple, [key])
  if (node.children.size === 0 || isWhole(node))
    return storedReading(node) === 'text' ? sql`notEmpty(${value})` : sql`isNotNull(${value})`
  const parts = [...node.children].filter(([, part]) => part.children.size === 0).slice(0, maxPartsAsked)
  if (parts.length === 0) return sql`false`
  const areShown = parts.map(([name, part]) => isShown(value, name, part))
  return sql`(${join(areShown, sql` OR `)})`
}

function element(tuple: Sql, path: Path): Sql {
  return path.reduce((parent, key) => sql`tupleElement(${parent}, ${key})`, tuple)
}

function storedReading(node: Node): Reading {
  if (isWhole(node)) return 'text'
  const [only, ...others] = node.readings
  if (only !== undefined && others.length === 0) return only
  return node.readings.has('key') ? 'key' : 'text'
}

function convert(value: Sql, stored: Reading, reading: Reading): Sql {
  if (reading === stored) return value
  const text = stored === 'key' ? sql`ifNull(${value}, '')` : value
  switch (reading) {
    case 'text':
      return text
    case 'key':
      return sql`nullIf(${text}, '')`
    case 'real':
      return sql`toFloat64OrNull(${text})`
    case 'int':
      return sql`accurateCastOrNull(trunc(toFloat64OrNull(${text})), 'Int32')`
    case 'long':
      return sql`coalesce(toInt64OrNull(${text}), accurateCastOrNull(trunc(toFloat64OrNull(${text})), 'Int64'))`
    default:
      return assertNever(reading)
  }
}

function tupleType(node: Node): Sql {
  const elements = Array.from(node.children, ([key, child]) => sql`${identifier(key)} ${elementType(child)}`)
  if (elements.length === 0) return sql`Tuple(none String)`
  return sql`Tuple(${join(elements)})`
}

function elementType(node: Node): Sql {
  if (isWhole(node)) return sql`String`
  if (node.children.size > 0) return tupleType(node)
  const reading = storedReading(node)
  if (reading === 'text') return sql`String`
  return reading === 'key' ? sql`Nullable(String)` : numberTypes[reading]
}
