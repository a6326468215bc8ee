import { as } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { Unknown, compare, isArray, isBag, keyOf, type Value } from '../value.ts'

/** Sketches are all the values that went in: `{values: […]}`. */
export function sketchOf(values: readonly Value[]): Value {
  return new Map([['values', values]])
}

export function sketched(sketch: Value | undefined): readonly Value[] {
  const values = sketch !== undefined && isBag(sketch) ? sketch.get('values') : undefined
  if (values === undefined || !isArray(values)) throw new Unknown('no sketch')
  return values
}

/** The value at the nearest rank. */
export function nearestRank(values: readonly Value[], percent: number): Value {
  const ordered = values.toSorted(compare)
  return ordered[Math.max(0, Math.ceil((percent / 100) * ordered.length) - 1)] ?? null
}

function rank(call: Call): number {
  const limit = call.values[1] ?? null
  if (limit === null) throw new Unknown('the rank of null')
  return sketched(call.values[0]).filter((value) => compare(value, limit) <= 0).length
}

function merged(call: Call): Value {
  return sketchOf(call.values.flatMap((sketch) => sketched(sketch)))
}

export const sketchFunctions: Readonly<Record<string, Meaning>> = {
  dcount_hll: (call) => BigInt(new Set(sketched(call.values[0]).map((value) => keyOf(value))).size),
  hll_merge: merged,
  tdigest_merge: merged,
  merge_tdigest: merged,
  percentile_tdigest: (call) => nearestRank(sketched(call.values[0]), Number(as(call, 1, 'real'))),
  percentiles_array_tdigest: (call) => {
    const wanted = call.values.slice(1).flatMap((value) => (isArray(value) ? value : [value]))
    return wanted.map((percent) => nearestRank(sketched(call.values[0]), Number(percent)))
  },
  rank_tdigest: (call) => rank(call),
  percentrank_tdigest: (call) => (rank(call) / sketched(call.values[0]).length) * 100,
}
