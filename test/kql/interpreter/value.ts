import type { KqlType } from '../../../src/kql/types.ts'

/**
 * A KQL value: int, long as bigint; datetime as ticks since 0001-01-01, timespan as ticks, both bigint; real as number;
 * guid and string as string; a dynamic as any of them, an array, or a bag. Null is null, whatever the type.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[] | Bag
export interface Bag extends ReadonlyMap<string, Value> {}
export type Row = ReadonlyMap<string, Value>

export interface Column {
  readonly name: string
  readonly type: KqlType
}

/** Rows in some order; rows of one rank may stand in any order among themselves. */
export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly ranks: readonly number[]
  /** Whether the query has asked for this order. */
  readonly sorted: boolean
}

/** The interpreter does not know the construct. */
export class Unknown extends Error {}

/** Kusto leaves the answer open: of several rows any may be taken. */
export class Undetermined extends Error {}

/** Arrays and bags whose elements may come in any order. */
const unordered = new WeakSet<object>()

export function anyOrder(values: readonly Value[]): readonly Value[] {
  const marked = [...values]
  if (marked.length > 1) unordered.add(marked)
  return marked
}

/** The same of a bag, where its order shows. */
export function anyOrderOfKeys(bag: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  if (bag.size > 1) unordered.add(bag)
  return bag
}

export function isAnyOrder(value: Value): boolean {
  return typeof value === 'object' && value !== null && unordered.has(value)
}

/** What series functions give: whether their whole numbers are longs or reals is not documented. */
const loose = new WeakSet<object>()

export function looseNumbers<T extends Value>(value: T): T {
  if (typeof value === 'object' && value !== null) loose.add(value)
  return value
}

export function hasLooseNumbers(value: Value): boolean {
  return typeof value === 'object' && value !== null && loose.has(value)
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isBag(value: Value): value is Bag {
  return value instanceof Map
}

export function tableOf(columns: readonly Column[], rows: readonly Row[]): Table {
  return { columns, rows, ranks: rows.map(() => 0), sorted: false }
}

/** One text per distinct value, for grouping and joining: nulls are equal, and so are NaNs. */
export function keyOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return `i${value}`
  if (typeof value === 'number') return `r${Object.is(value, -0) ? 0 : value}`
  if (typeof value === 'string') return `s${JSON.stringify(value)}`
  if (typeof value === 'boolean') return String(value)
  if (isArray(value)) return `[${value.map((item) => keyOf(item)).join(',')}]`
  return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${keyOf(item)}`).join(',')}}`
}

/** -1, 0 or 1 for two values that are not null; NaN is below all numbers. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : Number(left > right)
  const [a, b] = [Number(left), Number(right)]
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
  return a < b ? -1 : Number(a > b)
}

/** By code points. */
export function compareText(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)]
  for (const [index, character] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return a.length < b.length ? -1 : 0
}

export function wrap(value: bigint, type: KqlType = 'long'): bigint {
  return BigInt.asIntN(type === 'int' ? 32 : 64, value)
}
