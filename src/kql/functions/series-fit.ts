import { bound, call, lambda, text, when, type SqlExpression } from '../../sql/node.ts'
import { argument, type CallSite, type FunctionPart, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { completeNumbers, elementOf, isSeries, seriesOf, whereArrays } from './series-elements.ts'

/** The best line through numbers at the places 1, 2, …: every part as SQL over names that are bound once. */
interface Line {
  readonly numbers: SqlExpression
  readonly size: SqlExpression
  readonly slope: SqlExpression
  readonly interception: SqlExpression
}

/** Binds the line of an array of numbers; two points at least make one. */
export function withLine(numbers: SqlExpression, use: (line: Line) => SqlExpression): SqlExpression {
  return bound(numbers, (values) =>
    bound(call('toFloat64', call('length', values)), (size) =>
      bound(call('divide', call('plus', size, 1), 2), (middle) => {
        const product = lambda(['y', 'i'], (value, place) =>
          call('multiply', value, call('minus', place, middle)),
        )
        const square = lambda(['i'], (place) =>
          call('multiply', call('minus', place, middle), call('minus', place, middle)),
        )
        const places = call('arrayEnumerate', values)
        const rise = call(
          'divide',
          call('arraySum', product, values, places),
          call('arraySum', square, places),
        )
        return bound(rise, (slope) =>
          bound(call('minus', call('arrayAvg', values), call('multiply', slope, middle)), (interception) =>
            use({ numbers: values, size, slope, interception }),
          ),
        )
      }),
    ),
  )
}

/** The line's points at the places of an array. */
export function linePoints(
  places: SqlExpression,
  { slope, interception }: Pick<Line, 'slope' | 'interception'>,
): SqlExpression {
  return call(
    'arrayMap',
    lambda(['i'], (place) => call('plus', call('multiply', slope, place), interception)),
    places,
  )
}

function residualVariance(line: Line): SqlExpression {
  const { slope, interception } = line
  const square = lambda(['y', 'i'], (value, place) =>
    call('pow', call('minus', value, call('plus', call('multiply', slope, place), interception)), 2),
  )
  return call(
    'divide',
    call('arraySum', square, line.numbers, call('arrayEnumerate', line.numbers)),
    call('minus', line.size, 1),
  )
}

function variance({ numbers }: Line): SqlExpression {
  return call('arrayReduce', text('varSampStable'), numbers)
}

/** A series that does not vary has no such share: what Kusto makes of it is not known. */
function rsquare(line: Line): SqlExpression {
  return bound(variance(line), (all) => {
    const stop = call(
      'throwIf',
      call('equals', all, 0),
      'series_fit_line of a series that does not vary is not supported',
    )
    return when(call('equals', stop, 0), call('minus', 1, call('divide', residualVariance(line), all)), all)
  })
}

const parts: readonly {
  readonly name: string
  readonly type: FunctionPart['type']
  readonly of: (line: Line) => SqlExpression
}[] = [
  { name: 'rsquare', type: 'real', of: rsquare },
  { name: 'slope', type: 'real', of: ({ slope }) => slope },
  { name: 'variance', type: 'real', of: variance },
  { name: 'rvariance', type: 'real', of: residualVariance },
  { name: 'interception', type: 'real', of: ({ interception }) => interception },
  {
    name: 'line_fit',
    type: 'dynamic',
    of: (line) => seriesOf(linePoints(call('arrayEnumerate', line.numbers), line)),
  },
]

/** The numbers of a series that is long enough for a line. */
function fitted(source: SqlExpression): SqlExpression {
  return bound(completeNumbers(source, 'series_fit_line'), (numbers) => {
    const stop = call(
      'throwIf',
      call('less', call('length', numbers), 2),
      'series_fit_line of fewer than two elements is not supported',
    )
    return when(call('equals', stop, 0), numbers, call('arrayResize', numbers, 0))
  })
}

function part(of: (line: Line) => SqlExpression, type: FunctionPart['type']): ScalarFunction['emit'] {
  return (args) => {
    const source = argument(args, 0).sql
    // What is no array has no line: another one stands in, so that the query goes on.
    const value = withLine(fitted(when(isSeries(source), source, text('[0,1]'))), of)
    return type === 'dynamic' ? when(isSeries(source), value, text('')) : whereArrays([source], value)
  }
}

function bag(args: readonly Operand[], site: CallSite): SqlExpression {
  const printed = parts.flatMap(({ name, type, of }, index) => {
    const value = part(of, type)(args, site)
    return [
      `${index === 0 ? '{' : ','}"${name}":`,
      type === 'dynamic' ? value : call('ifNull', elementOf(value), 'null'),
    ]
  })
  return when(isSeries(argument(args, 0).sql), call('concat', ...printed, '}'), text(''))
}

/** Lines through series. */
export const seriesFitFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_fit_line',
    doc: 'The line that fits a series best: its share of the variance, slope, variances, interception and points, as columns.',
    example: ['toreal(series_fit_line(dynamic([1, 3, 5])))', 1],
    type: 'real',
    emit: part(rsquare, 'real'),
    parts: parts.map(({ name, type, of }) => ({ name, type, emit: part(of, type) })),
  },
  {
    name: 'series_fit_line_dynamic',
    doc: 'The line that fits a series best, as a bag.',
    example: [
      'series_fit_line_dynamic(dynamic([1, 3, 5]))',
      { rsquare: 1, slope: 2, variance: 4, rvariance: 0, interception: -1, line_fit: [1, 3, 5] },
    ],
    type: 'dynamic',
    total: true,
    emit: bag,
  },
]
