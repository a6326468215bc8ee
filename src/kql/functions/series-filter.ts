import { bound, call, lambda, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import {
  completeNumbers,
  constantBool,
  constantNumbers,
  isWhole,
  seriesOf,
  weighted,
  whereSeries,
  wholesOf,
} from './series-elements.ts'

/** More coefficients than this make a query too long. */
const mostCoefficients = 1000

function coefficients(args: readonly Operand[], index: number, site: CallSite): readonly number[] {
  const found = constantNumbers(args, index, site)
  if (found.length === 0 || found.length > mostCoefficients)
    return site.refuse('bad-argument', `a filter has 1 to ${mostCoefficients} coefficients`)
  return found
}

/** A finite impulse response filter. Before the series there are zeros. */
function finite(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = argument(args, 0).sql
  const filter = coefficients(args, 1, site)
  const isNegative = filter.some((factor) => factor < 0)
  const normalizes = constantBool(args, 2, !isNegative, site)
  const isCentered = constantBool(args, 3, false, site)
  if (normalizes && isNegative) return text('')
  if (isCentered && filter.length % 2 === 0) {
    return site.refuse(
      'unsupported-argument',
      'a centered filter with an even number of coefficients is not supported',
    )
  }
  const shift = isCentered ? (filter.length - 1) / 2 : 0
  const total = filter.reduce((sum, factor) => sum + factor, 0)
  return bound(completeNumbers(source, site.name), (numbers) => {
    const filtered = weighted(numbers, filter, shift)
    if (normalizes) {
      const divided = call(
        'arrayMap',
        lambda(['n'], (number) => call('divide', number, real(total))),
        filtered,
      )
      return whereSeries([source], seriesOf(divided))
    }
    const reals = seriesOf(filtered)
    if (!filter.every((factor) => Number.isInteger(factor))) return whereSeries([source], reals)
    const wholes = wholesOf(
      call(
        'arrayMap',
        lambda(['n'], (number) => call('toInt64', number)),
        filtered,
      ),
    )
    return whereSeries([source], when(isWhole(source), wholes, reals))
  })
}

/** An infinite impulse response filter: the outputs so far come back in. */
function infinite(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = argument(args, 0).sql
  const numerators = coefficients(args, 1, site)
  const [first = 0, ...feedback] = coefficients(args, 2, site)
  if (first === 0) return site.refuse('bad-argument', 'the first denominator must not be zero')
  return bound(completeNumbers(source, site.name), (numbers) => {
    const scaled = weighted(
      numbers,
      numerators.map((factor) => factor / first),
    )
    if (feedback.length === 0) return whereSeries([source], seriesOf(scaled))
    if (feedback.length === 1 && feedback[0] === -first)
      return whereSeries([source], seriesOf(call('arrayCumSum', scaled)))
    const step = lambda(['y', 'x'], (outputs, value) => {
      const next = feedback.reduce<SqlExpression>(
        (sum, factor, index) =>
          call(
            'minus',
            sum,
            call('multiply', real(factor / first), call('arrayElement', outputs, -(index + 1))),
          ),
        value,
      )
      return call('arrayPushBack', outputs, next)
    })
    return whereSeries([source], seriesOf(call('arrayFold', step, scaled, call('arrayResize', numbers, 0))))
  })
}

/** Filters over series. */
export const seriesFilterFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_fir',
    doc: 'A finite impulse response filter with constant coefficients, such as a moving average.',
    example: ['series_fir(dynamic([5, 15, 10, 20]), dynamic([1, -1]), false, false)', [5, 10, -5, 10]],
    total: true,
    emit: finite,
  },
  {
    name: 'series_iir',
    doc: 'An infinite impulse response filter with constant coefficients, such as a running sum.',
    example: ['series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))', [1, 3, 6]],
    total: true,
    emit: infinite,
  },
]
