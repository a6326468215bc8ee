import { assertNever } from '../../error.ts'
import { bound, call, cast, integer, lambda, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, constantInteger, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { unless } from './pattern.ts'
import { completeNumbers, seriesOf, whereSeries } from './series-elements.ts'
import { linePoints, withLine } from './series-fit.ts'
import { detectedPeriod } from './series-period.ts'

/** The literal period; 0 is none, and -1 or nothing is one that the numbers tell. */
export function periodArgument(args: readonly Operand[], index: number, site: CallSite): number {
  return args[index] ? Math.max(Number(constantInteger(args, index, site)), -1) : -1
}

/** What to say of a call whose period is not given. */
export function detectedNotice(index: number): NonNullable<ScalarFunction['approximate']> {
  return (args) => {
    const given = args[index]
    const isGiven = given !== undefined && !(given.kind === 'literal' && Number(given.value) < 0)
    return isGiven
      ? undefined
      : 'the period is found by autocorrelation and may differ from Kusto’s; give it in elements to be sure'
  }
}

/** How many elements at the end are test points; a number from the rows below zero or null stops the query. */
export function pointsArgument(args: readonly Operand[], index: number, site: CallSite): SqlExpression {
  const given = args[index]
  if (!given) return integer(0)
  if (given.literal) {
    const count = constantInteger(args, index, site)
    return count >= 0n ? integer(count) : site.refuse('bad-argument', 'the test points must not be negative')
  }
  const count = call('ifNull', convert(given, 'long'), -1)
  return unless(call('less', count, 0), `${site.name}: no number of test points`, count, integer(0))
}

/** For each element the median of the elements that stand at its place in the period, test points left out. */
function seasonal(numbers: SqlExpression, learned: SqlExpression, period: SqlExpression): SqlExpression {
  const width = call('greatest', period, 1)
  const medians = lambda(['p'], (phase) => {
    const isThere = lambda(['n', 'i'], (_number, place) =>
      call('equals', call('modulo', call('minus', place, 1), width), phase),
    )
    return call(
      'arrayReduce',
      text('quantileExactInclusive(0.5)'),
      call('arrayFilter', isThere, learned, call('arrayEnumerate', learned)),
    )
  })
  const cycle = call('arrayMap', medians, call('range', call('least', width, call('length', numbers))))
  const cycles = call(
    'arrayWithConstant',
    call('plus', call('intDiv', call('length', numbers), width), 1),
    cycle,
  )
  const repeated = call('arraySlice', call('arrayFlatten', cycles), 1, call('length', numbers))
  const none = call(
    'arrayMap',
    lambda(['n'], () => real(0)),
    numbers,
  )
  return when(call('equals', period, 0), none, cast(repeated, 'Array(Float64)'))
}

function minus(left: SqlExpression, right: SqlExpression): SqlExpression {
  return call(
    'arrayMap',
    lambda(['a', 'b'], (a, b) => call('minus', a, b)),
    left,
    right,
  )
}

function plus(left: SqlExpression, right: SqlExpression): SqlExpression {
  return call(
    'arrayMap',
    lambda(['a', 'b'], (a, b) => call('plus', a, b)),
    left,
    right,
  )
}

const trends = ['avg', 'linefit', 'none'] as const

export interface Model {
  /** In elements; 0 for none, -1 for one that the numbers tell. */
  readonly width: number
  /** The least autocorrelation of a period that the numbers tell. */
  readonly threshold: number
  readonly trend: (typeof trends)[number]
  /** Elements at the end that nothing is learned from. */
  readonly points: SqlExpression
}

/** A trend over all elements, learned from those that are no test points. */
function trendOf(numbers: SqlExpression, learned: SqlExpression, { trend }: Model): SqlExpression {
  const places = call('arrayEnumerate', numbers)
  if (trend === 'none')
    return call(
      'arrayMap',
      lambda(['i'], () => real(0)),
      places,
    )
  if (trend === 'linefit') return withLine(learned, (line) => linePoints(places, line))
  return bound(call('arrayAvg', learned), (mean) =>
    call(
      'arrayMap',
      lambda(['i'], () => mean),
      places,
    ),
  )
}

type Component = 'baseline' | 'seasonal' | 'trend' | 'residual'

/** The parts of a series, as arrays of numbers. */
export interface Parts {
  readonly numbers: SqlExpression
  readonly season: SqlExpression
  readonly trend: SqlExpression
  /** How many elements were learned from. */
  readonly kept: SqlExpression
}

/** Takes a series apart, and gives null for what is no array. */
export function decomposed(
  source: SqlExpression,
  model: Model,
  name: string,
  use: (parts: Parts) => SqlExpression,
): SqlExpression {
  const result = bound(completeNumbers(source, name), (numbers) => {
    const stop = call(
      'throwIf',
      call('lessOrEquals', call('length', numbers), call('plus', model.points, Math.max(model.width, 0))),
      `${name} needs more elements than the period and the test points`,
    )
    const kept = call('minus', call('length', numbers), model.points)
    const learned = call('arraySlice', numbers, 1, call('plus', kept, stop))
    const period = model.width < 0 ? detectedPeriod(learned, model.threshold, name) : integer(model.width)
    return bound(period, (width) =>
      bound(seasonal(numbers, learned, width), (season) =>
        bound(trendOf(numbers, call('arraySlice', minus(numbers, season), 1, kept), model), (trend) =>
          use({ numbers, season, trend, kept }),
        ),
      ),
    )
  })
  return whereSeries([source], result)
}

function componentOf({ numbers, season, trend }: Parts, name: Component): SqlExpression {
  switch (name) {
    case 'seasonal':
      return season
    case 'trend':
      return trend
    case 'baseline':
      return plus(season, trend)
    case 'residual':
      return minus(numbers, plus(season, trend))
    default:
      return assertNever(name)
  }
}

/** The season and trend of a series: what it would be without chance. */
export function baselineOf(parts: Parts): SqlExpression {
  return componentOf(parts, 'baseline')
}

/** What season and trend leave of a series. */
export function residualOf(parts: Parts): SqlExpression {
  return componentOf(parts, 'residual')
}

/** The literal number at a position; the least score of a period that Kusto takes is 0.6. */
export function thresholdArgument(args: readonly Operand[], index: number, site: CallSite): number {
  if (!args[index]) return 0.6
  const value = Number(args[index]?.literal?.value ?? Number.NaN)
  return value >= 0 && value <= 1
    ? value
    : site.refuse('bad-argument', 'the threshold of a season is a number from 0 to 1')
}

export function trendArgument(args: readonly Operand[], index: number, site: CallSite): Model['trend'] {
  const name = args[index] ? constantText(args, index, site) : 'avg'
  const found = trends.find((trend) => trend === name)
  return found ?? site.refuse('bad-argument', 'the trend is avg, linefit or none')
}

function component(name: Component): ScalarFunction['emit'] {
  return (args, site) => {
    const model = {
      width: periodArgument(args, 1, site),
      trend: trendArgument(args, 2, site),
      points: pointsArgument(args, 3, site),
      threshold: thresholdArgument(args, 4, site),
    }
    return decomposed(argument(args, 0).sql, model, 'series_decompose', (parts) =>
      seriesOf(componentOf(parts, name)),
    )
  }
}

function forecast(args: readonly Operand[], site: CallSite): SqlExpression {
  const model = {
    width: periodArgument(args, 2, site),
    trend: trendArgument(args, 3, site),
    points: pointsArgument(args, 1, site),
    threshold: thresholdArgument(args, 4, site),
  }
  return decomposed(argument(args, 0).sql, model, site.name, (parts) => seriesOf(baselineOf(parts)))
}

const components: readonly Component[] = ['baseline', 'seasonal', 'trend', 'residual']

/** Series that repeat. */
export const seriesSeasonalFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_seasonal',
    doc: 'The part of a series that repeats: the median of the elements at one place of its period.',
    approximate: detectedNotice(1),
    example: ['series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)', [1, 3, 5, 1, 3, 5, 1, 3, 5]],
    total: true,
    emit: (args, site) => {
      const source = argument(args, 0).sql
      const width = periodArgument(args, 1, site)
      if (width === 0) return site.refuse('bad-argument', 'the period must be positive')
      const test = pointsArgument(args, 2, site)
      const result = bound(completeNumbers(source, site.name), (numbers) => {
        const learned = call(
          'arraySlice',
          numbers,
          1,
          call('greatest', call('minus', call('length', numbers), test), 0),
        )
        if (width > 0) return seriesOf(seasonal(numbers, learned, integer(width)))
        return bound(detectedPeriod(learned, thresholdArgument([], 0, site), site.name), (period) =>
          seriesOf(seasonal(numbers, learned, period)),
        )
      })
      return whereSeries([source], result)
    },
  },
  {
    name: 'series_decompose',
    doc: 'A series as season, trend and the rest, as columns.',
    approximate: detectedNotice(1),
    example: ['todynamic(tostring(series_decompose(dynamic([1, 2, 1, 2, 1, 2]), 2)))', [1, 2, 1, 2, 1, 2]],
    type: 'dynamic',
    total: true,
    emit: component('baseline'),
    parts: components.map((name) => ({ name, type: 'dynamic', emit: component(name) })),
  },
  {
    name: 'series_decompose_forecast',
    doc: 'The last elements of a series as its season and trend foretell them.',
    approximate: detectedNotice(2),
    example: [
      'todynamic(tostring(series_decompose_forecast(dynamic([1, 2, 1, 2, 1, 2, 0, 0]), 2, 2)))',
      [1, 2, 1, 2, 1, 2, 1, 2],
    ],
    type: 'dynamic',
    total: true,
    emit: forecast,
  },
]
