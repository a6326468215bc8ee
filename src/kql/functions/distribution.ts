import { and, bound, call, lambda, nothing, or, real, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { unless } from './pattern.ts'

const smallest = real(1e-300)

function isZero(value: SqlExpression): SqlExpression {
  return call('less', call('abs', value), smallest)
}

/** Never zero, so that it can be divided by. */
function divisor(value: SqlExpression): SqlExpression {
  return bound(value, (known) => when(isZero(known), smallest, known))
}

/**
 * The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated as Lentz does.
 * It converges fast where x is below the mean of the distribution.
 */
function fraction(x: SqlExpression, a: SqlExpression, b: SqlExpression): SqlExpression {
  const part = (state: SqlExpression, index: number): SqlExpression => call('tupleElement', state, index)
  const advance = (state: SqlExpression, term: SqlExpression): SqlExpression =>
    bound(divisor(call('plus', 1, call('divide', term, part(state, 1)))), (numerator) =>
      bound(call('divide', 1, divisor(call('plus', 1, call('multiply', term, part(state, 2))))), (inverse) =>
        call(
          'tuple',
          numerator,
          inverse,
          call('multiply', part(state, 3), call('multiply', numerator, inverse)),
        ),
      ),
    )
  const step = lambda(['state', 'm'], (state, m) => {
    const twice = call('multiply', 2, m)
    const even = call(
      'divide',
      call('multiply', call('multiply', m, call('minus', b, m)), x),
      call('multiply', call('minus', call('plus', a, twice), 1), call('plus', a, twice)),
    )
    const odd = call(
      'negate',
      call(
        'divide',
        call('multiply', call('multiply', call('plus', a, m), call('plus', call('plus', a, b), m)), x),
        call('multiply', call('plus', a, twice), call('plus', call('plus', a, twice), 1)),
      ),
    )
    return bound(advance(state, even), (half) => advance(half, odd))
  })
  const first = call(
    'divide',
    1,
    divisor(call('minus', 1, call('divide', call('multiply', call('plus', a, b), x), call('plus', a, 1)))),
  )
  const start = bound(first, (value) => call('tuple', real(1), value, value))
  // It takes in the order of the square root of the greater parameter.
  const terms = call('toUInt32', call('plus', 40, call('multiply', 5, call('sqrt', call('greatest', a, b)))))
  const counts = call(
    'arrayMap',
    lambda(['m'], (m) => call('toFloat64', m)),
    call('range', 1, terms),
  )
  return part(call('arrayFold', step, counts, start), 3)
}

/** The share of a beta distribution below x, for x from 0 to 1; beyond its middle by what lies above. */
function below(x: SqlExpression, a: SqlExpression, b: SqlExpression): SqlExpression {
  const middle = call('divide', call('plus', a, 1), call('plus', call('plus', a, b), 2))
  const sides = (far: SqlExpression): SqlExpression =>
    when(far, call('tuple', call('minus', 1, x), b, a), call('tuple', x, a, b))
  const share = bound(sides(call('greaterOrEquals', x, middle)), (side) => {
    const [share, own, other] = [1, 2, 3].map((index) => call('tupleElement', side, index))
    if (!share || !own || !other) throw new Error('a side has three parts')
    const logarithm = call(
      'plus',
      call(
        'minus',
        call('lgamma', call('plus', own, other)),
        call('plus', call('lgamma', own), call('lgamma', other)),
      ),
      call(
        'plus',
        call('multiply', own, call('log', share)),
        call('multiply', other, call('log1p', call('negate', share))),
      ),
    )
    const scaled = call('divide', call('exp', logarithm), own)
    return when(call('greater', share, 0), call('multiply', scaled, fraction(share, own, other)), real(0))
  })
  return bound(share, (value) => when(call('greaterOrEquals', x, middle), call('minus', 1, value), value))
}

function isNoParameter(value: SqlExpression): SqlExpression {
  return or(call('lessOrEquals', value, 0), call('greater', value, 10_000))
}

function overReals(
  args: readonly Operand[],
  body: (x: SqlExpression, a: SqlExpression, b: SqlExpression) => SqlExpression,
): SqlExpression {
  const [x, a, b] = [0, 1, 2].map((index) => convert(argument(args, index), 'real'))
  if (!x || !a || !b) throw new Error('a distribution needs three arguments')
  const isMissing = or(...[x, a, b].map((value) => call('isNull', value)))
  const known = (value: SqlExpression): SqlExpression => call('assumeNotNull', value)
  const result = bound(known(x), (value) =>
    bound(known(a), (alpha) => bound(known(b), (beta) => body(value, alpha, beta))),
  )
  return when(isMissing, nothing, result)
}

/** Halves the interval until it cannot be told from a point; a point too near to 0 for that is refused. */
function inverse(p: SqlExpression, a: SqlExpression, b: SqlExpression, site: CallSite): SqlExpression {
  const halve = lambda(['bounds', 'i'], (bounds) => {
    const [low, high] = [call('tupleElement', bounds, 1), call('tupleElement', bounds, 2)]
    return bound(call('divide', call('plus', low, high), 2), (middle) =>
      when(call('less', below(middle, a, b), p), call('tuple', middle, high), call('tuple', low, middle)),
    )
  })
  const found = call('arrayFold', halve, call('range', 56), call('tuple', real(0), real(1)))
  return bound(call('tupleElement', found, 2), (value) =>
    unless(call('less', value, real(1e-6)), `${site.name}: a result below 0.000001`, value, real(0)),
  )
}

/** The two-sided p-value of Student's t with real degrees of freedom. */
function welch(args: readonly Operand[]): SqlExpression {
  const values = args.map((value) => convert(value, 'real'))
  const isMissing = or(...values.map((value) => call('isNull', value)))
  const [mean1, variance1, count1, mean2, variance2, count2] = values.map((value) =>
    call('assumeNotNull', value),
  )
  if (!mean1 || !variance1 || !count1 || !mean2 || !variance2 || !count2)
    throw new Error('welch_test needs six arguments')
  const square = (value: SqlExpression): SqlExpression => call('multiply', value, value)
  const spread = call('tuple', call('divide', variance1, count1), call('divide', variance2, count2))
  const result = bound(spread, (both) => {
    const [first, second] = [call('tupleElement', both, 1), call('tupleElement', both, 2)]
    const sum = call('plus', first, second)
    const inner = call(
      'plus',
      call('divide', square(first), call('minus', count1, 1)),
      call('divide', square(second), call('minus', count2, 1)),
    )
    const t = call('divide', square(call('minus', mean1, mean2)), sum)
    return bound(call('divide', square(sum), inner), (freedom) =>
      bound(call('divide', freedom, call('plus', freedom, t)), (share) =>
        when(
          and(call('isFinite', share), call('greater', freedom, 0)),
          below(share, call('divide', freedom, 2), real(0.5)),
          real(Number.NaN),
        ),
      ),
    )
  })
  return when(isMissing, nothing, result)
}

/** Distributions of chance. */
export const distributionFunctions: readonly ScalarFunction[] = [
  {
    name: 'beta_cdf',
    doc: 'The share of a beta distribution below a value.',
    example: ['beta_cdf(0.5, 2.0, 3.0)', 0.6875],
    emit: (args) =>
      overReals(args, (x, a, b) =>
        call(
          'multiIf',
          or(call('less', x, 0), call('greater', x, 1), isNoParameter(a), isNoParameter(b)),
          real(Number.NaN),
          below(x, a, b),
        ),
      ),
  },
  {
    name: 'beta_inv',
    doc: 'The value below which a share of a beta distribution lies.',
    example: ['beta_inv(0.6875, 2.0, 3.0)', 0.5],
    emit: (args, site) =>
      overReals(args, (p, a, b) =>
        call(
          'multiIf',
          or(call('less', p, 0), call('greater', p, 1)),
          nothing,
          or(isNoParameter(a), isNoParameter(b)),
          real(Number.NaN),
          call('in', p, call('tuple', 0, 1)),
          p,
          inverse(p, a, b, site),
        ),
      ),
  },
  {
    name: 'welch_test',
    doc: 'The p-value of Welch’s test of two means: mean, variance and count of each sample.',
    example: ['welch_test(20.82, 7.8674285714, 15, 22.986666666667, 3.8126666667, 15)', 0.021378001],
    emit: welch,
  },
]
