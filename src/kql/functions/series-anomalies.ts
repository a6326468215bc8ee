import { bound, call, lambda, not, or, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { argument, constantText, type CallSite, type FunctionPart, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { numbersOf, seriesOf, whereSeries, wholesOf } from './series-elements.ts'
import {
  baselineOf,
  decomposed,
  periodArgument,
  pointsArgument,
  residualOf,
  thresholdArgument,
  trendArgument,
  type Model,
} from './series-seasonal.ts'

/** Shares of the values between which Tukey's test finds nothing to report. */
interface Fence {
  readonly low: number
  readonly high: number
}

const fences: Readonly<Record<string, Fence>> = {
  tukey: { low: 0.25, high: 0.75 },
  ctukey: { low: 0.1, high: 0.9 },
}

function fenceArgument(args: readonly Operand[], index: number, site: CallSite): Fence {
  const name = args[index] ? constantText(args, index, site) : 'ctukey'
  return fences[name] ?? site.refuse('bad-argument', 'the test of outliers is tukey or ctukey')
}

/** A literal number, or the default where there is none. */
function numberArgument(args: readonly Operand[], index: number, fallback: number, site: CallSite): number {
  if (!args[index]) return fallback
  const value = Number(args[index]?.literal?.value ?? Number.NaN)
  if (!Number.isNaN(value)) return value
  return site.refuse(
    'not-constant',
    `argument ${index + 1} of ${site.name.split('.')[0]} must be a literal number`,
  )
}

/**
 * Tukey's test: how far a value lies outside the fence, in widths of the fence, negative below it. Where the fence has
 * no width, what lies outside is infinitely far.
 */
function scores(values: SqlExpression, learned: SqlExpression, { low, high }: Fence): SqlExpression {
  const quantile = (share: number): SqlExpression =>
    call('arrayReduce', text(`quantileExactInclusive(${share})`), learned)
  return bound(quantile(low), (bottom) =>
    bound(quantile(high), (top) => {
      const width = call('minus', top, bottom)
      const score = lambda(['v'], (value) =>
        call(
          'multiIf',
          call('greater', value, top),
          call('divide', call('minus', value, top), width),
          call('less', value, bottom),
          call('divide', call('minus', value, bottom), width),
          real(0),
        ),
      )
      return call('arrayMap', score, values)
    }),
  )
}

interface Detection extends Model {
  readonly limit: number
  readonly fence: Fence
}

function detectionOf(args: readonly Operand[], site: CallSite): Detection {
  return {
    limit: numberArgument(args, 1, 1.5, site),
    width: periodArgument(args, 2, site),
    trend: trendArgument(args, 3, site),
    points: pointsArgument(args, 4, site),
    fence: fenceArgument(args, 5, site),
    threshold: thresholdArgument(args, 6, site),
  }
}

function anomalyPart(
  use: (score: SqlExpression, detection: Detection) => SqlExpression,
): ScalarFunction['emit'] {
  return (args, site) => {
    const detection = detectionOf(args, site)
    return decomposed(argument(args, 0).sql, detection, 'series_decompose_anomalies', (parts) =>
      bound(residualOf(parts), (rest) =>
        use(scores(rest, call('arraySlice', rest, 1, parts.kept), detection.fence), detection),
      ),
    )
  }
}

const flags = anomalyPart((score, { limit }) => {
  const flag = lambda(['s'], (value) =>
    call(
      'multiIf',
      call('greater', value, real(limit)),
      call('toInt64', 1),
      call('less', value, real(-limit)),
      call('toInt64', -1),
      call('toInt64', 0),
    ),
  )
  return wholesOf(call('arrayMap', flag, score))
})

const baseline: ScalarFunction['emit'] = (args, site) =>
  decomposed(argument(args, 0).sql, detectionOf(args, site), 'series_decompose_anomalies', (parts) =>
    seriesOf(baselineOf(parts)),
  )

const parts: readonly FunctionPart[] = [
  { name: 'ad_flag', type: 'dynamic', emit: flags },
  { name: 'ad_score', type: 'dynamic', emit: anomalyPart((score) => seriesOf(score)) },
  { name: 'baseline', type: 'dynamic', emit: baseline },
]

function percentileArgument(
  args: readonly Operand[],
  index: number,
  fallback: number,
  site: CallSite,
): number {
  const value = numberArgument(args, index, fallback, site)
  return value >= 2 && value <= 98
    ? value / 100
    : site.refuse('bad-argument', 'a percentile of series_outliers lies between 2 and 98')
}

function outliers(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = argument(args, 0).sql
  const named = fenceArgument(args, 1, site)
  const ignored = args[2]?.literal?.value === null ? Number.NaN : numberArgument(args, 2, Number.NaN, site)
  const isCustom = named === fences['ctukey']
  const fence = isCustom
    ? { low: percentileArgument(args, 3, 10, site), high: percentileArgument(args, 4, 90, site) }
    : named
  const isMissing = (value: SqlExpression): SqlExpression =>
    Number.isNaN(ignored)
      ? not(call('isFinite', call('ifNull', value, real(Number.NaN))))
      : or(call('isNull', value), call('equals', value, real(ignored)))
  const result = bound(numbersOf(source), (values) => {
    const known = call(
      'arrayMap',
      lambda(['v'], (value) => call('assumeNotNull', value)),
      call(
        'arrayFilter',
        lambda(['v'], (value) => not(isMissing(value))),
        values,
      ),
    )
    return bound(known, (learned) => {
      const present = call(
        'arrayMap',
        lambda(['v'], (value) => call('ifNull', value, real(0))),
        values,
      )
      const scored = call(
        'arrayMap',
        lambda(['s', 'v'], (score, value) => when(isMissing(value), real(0), score)),
        scores(present, learned, fence),
        values,
      )
      return seriesOf(scored)
    })
  })
  return whereSeries([source], result)
}

const difference =
  'the scores follow Tukey’s test as documented, in details that Kusto does not publish they may differ'

/** Outliers of series. */
export const seriesAnomalyFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_decompose_anomalies',
    doc: 'The elements of a series that season and trend do not explain: flags, scores and baseline, as columns.',
    example: [
      'todynamic(tostring(series_decompose_anomalies(dynamic([1, 2, 1, 2, 1, 9, 1, 2, 1, 2, 1, 2]), 1.5, 2)))',
      [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ],
    type: 'dynamic',
    approximate: () => difference,
    total: true,
    emit: flags,
    parts,
  },
  {
    name: 'series_outliers',
    doc: 'How far each element of a series lies outside the range of most; beyond 1.5 and -1.5 it is an outlier.',
    example: ['series_outliers(dynamic([0, 1, 2, 3, 4, 20]), "tukey")', [-0.5, -0.1, 0, 0, 0.1, 6.5]],
    type: 'dynamic',
    approximate: () => difference,
    total: true,
    emit: outliers,
  },
]
