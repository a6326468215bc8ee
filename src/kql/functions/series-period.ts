import { and, bound, call, integer, lambda, when, type SqlExpression } from '../../sql/node.ts'
import { unless } from './pattern.ts'
import { linePoints, withLine } from './series-fit.ts'

/** Autocorrelation looks at each pair of elements. */
const longest = 5000

/** Kusto finds no shorter period. */
const shortest = 4

/**
 * The period of an array of numbers, in elements: where the autocorrelation of what a line leaves of it is highest
 * among its peaks, up to half the length; 0 where no peak reaches the threshold.
 */
export function detectedPeriod(numbers: SqlExpression, threshold: number, name: string): SqlExpression {
  const found = bound(numbers, (values) => {
    const left = withLine(values, (line) =>
      call(
        'arrayMap',
        lambda(['y', 'f'], (value, fitted) => call('minus', value, fitted)),
        values,
        linePoints(call('arrayEnumerate', values), line),
      ),
    )
    return bound(left, (rest) => bound(correlations(rest), (all) => highestPeak(all, threshold)))
  })
  const isTooLong = call('greater', call('length', numbers), longest)
  const message = `${name} over more than ${longest} elements needs the period as an argument`
  const isShort = call('less', call('length', numbers), 2 * shortest)
  return unless(isTooLong, message, when(isShort, integer(0), found), integer(0))
}

/** The autocorrelation at the distances 0, 1, … up to one more than half the length. */
function correlations(rest: SqlExpression): SqlExpression {
  const product = lambda(['a', 'b'], (left, right) => call('multiply', left, right))
  const size = call('length', rest)
  const distances = call('range', 0, call('plus', call('intDiv', size, 2), 2))
  return bound(call('arraySum', product, rest, rest), (total) => {
    const shifted = lambda(['k'], (distance) =>
      call(
        'divide',
        call(
          'arraySum',
          product,
          call('arraySlice', rest, 1, call('minus', size, distance)),
          call('arraySlice', rest, call('plus', distance, 1)),
        ),
        total,
      ),
    )
    return call('arrayMap', shifted, distances)
  })
}

function highestPeak(all: SqlExpression, threshold: number): SqlExpression {
  const at = (distance: SqlExpression): SqlExpression => call('arrayElement', all, call('plus', distance, 1))
  const isPeak = lambda(['k'], (distance) =>
    and(
      call('greaterOrEquals', at(distance), threshold),
      call('greater', at(distance), at(call('minus', distance, 1))),
      call('greaterOrEquals', at(distance), at(call('plus', distance, 1))),
    ),
  )
  const distances = call('range', shortest, call('greatest', call('minus', call('length', all), 1), shortest))
  const height = lambda(['k'], (distance) => call('negate', at(distance)))
  return call(
    'toInt64',
    call('arrayElement', call('arraySort', height, call('arrayFilter', isPeak, distances)), 1),
  )
}
