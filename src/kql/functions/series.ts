import type { ScalarFunction } from '../function.ts'
import { seriesArithmeticFunctions } from './series-arithmetic.ts'

/** Calculations on dynamic arrays of numbers, such as `make-series` makes. */
export const seriesFunctions: readonly ScalarFunction[] = [...seriesArithmeticFunctions]
