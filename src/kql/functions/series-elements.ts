import {
  and,
  bound,
  call,
  cast,
  lambda,
  not,
  nothing,
  real,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { jsonArray } from '../convert.ts'
import { realText } from '../real-text.ts'
import type { CallSite } from '../function.ts'
import type { Operand } from '../operand.ts'

/**
 * Series are dynamic arrays of numbers. Inside a function they are `Array(Nullable(Float64))`; an element that is no
 * number is NULL. A result is JSON text again, or `''` (null) where an argument is no array.
 */
export const realArray = 'Array(Nullable(Float64))'

/** Whether a dynamic holds an array. */
export function isSeries(json: SqlExpression): SqlExpression {
  return call('startsWith', json, '[')
}

/** An element's number. */
export function numberOf(element: SqlExpression): SqlExpression {
  return call(
    'multiIf',
    call('equals', element, '"NaN"'),
    real(Number.NaN),
    call('equals', element, '"Infinity"'),
    real(Number.POSITIVE_INFINITY),
    call('equals', element, '"-Infinity"'),
    real(Number.NEGATIVE_INFINITY),
    call('toFloat64OrNull', element),
  )
}

/** The numbers of a series; of anything else an empty array. */
export function numbersOf(json: SqlExpression): SqlExpression {
  const numbers = call(
    'arrayMap',
    lambda(['e'], (element) => numberOf(element)),
    arrayElements(json),
  )
  return cast(when(isSeries(json), numbers, call('array')), realArray)
}

/** Whether every number of a series is whole; null does not count. */
export function isWhole(json: SqlExpression): SqlExpression {
  return call('not', call('match', call('replaceAll', json, 'null', ''), '[^-0-9,\\[\\] ]|[0-9]{19}'))
}

/** A number as an element of JSON. */
export function elementOf(value: SqlExpression): SqlExpression {
  return bound(value, (number) => {
    const printed = realText(number)
    return call(
      'multiIf',
      call('isNull', number),
      text('null'),
      call('isFinite', number),
      printed,
      call('concat', '"', printed, '"'),
    )
  })
}

/** Numbers as a series. */
export function seriesOf(numbers: SqlExpression): SqlExpression {
  return jsonArray(
    call(
      'arrayMap',
      lambda(['n'], (number) => call('assumeNotNull', elementOf(number))),
      numbers,
    ),
  )
}

/** Whole numbers as a series. */
export function wholesOf(numbers: SqlExpression): SqlExpression {
  return jsonArray(
    call(
      'arrayMap',
      lambda(['n'], (number) => call('ifNull', call('toString', number), 'null')),
      numbers,
    ),
  )
}

/** The result where every one of the dynamics is an array, else null. */
export function whereSeries(sources: readonly SqlExpression[], result: SqlExpression): SqlExpression {
  return when(and(...sources.map((source) => isSeries(source))), result, text(''))
}

/** A value where every one of the dynamics is an array, else NULL. */
export function whereArrays(sources: readonly SqlExpression[], result: SqlExpression): SqlExpression {
  return when(and(...sources.map((source) => isSeries(source))), result, nothing)
}

/** A literal boolean argument, or the default where there is none. */
export function constantBool(
  args: readonly Operand[],
  index: number,
  fallback: boolean,
  call: CallSite,
): boolean {
  const found = args[index]
  if (!found) return fallback
  const value = found.literal?.value
  if (typeof value === 'boolean') return value
  return call.refuse('not-constant', `argument ${index + 1} of ${call.name} must be true or false`)
}

/** The literal numbers of an argument such as `dynamic([1, 2])`. */
export function constantNumbers(args: readonly Operand[], index: number, call: CallSite): readonly number[] {
  const source = args[index]?.literal?.value
  if (typeof source === 'string' && /^\[[-+0-9.eE, ]*\]$/.test(source)) {
    const values: unknown = JSON.parse(source)
    if (Array.isArray(values) && values.every((value) => typeof value === 'number')) return values
  }
  return call.refuse(
    'not-constant',
    `argument ${index + 1} of ${call.name} must be a literal array of numbers`,
  )
}

/** The numbers of a series that must have no gaps: what Kusto makes of gaps here is not known, so the query stops. */
export function completeNumbers(json: SqlExpression, name: string): SqlExpression {
  return bound(numbersOf(json), (numbers) => {
    const gaps = call(
      'arrayExists',
      lambda(['n'], (number) => call('ifNull', not(call('isFinite', number)), 1)),
      numbers,
    )
    const stop = call(
      'throwIf',
      gaps,
      `${name} of a series with missing values is not supported: fill them first`,
    )
    const values = call(
      'arrayMap',
      lambda(['n'], (number) => call('assumeNotNull', number)),
      numbers,
    )
    return when(call('equals', stop, 0), values, call('arrayResize', values, 0))
  })
}

/** The numbers of a series without its gaps. */
export function knownNumbers(json: SqlExpression): SqlExpression {
  const known = call(
    'arrayFilter',
    lambda(['n'], (number) => call('isNotNull', number)),
    numbersOf(json),
  )
  return call(
    'arrayMap',
    lambda(['n'], (number) => call('assumeNotNull', number)),
    known,
  )
}

/** The array moved towards its end, with zeros before it; towards its start where the distance is negative. */
export function moved(numbers: SqlExpression, distance: number): SqlExpression {
  if (distance === 0) return numbers
  const name = distance > 0 ? 'arrayShiftRight' : 'arrayShiftLeft'
  return call(name, numbers, Math.abs(distance), real(0))
}

/** The sum of products with constant factors, taken element by element over moved copies of the array. */
export function weighted(numbers: SqlExpression, factors: readonly number[], shift = 0): SqlExpression {
  const zeros = call(
    'arrayMap',
    lambda(['n'], () => real(0)),
    numbers,
  )
  return factors.reduce<SqlExpression>(
    (sum, factor, index) =>
      call(
        'arrayMap',
        lambda(['a', 'b'], (a, b) => call('plus', a, call('multiply', b, real(factor)))),
        sum,
        moved(numbers, index - shift),
      ),
    zeros,
  )
}
