import type { Meaning } from './scope.ts'
import { conditionalFunctions } from './functions/conditional.ts'
import { conversionFunctions } from './functions/conversion.ts'
import { numberFunctions } from './functions/number.ts'
import { stringFunctions } from './functions/string.ts'
import { timeFunctions } from './functions/time.ts'
import { dynamicFunctions } from './functions/dynamic.ts'
import { formatFunctions } from './functions/format.ts'
import { encodingFunctions } from './functions/encoding.ts'
import { bagFunctions } from './functions/bag.ts'
import { addressFunctions } from './functions/address.ts'
import { specialFunctions } from './functions/special.ts'
import { seriesFunctions } from './functions/series.ts'
import { parsingFunctions } from './functions/parsing.ts'
import { unitFunctions } from './functions/unit.ts'
import { sketchFunctions } from './functions/sketch.ts'

/** What each scalar function means. */
export const functions: Readonly<Record<string, Meaning>> = {
  ...conditionalFunctions,
  ...conversionFunctions,
  ...numberFunctions,
  ...stringFunctions,
  ...timeFunctions,
  ...dynamicFunctions,
  ...formatFunctions,
  ...encodingFunctions,
  ...bagFunctions,
  ...addressFunctions,
  ...specialFunctions,
  ...seriesFunctions,
  ...parsingFunctions,
  ...unitFunctions,
  ...sketchFunctions,
}
