import { array, as, count, has } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { Unknown, isArray, type Value } from '../value.ts'

function isNumber(value: Value | undefined): value is bigint | number {
  if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value)))
    throw new Unknown('a series of numbers that a real does not hold')
  return typeof value === 'bigint' || typeof value === 'number'
}

/** Infinities and NaN in a series are not documented. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Unknown('a series that is not finite')
  return value
}

function each(formula: (value: number) => number): Meaning {
  return (call) =>
    array(call, 0)?.map((item) => (isNumber(item) ? finite(formula(Number(item))) : null)) ?? null
}

function pairs(formula: (left: number, right: number) => Value): Meaning {
  return (call) => {
    const [left, right] = [array(call, 0), array(call, 1)]
    if (!left || !right) return null
    return Array.from({ length: Math.max(left.length, right.length) }, (_item, index) => {
      const [a, b] = [left[index], right[index]]
      if (!isNumber(a) || !isNumber(b)) return null
      const result = formula(Number(a), Number(b))
      return typeof result === 'number' ? finite(result) : result
    })
  }
}

/** The numbers of a series without gaps. */
function numbers(call: Call, index = 0): readonly number[] {
  const items = array(call, index)
  if (!items || items.length === 0 || !items.every((item) => isNumber(item)))
    throw new Unknown('a series with gaps')
  return items.map(Number)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function dot(left: readonly number[], right: readonly number[]): number {
  return sum(left.map((value, index) => value * (right[index] ?? 0)))
}

function sameLength(call: Call): readonly [readonly number[], readonly number[]] {
  const [left, right] = [numbers(call, 0), numbers(call, 1)]
  if (left.length !== right.length) throw new Unknown('series of several lengths')
  return [left, right]
}

function statistics(values: readonly number[]): ReadonlyMap<string, Value> {
  const mean = sum(values) / values.length
  const variance =
    values.length < 2 ? 0 : sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return new Map<string, Value>([
    ['min', low],
    ['min_idx', BigInt(values.indexOf(low))],
    ['max', high],
    ['max_idx', BigInt(values.indexOf(high))],
    ['avg', mean],
    ['stdev', Math.sqrt(variance)],
    ['variance', variance],
    ['sum', sum(values)],
    ['len', BigInt(values.length)],
  ])
}

/** The line of least squares over 1, 2, 3, … */
function line(values: readonly number[]): ReadonlyMap<string, Value> {
  if (values.length < 3) throw new Unknown('a line through too few points')
  const places = values.map((_value, index) => index + 1)
  const [meanX, meanY] = [sum(places) / values.length, sum(values) / values.length]
  const slope =
    sum(values.map((value, index) => ((places[index] ?? 0) - meanX) * (value - meanY))) /
    sum(places.map((place) => (place - meanX) ** 2))
  const interception = meanY - slope * meanX
  const points = places.map((place) => interception + slope * place)
  const rest = sum(values.map((value, index) => (value - (points[index] ?? 0)) ** 2))
  const all = sum(values.map((value) => (value - meanY) ** 2))
  if (all === 0) throw new Unknown('a level line')
  return new Map<string, Value>([
    ['rsquare', 1 - rest / all],
    ['slope', slope],
    ['variance', all / (values.length - 1)],
    ['rvariance', rest / (values.length - 1)],
    ['interception', interception],
    ['line_fit', points],
  ])
}

/** Gaps take the value of the nearest element that is none, in one direction. */
function filled(items: readonly Value[] | null, gap: Value, direction: number): Value {
  if (!items) return null
  const isGap = (item: Value | undefined): boolean => (gap === null ? item === null : item === gap)
  return items.map((item, index) => {
    if (!isGap(item)) return item
    let at = index
    while (at >= 0 && at < items.length && isGap(items[at])) at -= direction
    return items[at] ?? gap
  })
}

function linear(call: Call): Value {
  const items = array(call, 0)
  if (!items) return null
  if (has(call, 1)) throw new Unknown('series_fill_linear with choices')
  const known = items.flatMap((item, index) => (isNumber(item) ? [{ index, value: Number(item) }] : []))
  if (known.length === 0) throw new Unknown('a series of gaps')
  // Whole numbers stay whole.
  const isWhole = items.every((item) => item === null || typeof item === 'bigint')
  const point = (value: number): Value => (isWhole ? BigInt(Math.trunc(value)) : value)
  return items.map((item, index) => {
    if (isNumber(item)) return item
    const before = known.findLast((other) => other.index < index)
    const after = known.find((other) => other.index > index)
    if (!before || !after) return point((before ?? after)?.value ?? 0)
    return point(
      before.value + ((after.value - before.value) * (index - before.index)) / (after.index - before.index),
    )
  })
}

function fir(call: Call): Value {
  const [values, filter] = [numbers(call, 0), numbers(call, 1)]
  const isNormalised = has(call, 2) ? call.values[2] === true : filter.every((value) => value >= 0)
  const isCentred = call.values[3] === true
  if (isNormalised && filter.some((value) => value < 0)) return null
  if (isNormalised && sum(filter) === 0) throw new Unknown('a filter of zeros')
  const scale = isNormalised ? sum(filter) : 1
  const shift = isCentred ? Math.floor(filter.length / 2) : 0
  if (isCentred && filter.length % 2 === 0) throw new Unknown('the centre of an even filter')
  return values.map(
    (_value, index) => sum(filter.map((weight, lag) => weight * (values[index + shift - lag] ?? 0))) / scale,
  )
}

function iir(call: Call): Value {
  const [values, ahead, back] = [numbers(call, 0), numbers(call, 1), numbers(call, 2)]
  const results: number[] = []
  for (const index of values.keys()) {
    const forward = sum(ahead.map((weight, lag) => weight * (values[index - lag] ?? 0)))
    const fed = sum(back.slice(1).map((weight, lag) => weight * (results[index - lag - 1] ?? 0)))
    results.push((forward - fed) / (back[0] ?? 1))
  }
  return results
}

function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b)
  const middle = Math.floor(ordered.length / 2)
  return ordered.length % 2 === 1
    ? (ordered[middle] ?? 0)
    : ((ordered[middle - 1] ?? 0) + (ordered[middle] ?? 0)) / 2
}

export const seriesFunctions: Readonly<Record<string, Meaning>> = {
  series_abs: each(Math.abs),
  series_acos: each(Math.acos),
  series_asin: each(Math.asin),
  series_atan: each(Math.atan),
  series_ceiling: each(Math.ceil),
  series_cos: each(Math.cos),
  series_exp: each(Math.exp),
  series_floor: each(Math.floor),
  series_log: each(Math.log),
  series_sign: each(Math.sign),
  series_sin: each(Math.sin),
  series_tan: each(Math.tan),
  series_add: pairs((a, b) => a + b),
  series_subtract: pairs((a, b) => a - b),
  series_multiply: pairs((a, b) => a * b),
  series_divide: pairs((a, b) => a / b),
  series_pow: pairs((a, b) => a ** b),
  series_equals: pairs((a, b) => a === b),
  series_not_equals: pairs((a, b) => a !== b),
  series_less: pairs((a, b) => a < b),
  series_less_equals: pairs((a, b) => a <= b),
  series_greater: pairs((a, b) => a > b),
  series_greater_equals: pairs((a, b) => a >= b),
  series_sum: (call) => sum(numbers(call)),
  series_product: (call) => numbers(call).reduce((product, value) => product * value, 1),
  series_magnitude: (call) => Math.sqrt(dot(numbers(call), numbers(call))),
  series_dot_product: (call) => {
    if (isArray(call.values[1] ?? null)) return dot(...sameLength(call))
    return sum(numbers(call)) * Number(as(call, 1, 'real'))
  },
  series_cosine_similarity: (call) => {
    const [a, b] = sameLength(call)
    return finite(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))
  },
  series_pearson_correlation: (call) => {
    const [a, b] = sameLength(call)
    const [x, y] = [a, b].map((values) => values.map((value) => value - sum(values) / values.length))
    return finite(dot(x ?? [], y ?? []) / Math.sqrt(dot(x ?? [], x ?? []) * dot(y ?? [], y ?? [])))
  },
  series_stats_dynamic: (call) => statistics(numbers(call)),
  series_stats: (call) => [...statistics(numbers(call)).values()].slice(0, 7),
  series_fit_line_dynamic: (call) => line(numbers(call)),
  series_fit_line: (call) => [...line(numbers(call)).values()],
  series_fill_const: (call) => {
    const items = array(call, 0)
    const gap = has(call, 2) ? (call.values[2] ?? null) : null
    return items?.map((item) => (item === gap ? (call.values[1] ?? null) : item)) ?? null
  },
  series_fill_forward: (call) => filled(array(call, 0), has(call, 1) ? (call.values[1] ?? null) : null, 1),
  series_fill_backward: (call) => filled(array(call, 0), has(call, 1) ? (call.values[1] ?? null) : null, -1),
  series_fill_linear: linear,
  series_fir: fir,
  series_iir: iir,
  series_seasonal: (call) => {
    const values = numbers(call)
    const period = count(call, 1)
    return values.map((_value, index) =>
      median(values.filter((_other, place) => place % period === index % period)),
    )
  },
  series_fft: (call) => fourier(call, -1, 1),
  series_ifft: (call) => fourier(call, 1, array(call, 0)?.length ?? 1),
}

/** By the definition: real and imaginary parts. */
function fourier(call: Call, sign: number, scale: number): Value {
  const [re, im] = [numbers(call, 0), has(call, 1) ? numbers(call, 1) : []]
  const bins = re.map((_value, bin) => {
    const turns = re.map((_item, index) => (sign * 2 * Math.PI * bin * index) / re.length)
    const a = sum(
      turns.map((turn, index) => (re[index] ?? 0) * Math.cos(turn) - (im[index] ?? 0) * Math.sin(turn)),
    )
    const b = sum(
      turns.map((turn, index) => (re[index] ?? 0) * Math.sin(turn) + (im[index] ?? 0) * Math.cos(turn)),
    )
    return [a / scale, b / scale] as const
  })
  return [bins.map(([a]) => a), bins.map(([, b]) => b)]
}
