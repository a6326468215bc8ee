import type { ScalarFunction } from '../function.ts'
import { seriesArithmeticFunctions } from './series-arithmetic.ts'
import { seriesFillFunctions } from './series-fill.ts'
import { seriesFilterFunctions } from './series-filter.ts'
import { seriesScalarFunctions } from './series-scalars.ts'

/** Calculations on dynamic arrays of numbers, such as `make-series` makes. */
export const seriesFunctions: readonly ScalarFunction[] = [
  ...seriesArithmeticFunctions,
  ...seriesFillFunctions,
  ...seriesFilterFunctions,
  ...seriesScalarFunctions,
]
