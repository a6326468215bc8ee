import type { ScalarFunction } from './function.ts'
import { comparisonFunctions } from './functions/comparison.ts'
import { conditionalFunctions } from './functions/conditional.ts'
import { conversionFunctions } from './functions/conversion.ts'
import { datetimeFunctions } from './functions/datetime.ts'
import { dynamicFunctions } from './functions/dynamic.ts'
import { mathFunctions } from './functions/math.ts'
import { stringFunctions } from './functions/string.ts'
import { termFunctions } from './functions/term.ts'

/** All scalar functions and operators, by family. A new family is a file in `functions/` and a line here. */
export const scalarFunctions: readonly ScalarFunction[] = [
  ...comparisonFunctions,
  ...conditionalFunctions,
  ...conversionFunctions,
  ...datetimeFunctions,
  ...dynamicFunctions,
  ...mathFunctions,
  ...stringFunctions,
  ...termFunctions,
]

const byName = new Map(scalarFunctions.map((definition) => [definition.name, definition]))

export function scalarFunction(name: string): ScalarFunction | undefined {
  return byName.get(name)
}
