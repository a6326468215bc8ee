import { bound, call, lambda, real, text, tupleOf, when, type SqlExpression } from '../../sql/node.ts'
import {
  argument,
  constantInteger,
  type CallSite,
  type FunctionPart,
  type ScalarFunction,
} from '../function.ts'
import type { Operand } from '../operand.ts'
import { completeNumbers, isSeries, seriesOf, whereArrays } from './series-elements.ts'

/** Beyond this the powers of the places drown in rounding. */
const highestDegree = 8

interface Fit {
  readonly numbers: SqlExpression
  readonly points: SqlExpression
  /** From the lowest power to the highest. */
  readonly coefficients: SqlExpression
}

function sumOf(a: SqlExpression, b: SqlExpression): SqlExpression {
  return call(
    'arraySum',
    lambda(['a', 'b'], (left, right) => call('multiply', left, right)),
    a,
    b,
  )
}

/** `a + factor * b`, element by element. */
function added(a: SqlExpression, factor: SqlExpression, b: SqlExpression): SqlExpression {
  return call(
    'arrayMap',
    lambda(['a', 'b'], (left, right) => call('plus', left, call('multiply', factor, right))),
    a,
    b,
  )
}

/**
 * Least squares by polynomials that are orthogonal over the places (Forsythe 1957): each next one is
 * `(x - a) * current - b * previous`, and its share of the numbers needs no system of equations.
 */
function fitted(
  numbers: SqlExpression,
  places: SqlExpression,
  degree: number,
  use: (fit: Fit) => SqlExpression,
): SqlExpression {
  const constant = (size: SqlExpression | number, value: number): SqlExpression =>
    call('arrayWithConstant', size, real(value))
  return bound(numbers, (y) =>
    bound(places, (x) => {
      const size = call('length', y)
      const one = call('arrayConcat', constant(1, 1), constant(degree, 0))
      const start = tupleOf([
        constant(size, 0),
        constant(size, 1),
        constant(degree + 1, 0),
        one,
        real(0),
        constant(size, 0),
        constant(degree + 1, 0),
      ])
      const step = lambda(['s', 'k'], (state) => {
        const of = (index: number): SqlExpression => call('tupleElement', state, index)
        const [previous, current, previousPowers, powers, previousNorm, points, coefficients] = [
          1, 2, 3, 4, 5, 6, 7,
        ].map((index) => of(index))
        if (!previous || !current || !previousPowers || !powers || !previousNorm || !points || !coefficients)
          throw new Error('the state has seven parts')
        const squares = call(
          'arrayMap',
          lambda(['p'], (value) => call('multiply', value, value)),
          current,
        )
        return bound(call('arraySum', squares), (norm) =>
          bound(call('divide', sumOf(y, current), norm), (share) =>
            bound(call('negate', call('divide', sumOf(x, squares), norm)), (shift) =>
              bound(
                when(
                  call('equals', previousNorm, 0),
                  real(0),
                  call('negate', call('divide', norm, previousNorm)),
                ),
                (back) => {
                  const moved = call(
                    'arrayMap',
                    lambda(['p', 'x'], (value, place) => call('multiply', value, call('plus', place, shift))),
                    current,
                    x,
                  )
                  const raised = added(call('arrayShiftRight', powers, 1, real(0)), shift, powers)
                  return tupleOf([
                    current,
                    added(moved, back, previous),
                    powers,
                    added(raised, back, previousPowers),
                    norm,
                    added(points, share, current),
                    added(coefficients, share, powers),
                  ])
                },
              ),
            ),
          ),
        )
      })
      const result = call('arrayFold', step, call('range', degree + 1), start)
      return bound(result, (state) =>
        use({
          numbers: y,
          points: call('tupleElement', state, 6),
          coefficients: call('tupleElement', state, 7),
        }),
      )
    }),
  )
}

function residualVariance({ numbers, points }: Fit): SqlExpression {
  const square = lambda(['y', 'p'], (value, point) => call('pow', call('minus', value, point), 2))
  return call('divide', call('arraySum', square, numbers, points), call('minus', call('length', numbers), 1))
}

function variance({ numbers }: Fit): SqlExpression {
  return call('arrayReduce', text('varSampStable'), numbers)
}

function rsquare(fit: Fit): SqlExpression {
  return bound(variance(fit), (all) => {
    const stop = call(
      'throwIf',
      call('equals', all, 0),
      'series_fit_poly of a series that does not vary is not supported',
    )
    return when(call('equals', stop, 0), call('minus', 1, call('divide', residualVariance(fit), all)), all)
  })
}

const parts: readonly {
  readonly name: string
  readonly type: FunctionPart['type']
  readonly of: (fit: Fit) => SqlExpression
}[] = [
  { name: 'rsquare', type: 'real', of: rsquare },
  {
    name: 'coefficients',
    type: 'dynamic',
    of: ({ coefficients }) => seriesOf(call('arrayReverse', coefficients)),
  },
  { name: 'variance', type: 'real', of: variance },
  { name: 'rvariance', type: 'real', of: residualVariance },
  { name: 'poly_fit', type: 'dynamic', of: ({ points }) => seriesOf(points) },
]

function degreeOf(args: readonly Operand[], site: CallSite): number {
  const degree = args[2] ? Number(constantInteger(args, 2, site)) : 1
  if (degree >= 1 && degree <= highestDegree) return degree
  return site.refuse(
    'unsupported-argument',
    `a polynomial of degree ${degree} is not supported`,
    `the degree is from 1 to ${highestDegree}`,
  )
}

function part(of: (fit: Fit) => SqlExpression, type: FunctionPart['type']): ScalarFunction['emit'] {
  return (args, site) => {
    const degree = degreeOf(args, site)
    if (args.slice(0, 2).some(({ type: given }) => given !== 'dynamic'))
      return site.refuse('bad-argument', 'series_fit_poly takes series')
    const given = [argument(args, 0).sql, ...(args[1] ? [args[1].sql] : [])]
    const areSeries = call('and', ...given.map((source) => isSeries(source)), 1)
    // What is no array has no fit: another one stands in, so that the query goes on.
    const stand = text(
      `[${Array.from({ length: degree + 2 }, (_item, index) => index * index * index).join(',')}]`,
    )
    const [y, x] = given.map((source) => completeNumbers(when(areSeries, source, stand), 'series_fit_poly'))
    if (!y) throw new Error('a fit has numbers')
    const value = bound(y, (numbers) => {
      const places =
        x ??
        call(
          'arrayMap',
          lambda(['i'], (place) => call('toFloat64', place)),
          call('arrayEnumerate', numbers),
        )
      return bound(places, (at) => {
        const unfit = call(
          'or',
          call('notEquals', call('length', at), call('length', numbers)),
          call('lessOrEquals', call('length', call('arrayDistinct', at)), degree),
        )
        const stop = call(
          'throwIf',
          unfit,
          'series_fit_poly needs series of one length with more different places than the degree',
        )
        return fitted(when(call('equals', stop, 0), numbers, call('arrayResize', numbers, 0)), at, degree, of)
      })
    })
    return type === 'dynamic' ? when(areSeries, value, text('')) : whereArrays(given, value)
  }
}

/** Polynomials through series. */
export const seriesFitPolyFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_fit_poly',
    doc: 'The polynomial of a literal degree that fits a series best, as columns; places are 1, 2, … or a second series.',
    example: ['round(toreal(series_fit_poly(dynamic([1, 4, 9, 16]), dynamic([1, 2, 3, 4]), 2)), 6)', 1],
    type: 'real',
    emit: part(rsquare, 'real'),
    parts: parts.map(({ name, type, of }) => ({ name, type, emit: part(of, type) })),
  },
]
