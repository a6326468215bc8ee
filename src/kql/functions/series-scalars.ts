import { bound, call, lambda, nothing, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type FunctionPart, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { constantBool, elementOf, isSeries, knownNumbers, numbersOf } from './series-elements.ts'

/** A number made of one series; null for an empty one. */
function folded(fold: (numbers: SqlExpression) => SqlExpression): ScalarFunction['emit'] {
  return (args) => {
    const source = argument(args, 0).sql
    return bound(knownNumbers(source), (numbers) => when(call('empty', numbers), nothing, fold(numbers)))
  }
}

function squares(numbers: SqlExpression): SqlExpression {
  return call(
    'arraySum',
    lambda(['n'], (number) => call('multiply', number, number)),
    numbers,
  )
}

/** The sum of products; the longer series is cut off, and gaps are left out. */
function dotProduct(args: readonly Operand[], site: CallSite): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  const [series, other] = left.type === 'dynamic' ? [left, right] : [right, left]
  if (series.type !== 'dynamic') return site.refuse('bad-argument', `${site.name} needs a series`)
  return bound(numbersOf(series.sql), (numbers) => {
    const factors =
      other.type === 'dynamic'
        ? numbersOf(other.sql)
        : call('arrayWithConstant', call('length', numbers), convert(other, 'real'))
    return bound(factors, (others) => {
      const size = call('least', call('length', numbers), call('length', others))
      const product = lambda(['a', 'b'], (a, b) => call('ifNull', call('multiply', a, b), 0))
      const total = call(
        'arraySum',
        product,
        call('arraySlice', numbers, 1, size),
        call('arraySlice', others, 1, size),
      )
      return when(call('equals', size, 0), nothing, total)
    })
  })
}

function cosineSimilarity(args: readonly Operand[], site: CallSite): SqlExpression {
  const size = (index: number): SqlExpression => {
    const given = args[index + 2]
    return given ? convert(given, 'real') : call('sqrt', squares(knownNumbers(argument(args, index).sql)))
  }
  return call('divide', dotProduct(args.slice(0, 2), site), call('multiply', size(0), size(1)))
}

function pearsonCorrelation(args: readonly Operand[]): SqlExpression {
  const [left, right] = [argument(args, 0).sql, argument(args, 1).sql]
  return bound(numbersOf(left), (a) =>
    bound(numbersOf(right), (b) => {
      const isGap = lambda(['n'], (number) => call('isNull', number))
      const unfit = call(
        'or',
        call('notEquals', call('length', a), call('length', b)),
        call('empty', a),
        call('arrayExists', isGap, a),
        call('arrayExists', isGap, b),
      )
      return when(unfit, nothing, call('arrayReduce', text('corr'), known(a), known(b)))
    }),
  )
}

function known(numbers: SqlExpression): SqlExpression {
  return call(
    'arrayMap',
    lambda(['n'], (number) => call('ifNull', number, 0)),
    numbers,
  )
}

type Statistic = (numbers: SqlExpression, all: SqlExpression) => SqlExpression

function position(extreme: 'arrayMin' | 'arrayMax'): Statistic {
  return (numbers, all) => call('toInt64', call('minus', call('indexOf', all, call(extreme, numbers)), 1))
}

/** Deviation and variance of a sample; of a single value they are 0. */
function spread(name: 'varSampStable' | 'stddevSampStable'): Statistic {
  return (numbers) =>
    when(
      call('less', call('length', numbers), 2),
      call('toFloat64', 0),
      call('arrayReduce', text(name), numbers),
    )
}

const statistics: readonly {
  readonly name: string
  readonly type: FunctionPart['type']
  readonly of: Statistic
}[] = [
  { name: 'min', type: 'real', of: (numbers) => call('arrayMin', numbers) },
  { name: 'min_idx', type: 'long', of: position('arrayMin') },
  { name: 'max', type: 'real', of: (numbers) => call('arrayMax', numbers) },
  { name: 'max_idx', type: 'long', of: position('arrayMax') },
  { name: 'avg', type: 'real', of: (numbers) => call('arrayAvg', numbers) },
  { name: 'stdev', type: 'real', of: spread('stddevSampStable') },
  { name: 'variance', type: 'real', of: spread('varSampStable') },
]

/** A statistic of the finite numbers; null where others are among them and must not be ignored. */
function statistic(of: Statistic): ScalarFunction['emit'] {
  return (args, site) => {
    const source = argument(args, 0).sql
    const ignores = constantBool(args, 1, false, site)
    return bound(numbersOf(source), (all) => {
      const isFinite = lambda(['n'], (number) => call('ifNull', call('isFinite', number), 0))
      const finite = known(call('arrayFilter', isFinite, all))
      const unfit = ignores
        ? call('empty', finite)
        : call('or', call('empty', all), call('notEquals', call('length', finite), call('length', all)))
      return when(
        unfit,
        nothing,
        bound(finite, (numbers) => of(numbers, all)),
      )
    })
  }
}

function statisticsBag(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = argument(args, 0).sql
  const sized = args.length > 1 && constantBool(args, 1, false, site)
  const printed = statistics.flatMap(({ name, type, of }, index) => {
    const value = statistic(of)(args, site)
    const element = type === 'real' ? elementOf(value) : call('ifNull', call('toString', value), 'null')
    return [`${index === 0 ? '{' : ','}"${name}":`, element]
  })
  const total = statistic((numbers) => call('arraySum', numbers))(args, site)
  const length = call(
    'toString',
    sized ? call('length', knownNumbers(source)) : call('length', numbersOf(source)),
  )
  return when(
    isSeries(source),
    call('concat', ...printed, ',"sum":', elementOf(total), ',"len":', length, '}'),
    text(''),
  )
}

const series = 'dynamic([1, 3, 2])'

/** Numbers made of whole series. */
export const seriesScalarFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_sum',
    doc: 'The sum of the elements.',
    example: [`series_sum(${series})`, 6],
    emit: folded((numbers) => call('arraySum', numbers)),
  },
  {
    name: 'series_product',
    doc: 'The product of the elements.',
    example: [`series_product(${series})`, 6],
    emit: folded((numbers) => call('arrayProduct', numbers)),
  },
  {
    name: 'series_magnitude',
    doc: 'The length of the series as a vector.',
    example: ['series_magnitude(dynamic([3, 4]))', 5],
    emit: folded((numbers) => call('sqrt', squares(numbers))),
  },
  {
    name: 'series_dot_product',
    doc: 'The sum of the products of two series, or of a series and a number.',
    example: ['series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))', 12],
    emit: dotProduct,
  },
  {
    name: 'series_cosine_similarity',
    doc: 'The cosine of the angle between two series; their magnitudes can be given.',
    example: ['series_cosine_similarity(dynamic([3, 4]), dynamic([6, 8]))', 1],
    emit: cosineSimilarity,
  },
  {
    name: 'series_pearson_correlation',
    doc: "Pearson's correlation coefficient; null for series with gaps or of different lengths.",
    example: ['series_pearson_correlation(dynamic([1, 2, 3]), dynamic([3, 2, 1]))', -1],
    emit: pearsonCorrelation,
  },
  {
    name: 'series_stats',
    doc: 'Least, greatest (with their places), mean, deviation and variance of a series, as columns.',
    example: [`toreal(series_stats(${series}))`, 1],
    type: 'real',
    emit: statistic((numbers) => call('arrayMin', numbers)),
    parts: statistics.map(({ name, type, of }) => ({ name, type, emit: statistic(of) })),
  },
  {
    name: 'series_stats_dynamic',
    doc: 'The statistics of a series as a bag, with sum and length.',
    example: [
      `series_stats_dynamic(${series})`,
      { min: 1, min_idx: 0, max: 3, max_idx: 1, avg: 2, stdev: 1, variance: 1, sum: 6, len: 3 },
    ],
    type: 'dynamic',
    total: true,
    emit: statisticsBag,
  },
]
