import type { ScalarFunction } from './function.ts'
import { arrayFunctions } from './functions/array.ts'
import { bagFunctions } from './functions/bag.ts'
import { bitFunctions } from './functions/bits.ts'
import { calendarFunctions } from './functions/calendar.ts'
import { comparisonFunctions } from './functions/comparison.ts'
import { conditionalFunctions } from './functions/conditional.ts'
import { distributionFunctions } from './functions/distribution.ts'
import { conversionFunctions } from './functions/conversion.ts'
import { datetimeFormatFunctions } from './functions/datetime-format.ts'
import { datetimeFunctions } from './functions/datetime.ts'
import { dynamicFunctions } from './functions/dynamic.ts'
import { encodingFunctions } from './functions/encoding.ts'
import { generalFunctions } from './functions/general.ts'
import { geoLineFunctions } from './functions/geo-lines.ts'
import { geoCellFunctions } from './functions/geo-cells.ts'
import { geoFunctions } from './functions/geo.ts'
import { geoIpFunctions } from './functions/geo-ip.ts'
import { hashFunctions } from './functions/hash.ts'
import { ipFunctions } from './functions/ip.ts'
import { ipv6Functions } from './functions/ipv6.ts'
import { mathFunctions } from './functions/math.ts'
import { numericFunctions } from './functions/numeric.ts'
import { parsingFunctions } from './functions/parsing.ts'
import { punycodeFunctions } from './functions/punycode.ts'
import { regexFunctions } from './functions/regex.ts'
import { seriesFunctions } from './functions/series.ts'
import { setFunctions } from './functions/set.ts'
import { sketchFunctions } from './functions/sketches.ts'
import { stringFunctions } from './functions/string.ts'
import { termFunctions } from './functions/term.ts'
import { timezoneFunctions } from './functions/timezone.ts'
import { unitFunctions } from './functions/units.ts'
import { userAgentFunctions } from './functions/user-agent.ts'
import { wellKnownTextFunctions } from './functions/well-known-text.ts'

/** All scalar functions and operators, by family. A new family is a file in `functions/` and a line here. */
export const scalarFunctions: readonly ScalarFunction[] = [
  ...arrayFunctions,
  ...bagFunctions,
  ...bitFunctions,
  ...calendarFunctions,
  ...comparisonFunctions,
  ...conditionalFunctions,
  ...conversionFunctions,
  ...distributionFunctions,
  ...datetimeFormatFunctions,
  ...datetimeFunctions,
  ...dynamicFunctions,
  ...encodingFunctions,
  ...generalFunctions,
  ...geoCellFunctions,
  ...geoLineFunctions,
  ...geoFunctions,
  ...geoIpFunctions,
  ...hashFunctions,
  ...ipFunctions,
  ...ipv6Functions,
  ...mathFunctions,
  ...numericFunctions,
  ...parsingFunctions,
  ...punycodeFunctions,
  ...regexFunctions,
  ...seriesFunctions,
  ...setFunctions,
  ...sketchFunctions,
  ...stringFunctions,
  ...termFunctions,
  ...timezoneFunctions,
  ...unitFunctions,
  ...userAgentFunctions,
  ...wellKnownTextFunctions,
]

const byName = new Map(
  scalarFunctions.flatMap((definition) => [[definition.name, definition] as const, ...partsOf(definition)]),
)

function partsOf({ name, doc, example, parts = [] }: ScalarFunction): (readonly [string, ScalarFunction])[] {
  return parts.map((part) => [
    `${name}.${part.name}`,
    { ...part, name: `${name}.${part.name}`, doc, example },
  ])
}

export function scalarFunction(name: string): ScalarFunction | undefined {
  return byName.get(name)
}
