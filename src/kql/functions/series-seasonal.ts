import { bound, call, lambda, real, text, type SqlExpression } from '../../sql/node.ts'
import { argument, constantInteger, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { completeNumbers, seriesOf, whereSeries } from './series-elements.ts'
import { linePoints, withLine } from './series-fit.ts'

/** The literal period; 0 is none. */
function period(args: readonly Operand[], index: number, site: CallSite): number {
  const given = args[index] ? Number(constantInteger(args, index, site)) : -1
  if (given >= 0) return given
  return site.refuse(
    'unsupported-argument',
    `${site.name.split('.')[0] ?? ''} without a period is not supported: how Kusto detects one is not documented`,
    'give the period in elements, or 0 for none',
  )
}

function points(args: readonly Operand[], index: number, site: CallSite): number {
  const given = args[index] ? Number(constantInteger(args, index, site)) : 0
  return given >= 0 ? given : site.refuse('bad-argument', 'the number of test points must not be negative')
}

/** For each element the median of the elements that stand at its place in the period, test points left out. */
function seasonal(numbers: SqlExpression, learned: SqlExpression, width: number): SqlExpression {
  if (width === 0)
    return call(
      'arrayMap',
      lambda(['n'], () => real(0)),
      numbers,
    )
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
  return call('arraySlice', call('arrayFlatten', cycles), 1, call('length', numbers))
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

interface Model {
  readonly width: number
  readonly trend: (typeof trends)[number]
  readonly points: number
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

function decomposed(source: SqlExpression, model: Model, component: Component, name: string): SqlExpression {
  const result = bound(completeNumbers(source, name), (numbers) => {
    const stop = call(
      'throwIf',
      call('lessOrEquals', call('length', numbers), model.points + model.width),
      `${name} needs more elements than the period and the test points`,
    )
    const kept = call('minus', call('length', numbers), model.points)
    const learned = call('arraySlice', numbers, 1, call('plus', kept, stop))
    return bound(seasonal(numbers, learned, model.width), (season) => {
      if (component === 'seasonal') return seriesOf(season)
      return bound(trendOf(numbers, call('arraySlice', minus(numbers, season), 1, kept), model), (trend) => {
        if (component === 'trend') return seriesOf(trend)
        const baseline = plus(season, trend)
        return seriesOf(component === 'baseline' ? baseline : minus(numbers, baseline))
      })
    })
  })
  return whereSeries([source], result)
}

function trendArgument(args: readonly Operand[], index: number, site: CallSite): Model['trend'] {
  const name = args[index] ? constantText(args, index, site) : 'avg'
  const found = trends.find((trend) => trend === name)
  return found ?? site.refuse('bad-argument', 'the trend is avg, linefit or none')
}

function component(name: Component): ScalarFunction['emit'] {
  return (args, site) => {
    const model = {
      width: period(args, 1, site),
      trend: trendArgument(args, 2, site),
      points: points(args, 3, site),
    }
    return decomposed(argument(args, 0).sql, model, name, 'series_decompose')
  }
}

const components: readonly Component[] = ['baseline', 'seasonal', 'trend', 'residual']

/** Series that repeat. */
export const seriesSeasonalFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_seasonal',
    doc: 'The part of a series that repeats with a given period: the median of the elements at one place of it.',
    example: ['series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)', [1, 3, 5, 1, 3, 5, 1, 3, 5]],
    total: true,
    emit: (args, site) => {
      const source = argument(args, 0).sql
      const width = period(args, 1, site)
      if (width === 0) return site.refuse('bad-argument', 'the period must be positive')
      const test = points(args, 2, site)
      const result = bound(completeNumbers(source, site.name), (numbers) => {
        const learned = call(
          'arraySlice',
          numbers,
          1,
          call('greatest', call('minus', call('length', numbers), test), 0),
        )
        return seriesOf(seasonal(numbers, learned, width))
      })
      return whereSeries([source], result)
    },
  },
  {
    name: 'series_decompose',
    doc: 'A series as season, trend and the rest, as columns; the period must be given.',
    example: ['todynamic(tostring(series_decompose(dynamic([1, 2, 1, 2, 1, 2]), 2)))', [1, 2, 1, 2, 1, 2]],
    type: 'dynamic',
    total: true,
    emit: component('baseline'),
    parts: components.map((name) => ({ name, type: 'dynamic', emit: component(name) })),
  },
  {
    name: 'series_decompose_forecast',
    doc: 'The last elements of a series as its season and trend foretell them; the period must be given.',
    example: [
      'todynamic(tostring(series_decompose_forecast(dynamic([1, 2, 1, 2, 1, 2, 0, 0]), 2, 2)))',
      [1, 2, 1, 2, 1, 2, 1, 2],
    ],
    type: 'dynamic',
    total: true,
    emit: (args, site) => {
      const model = {
        width: period(args, 2, site),
        trend: trendArgument(args, 3, site),
        points: points(args, 1, site),
      }
      return decomposed(argument(args, 0).sql, model, 'baseline', site.name)
    },
  },
]
