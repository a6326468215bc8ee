import type { ScalarFunction } from '../function.ts'
import { seriesAnomalyFunctions } from './series-anomalies.ts'
import { seriesArithmeticFunctions } from './series-arithmetic.ts'
import { seriesFillFunctions } from './series-fill.ts'
import { seriesFilterFunctions } from './series-filter.ts'
import { seriesFitPolyFunctions } from './series-fit-poly.ts'
import { seriesFitFunctions } from './series-fit.ts'
import { seriesFourierFunctions } from './series-fourier.ts'
import { seriesScalarFunctions } from './series-scalars.ts'
import { seriesSeasonalFunctions } from './series-seasonal.ts'

/** Calculations on dynamic arrays of numbers, such as `make-series` makes. */
export const seriesFunctions: readonly ScalarFunction[] = [
  ...seriesAnomalyFunctions,
  ...seriesArithmeticFunctions,
  ...seriesFillFunctions,
  ...seriesFilterFunctions,
  ...seriesFitFunctions,
  ...seriesFitPolyFunctions,
  ...seriesFourierFunctions,
  ...seriesScalarFunctions,
  ...seriesSeasonalFunctions,
]
