import type { TreeNode } from '../../../src/kql/parser/tree.ts'
import type { KqlType } from '../../../src/kql/types.ts'
import { operatorMeaning } from './binary.ts'
import { nearestRank, sketchOf, sketched } from './functions/sketch.ts'
import { emptyOf, toDynamic } from './convert.ts'
import { looseTypeOf, type Scope } from './scope.ts'
import {
  Undetermined,
  Unknown,
  anyOrder,
  anyOrderOfKeys,
  compare,
  isArray,
  isBag,
  keyOf,
  wrap,
} from './value.ts'
import type { Value } from './value.ts'

type Evaluate = (node: TreeNode, scope: Scope) => Value

/** One aggregate over one group: each argument's value in each row, and the rows. */
interface Gathered {
  readonly rows: readonly (readonly Value[])[]
  readonly types: readonly KqlType[]
  readonly type: KqlType
  readonly nodes: readonly TreeNode[]
  readonly scope: Scope
  readonly evaluate: Evaluate
}

export function isAggregate(name: string): boolean {
  return name in aggregates || conditional(name) !== undefined
}

export const aggregateNames = (): readonly string[] => [
  ...Object.keys(aggregates),
  ...Object.keys(conditionals),
]

export function aggregate(
  name: string,
  node: TreeNode,
  nodes: readonly TreeNode[],
  scope: Scope,
  evaluate: Evaluate,
): Value {
  const base = conditional(name)
  const group = scope.group ?? []
  const inner = { ...scope }
  delete inner.group
  const condition = base ? nodes[conditions[base] ?? 1] : undefined
  const taken = condition ? group.filter((row) => evaluate(condition, { ...inner, row }) === true) : group
  const own = condition ? nodes.filter((item) => item !== condition) : nodes
  const rows = taken.map((row) =>
    own.map((item) => (item.kind === 'StarExpression' ? null : evaluate(item, { ...inner, row }))),
  )
  const meaning = aggregates[base ?? name]
  if (!meaning) throw new Unknown(`aggregate ${name}`)
  const types = own.map((item) => looseTypeOf(item))
  const result = meaning({
    rows,
    types,
    type: looseTypeOf(node),
    nodes: own,
    scope: { ...inner, group: taken },
    evaluate,
  })
  return typeof result === 'bigint' && (looseTypeOf(node) === 'long' || looseTypeOf(node) === 'int')
    ? wrap(result, looseTypeOf(node))
    : result
}

const conditionals: Readonly<Record<string, string>> = {
  anyif: 'any',
  avgif: 'avg',
  count_distinctif: 'count_distinct',
  countif: 'count',
  covarianceif: 'covariance',
  covariancepif: 'covariancep',
  dcountif: 'dcount',
  hll_if: 'hll',
  make_bag_if: 'make_bag',
  make_list_if: 'make_list',
  make_set_if: 'make_set',
  maxif: 'max',
  minif: 'min',
  stdevif: 'stdev',
  sumif: 'sum',
  take_anyif: 'any',
  varianceif: 'variance',
  variancepif: 'variancep',
}

/** Where the condition stands, if not second. */
const conditions: Readonly<Record<string, number>> = { count: 0, covariance: 2, covariancep: 2 }

function conditional(name: string): string | undefined {
  return conditionals[name]
}

type Aggregate = (gathered: Gathered) => Value

/** The first argument where it is not null; text always is. */
function values({ rows }: Gathered): readonly Value[] {
  return rows.map(([value = null]) => value).filter((value) => value !== null)
}

function scalars(gathered: Gathered): readonly Value[] {
  if (gathered.types[0] === 'dynamic') throw new Unknown('an aggregate over dynamics')
  return values(gathered)
}

function numbers(gathered: Gathered): readonly number[] {
  return scalars(gathered).map((value) => Number(value))
}

const aggregates: Readonly<Record<string, Aggregate>> = {
  any: takeAny,
  take_any: takeAny,
  arg_max: (gathered) => extreme(gathered, 1),
  arg_min: (gathered) => extreme(gathered, -1),
  argmax: (gathered) => extreme(gathered, 1),
  argmin: (gathered) => extreme(gathered, -1),
  avg: (gathered) => {
    const all = scalars(gathered)
    if (gathered.type === 'timespan' || gathered.type === 'datetime') {
      if (all.length === 0) return null
      const total = all.reduce<bigint>(
        (sum, value) => sum + BigInt(typeof value === 'bigint' ? value : 0),
        0n,
      )
      return total / BigInt(all.length)
    }
    return all.length === 0
      ? NaN
      : Number(total(all, gathered.types[0] === 'real' ? 'real' : 'long')) / all.length
  },
  binary_all_and: (gathered) => bits(gathered, (a, b) => a & b, -1n),
  binary_all_or: (gathered) => bits(gathered, (a, b) => a | b, 0n),
  binary_all_xor: (gathered) => bits(gathered, (a, b) => a ^ b, 0n),
  count: ({ rows }) => BigInt(rows.length),
  count_distinct: distinct,
  dcount: distinct,
  covariance: (gathered) => covariance(gathered, 1),
  covariancep: (gathered) => covariance(gathered, 0),
  make_bag: (gathered) => {
    const merged = new Map<string, Value>()
    const order = isSettled(gathered)
    for (const bag of values(gathered)) {
      if (!isBag(bag)) continue
      for (const [key, value] of bag) {
        const known = merged.get(key)
        if (known === undefined) merged.set(key, value)
        else if (!order && keyOf(known) !== keyOf(value)) throw new Undetermined('bags with the same key')
      }
    }
    const limited = limitedBag(merged, gathered)
    return order ? limited : anyOrderOfKeys(limited)
  },
  make_dictionary: (gathered) => aggregates['make_bag']?.(gathered) ?? null,
  make_list: list,
  makelist: list,
  make_list_with_nulls: (gathered) => {
    const all = gathered.rows
      .map(([value = null]) => toDynamic(value, gathered.types[0] ?? 'dynamic'))
      .flatMap((value) => (gathered.types[0] === 'dynamic' && isArray(value) ? value : [value]))
    return isSettled(gathered) ? all : anyOrder(all)
  },
  make_set: set,
  makeset: set,
  max: (gathered) => best(gathered, 1),
  min: (gathered) => best(gathered, -1),
  hll: (gathered) => sketchOf(values(gathered)),
  hll_merge: (gathered) => sketchOf(values(gathered).flatMap((sketch) => sketched(sketch))),
  tdigest: (gathered) => sketchOf(scalars(gathered)),
  tdigest_merge: (gathered) => sketchOf(values(gathered).flatMap((sketch) => sketched(sketch))),
  merge_tdigest: (gathered) => sketchOf(values(gathered).flatMap((sketch) => sketched(sketch))),
  percentilew: (gathered) => weighted(gathered)[0] ?? null,
  percentilesw: weighted,
  percentilesw_array: (gathered) =>
    weighted(gathered).map((value) => toDynamic(value, gathered.types[0] ?? 'dynamic')),
  percentile: (gathered) => percentiles(gathered)[0] ?? null,
  percentiles: (gathered) => percentiles(gathered),
  percentiles_array: (gathered) => {
    if (scalars(gathered).length === 0) throw new Unknown('an array of percentiles of nothing')
    return percentiles(gathered).map((value) => toDynamic(value, gathered.types[0] ?? 'dynamic'))
  },
  stdev: (gathered) => Math.sqrt(variance(gathered, 1)),
  stdevp: (gathered) => Math.sqrt(variance(gathered, 0)),
  variance: (gathered) => variance(gathered, 1),
  variancep: (gathered) => variance(gathered, 0),
  sum: (gathered) => {
    const type = gathered.type
    return total(
      scalars(gathered),
      type === 'long' || type === 'int' || type === 'timespan' ? 'long' : 'real',
    )
  },
}

/** Whether the order of the rows is known. */
function isSettled({ scope, rows }: Gathered): boolean {
  const { input } = scope
  return (
    rows.length < 2 ||
    (input !== undefined && input.sorted && new Set(input.ranks).size === input.rows.length)
  )
}

function total(all: readonly Value[], type: KqlType): Value {
  const zero: Value = type === 'real' ? 0 : 0n
  return all.reduce<Value>((sum, value) => operatorMeaning('+', [sum, value], [type, type], type), zero)
}

function distinct(gathered: Gathered): Value {
  return BigInt(new Set(values(gathered).map((value) => keyOf(value))).size)
}

function takeAny(gathered: Gathered): Value {
  const [node] = gathered.nodes
  if (gathered.nodes.length !== 1 || node?.kind === 'StarExpression')
    throw new Unknown('any of several columns')
  const type = gathered.types[0] ?? 'dynamic'
  const all = values(gathered).filter((value) => type !== 'string' || value !== '')
  if (new Set(all.map((value) => keyOf(value))).size > 1) throw new Undetermined('any of several values')
  return all[0] ?? emptyOf(type)
}

function best(gathered: Gathered, direction: number): Value {
  const all = scalars(gathered)
  if (all.some((value) => typeof value === 'number' && Number.isNaN(value))) return NaN
  let found: Value = null
  for (const value of all) {
    if (found === null || compare(value, found) * direction > 0) found = value
  }
  return found ?? emptyOf(gathered.type)
}

/** The values of a row whose first is the greatest (or least). */
function extreme(gathered: Gathered, direction: number): Value {
  const { nodes, scope, evaluate } = gathered
  const group = scope.group ?? []
  const keys = gathered.rows.map(([value = null]) => value)
  const known = keys.filter((value) => value !== null)
  let winner: Value = null
  for (const value of known) {
    if (winner === null || isBetter(value, winner, direction)) winner = value
  }
  const [first, ...others] = nodes
  if (!first) throw new Unknown('arg_max of nothing')
  const starred = others.some(({ kind }) => kind === 'StarExpression')
  const skipped = new Set([
    nodeColumn(first),
    ...(scope.names.get('$by') ? namesOf(scope.names.get('$by')) : []),
  ])
  const columns = starred
    ? (scope.input?.columns ?? []).map(({ name }) => name).filter((name) => !skipped.has(name))
    : []
  const candidates = group.filter((_row, index) => sameKey(keys[index] ?? null, winner))
  const outcomes = candidates.map((row): readonly Value[] => {
    return starred
      ? columns.map((name) => row.get(name) ?? null)
      : others.map((node) => evaluate(node, { ...scope, row }))
  })
  if (new Set(outcomes.map((outcome) => keyOf(outcome))).size > 1)
    throw new Undetermined('arg_max of equal values')
  const missing = starred
    ? columns.map((name) =>
        emptyOf(scope.input?.columns.find((column) => column.name === name)?.type ?? 'dynamic'),
      )
    : others.map((node) => emptyOf(looseTypeOf(node)))
  const all = [winner ?? emptyOf(looseTypeOf(first)), ...(outcomes[0] ?? missing)]
  return all.length === 1 ? (all[0] ?? null) : all
}

function namesOf(named: ReturnType<Scope['names']['get']>): readonly string[] {
  return named?.kind === 'scalar' && isArray(named.value)
    ? named.value.filter((name) => typeof name === 'string')
    : []
}

function nodeColumn(node: TreeNode): string {
  return node.kind === 'NameReference' ? (node.symbol?.name ?? '') : ''
}

function isBetter(value: Value, other: Value, direction: number): boolean {
  const [isNan, wasNan] = [value, other].map((item) => typeof item === 'number' && Number.isNaN(item))
  if (wasNan) return false
  return isNan === true || compare(value, other) * direction > 0
}

function sameKey(left: Value, right: Value): boolean {
  return keyOf(left) === keyOf(right)
}

function bits(gathered: Gathered, join: (a: bigint, b: bigint) => bigint, start: bigint): Value {
  const all = values(gathered)
  if (all.length === 0) throw new Unknown('the bits of nothing')
  return all.reduce<bigint>((sum, value) => join(sum, typeof value === 'bigint' ? value : 0n), start)
}

function variance(gathered: Gathered, less: number): number {
  const all = numbers(gathered)
  return together(all, all, less)
}

function covariance({ rows }: Gathered, less: number): Value {
  const pairs = rows
    .filter(([x, y]) => x !== null && y !== null)
    .map(([x, y]) => [Number(x), Number(y)] as const)
  return together(
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
    less,
  )
}

/** How two rows of numbers vary together; of one pair or none it is 0. */
function together(left: readonly number[], right: readonly number[], less: number): number {
  const isFinite = [...left, ...right].every((value) => Number.isFinite(value))
  if (left.length === 1 && !isFinite) throw new Unknown('the variance of what is not finite')
  if (left.length < 2) return 0
  if (!isFinite) return NaN
  const [x, y] = [deviations(left), deviations(right)]
  return x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0) / (left.length - less)
}

/** The distances from the mean; numbers that lie closer together than some of a real's digits have none to speak of. */
function deviations(values: readonly number[]): readonly number[] {
  const first = values[0] ?? 0
  const mean = first + values.reduce((sum, value) => sum + (value - first), 0) / values.length
  const [size, width] = [
    Math.max(...values.map((value) => Math.abs(value))),
    Math.max(...values.map((value) => Math.abs(value - mean))),
  ]
  if (width > 0 && size > 1e5 * width) throw new Unknown('the variance of numbers close together')
  return values.map((value) => value - mean)
}

function sizeLimit(gathered: Gathered): number {
  const limit = gathered.rows[0]?.[1]
  return typeof limit === 'bigint' ? Number(limit) : Infinity
}

/** Nulls of a type of their own are left out, dynamic nulls are elements; arrays are put in element by element. */
function list(gathered: Gathered): Value {
  const type = gathered.types[0] ?? 'dynamic'
  const all = type === 'dynamic' ? gathered.rows.map(([value = null]) => value) : values(gathered)
  const elements = all.flatMap((value) =>
    type === 'dynamic' && isArray(value) ? value : [toDynamic(value, type)],
  )
  return bounded(elements, gathered)
}

function set(gathered: Gathered): Value {
  const type = gathered.types[0] ?? 'dynamic'
  const all = type === 'dynamic' ? gathered.rows.map(([value = null]) => value) : values(gathered)
  const elements = all.flatMap((value) =>
    type === 'dynamic' && isArray(value) ? value : [toDynamic(value, type)],
  )
  const known = new Map(elements.map((value) => [keyOf(value), value]))
  if (known.size > sizeLimit(gathered)) throw new Undetermined('a part of a set')
  return anyOrder([...known.values()])
}

function bounded(elements: readonly Value[], gathered: Gathered): Value {
  const settled = isSettled(gathered)
  const limit = sizeLimit(gathered)
  if (!settled && elements.length > limit) throw new Undetermined('a part of a list')
  const kept = elements.slice(0, limit)
  return settled ? kept : anyOrder(kept)
}

function limitedBag(bag: ReadonlyMap<string, Value>, gathered: Gathered): ReadonlyMap<string, Value> {
  const limit = sizeLimit(gathered)
  if (bag.size > limit) throw new Undetermined('a part of a bag')
  return bag
}

/** As if each value stood there as often as its weight says. */
function weighted(gathered: Gathered): readonly Value[] {
  const [first] = gathered.rows
  if (!first) throw new Unknown('weighted percentiles of nothing')
  const all = gathered.rows.flatMap(([value = null, weight = null]) => {
    if (typeof weight !== 'bigint' || weight < 1n || value === null) throw new Unknown('odd weights')
    return Array.from({ length: Number(weight) }, () => value)
  })
  const wanted = first.slice(2).flatMap((value) => (isArray(value) ? value : [value]))
  return wanted.map((percent) => nearestRank(all, Number(percent)))
}

/** The value at the nearest rank. */
function percentiles(gathered: Gathered): readonly Value[] {
  const all = scalars(gathered).toSorted(compare)
  const wanted = (gathered.rows[0] ?? []).slice(1).flatMap((value) => (isArray(value) ? value : [value]))
  if (gathered.rows.length === 0) {
    const count = gathered.nodes.length - 1
    return Array.from({ length: count }, () => emptyOf(gathered.types[0] ?? 'dynamic'))
  }
  if (all.some((value) => typeof value === 'number' && Number.isNaN(value)))
    throw new Unknown('percentile of NaN')
  return wanted.map((percent) => {
    const rank = Math.ceil((Number(percent) / 100) * all.length)
    return all[Math.max(0, rank - 1)] ?? emptyOf(gathered.types[0] ?? 'dynamic')
  })
}
