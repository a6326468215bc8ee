import type { Meaning } from './scope.ts'
import { conditionalFunctions } from './functions/conditional.ts'
import { conversionFunctions } from './functions/conversion.ts'
import { numberFunctions } from './functions/number.ts'
import { stringFunctions } from './functions/string.ts'
import { timeFunctions } from './functions/time.ts'
import { dynamicFunctions } from './functions/dynamic.ts'

/** What each scalar function means. */
export const functions: Readonly<Record<string, Meaning>> = {
  ...conditionalFunctions,
  ...conversionFunctions,
  ...numberFunctions,
  ...stringFunctions,
  ...timeFunctions,
  ...dynamicFunctions,
}
