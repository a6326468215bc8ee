import { call, real, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'

type Factors = Readonly<Record<string, number>>

const prefixes: Factors = {
  Nano: 1e-9,
  Micro: 1e-6,
  Milli: 1e-3,
  Centi: 1e-2,
  Deci: 1e-1,
  Deca: 1e1,
  Hecto: 1e2,
  Kilo: 1e3,
  Mega: 1e6,
  Giga: 1e9,
}

/** A unit with decimal prefixes before it. */
function scaled(unit: string, factor: number, names: readonly string[]): Factors {
  const lower = unit.toLowerCase()
  return Object.fromEntries([
    [unit, factor],
    ...names.map((name): [string, number] => [`${name}${lower}`, factor * (prefixes[name] ?? 1)]),
  ])
}

const fine = ['Nano', 'Micro', 'Milli', 'Centi', 'Deci']

/** Factors to each quantity's own unit: degree, joule, newton, metre, kilogram, metre per second, cubic metre. */
const quantities: Readonly<Record<string, Factors>> = {
  angle: {
    ...scaled('Degree', 1, ['Nano', 'Micro', 'Milli']),
    ...scaled('Radian', 180 / Math.PI, fine),
    Arcminute: 1 / 60,
    Arcsecond: 1 / 3600,
    Gradian: 0.9,
    Revolution: 360,
  },
  energy: {
    ...scaled('Joule', 1, ['Milli', 'Kilo', 'Mega', 'Giga']),
    ...scaled('Calorie', 4.184, ['Kilo', 'Mega']),
    BritishThermalUnit: 1055.05585262,
    Erg: 1e-7,
    WattHour: 3600,
    KilowattHour: 3.6e6,
    MegawattHour: 3.6e9,
    GigawattHour: 3.6e12,
  },
  force: {
    ...scaled('Newton', 1, ['Micro', 'Milli', 'Deca', 'Kilo', 'Mega']),
    Dyn: 1e-5,
    KilogramForce: 9.80665,
    KiloPond: 9.80665,
    PoundForce: 4.4482216152605,
    TonneForce: 9806.65,
  },
  length: {
    ...scaled('Meter', 1, ['Nano', 'Micro', 'Milli', 'Centi', 'Deci', 'Hecto', 'Kilo']),
    Angstrom: 1e-10,
    Fathom: 1.8288,
    Foot: 0.3048,
    Hand: 0.1016,
    Inch: 0.0254,
    Mil: 2.54e-5,
    Mile: 1609.344,
    NauticalMile: 1852,
    Yard: 0.9144,
  },
  mass: {
    ...scaled('Gram', 1e-3, ['Nano', 'Micro', 'Milli', 'Centi', 'Deci', 'Deca', 'Hecto', 'Kilo']),
    Grain: 6.479891e-5,
    LongTon: 1016.0469088,
    Ounce: 0.028349523125,
    Pound: 0.45359237,
    ShortTon: 907.18474,
    Stone: 6.35029318,
    Tonne: 1000,
  },
  speed: {
    ...scaled('MeterPerSecond', 1, []),
    CentimeterPerSecond: 0.01,
    FootPerSecond: 0.3048,
    InchPerSecond: 0.0254,
    KilometerPerHour: 1 / 3.6,
    KilometerPerSecond: 1000,
    Knot: 1852 / 3600,
    MeterPerHour: 1 / 3600,
    MeterPerMinute: 1 / 60,
    MilePerHour: 0.44704,
    MillimeterPerSecond: 0.001,
    YardPerSecond: 0.9144,
  },
  volume: {
    ...scaled('Liter', 1e-3, ['Nano', 'Micro', 'Milli', 'Centi', 'Deci', 'Hecto', 'Kilo', 'Mega']),
    AcreFoot: 1 / 0.000810714,
    CubicCentimeter: 1e-6,
    CubicDecimeter: 1e-3,
    CubicFoot: 0.028316846592,
    CubicInch: 1.6387064e-5,
    CubicKilometer: 1e9,
    CubicMeter: 1,
    CubicMillimeter: 1e-9,
    CubicYard: 0.764554857984,
  },
}

/** Temperatures in kelvin: `value * factor + offset`. */
const temperatures: Readonly<Record<string, readonly [factor: number, offset: number]>> = {
  Kelvin: [1, 0],
  DegreeCelsius: [1, 273.15],
  MillidegreeCelsius: [1e-3, 273.15],
  DegreeFahrenheit: [5 / 9, 273.15 - (32 * 5) / 9],
  DegreeRankine: [5 / 9, 0],
}

function unit<Known>(
  known: Readonly<Record<string, Known>>,
  args: readonly Operand[],
  index: number,
  site: CallSite,
): Known {
  const name = constantText(args, index, site)
  const found = Object.hasOwn(known, name) ? known[name] : undefined
  if (found !== undefined) return found
  return site.refuse(
    'unsupported-argument',
    `${site.name} does not know the unit ${name}`,
    `one of ${Object.keys(known).join(', ')}`,
  )
}

function converted(factors: Factors, args: readonly Operand[], site: CallSite): SqlExpression {
  const [from, to] = [unit(factors, args, 1, site), unit(factors, args, 2, site)]
  const value = convert(argument(args, 0), 'real')
  return from === to ? value : call('divide', call('multiply', value, real(from)), real(to))
}

const examples: Readonly<Record<string, readonly [string, number]>> = {
  angle: ["1.2, 'Degree', 'Arcminute'", 72],
  energy: ["1.0, 'KilowattHour', 'Joule'", 3_600_000],
  force: ["1.2, 'Newton', 'Decanewton'", 0.12],
  length: ["1.0, 'Foot', 'Inch'", 12],
  mass: ["1.0, 'Pound', 'Gram'", 453.59237],
  speed: ["36.0, 'KilometerPerHour', 'MeterPerSecond'", 10],
  volume: ["1.0, 'CubicMeter', 'Liter'", 1000],
}

/** Units of measure. */
export const unitFunctions: readonly ScalarFunction[] = [
  ...Object.entries(quantities).map(([quantity, factors]): ScalarFunction => {
    const [example, value] = examples[quantity] ?? ['', 0]
    return {
      name: `convert_${quantity}`,
      doc: `Converts between units of ${quantity}.`,
      example: [`convert_${quantity}(${example})`, value],
      emit: (args, site) => converted(factors, args, site),
    }
  }),
  {
    name: 'convert_temperature',
    doc: 'Converts between units of temperature.',
    example: ["convert_temperature(0.0, 'DegreeCelsius', 'Kelvin')", 273.15],
    emit: (args, site) => {
      const [[factor, offset], [toFactor, toOffset]] = [
        unit(temperatures, args, 1, site),
        unit(temperatures, args, 2, site),
      ]
      const kelvin = call(
        'plus',
        call('multiply', convert(argument(args, 0), 'real'), real(factor)),
        real(offset),
      )
      return call('divide', call('minus', kelvin, real(toOffset)), real(toFactor))
    },
  },
]
