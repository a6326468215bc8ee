import { real, text } from '../arguments.ts'
import type { Meaning } from '../scope.ts'
import { Unknown } from '../value.ts'

/** Units by what one of them is in the first. */
const units: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  angle: { Degree: 1, Arcminute: 1 / 60, Arcsecond: 1 / 3600, Radian: 180 / Math.PI, Revolution: 360 },
  energy: { Joule: 1, Kilojoule: 1000, WattHour: 3600, KilowattHour: 3_600_000 },
  force: { Newton: 1, Decanewton: 10, Kilonewton: 1000, Millinewton: 0.001 },
  length: { Meter: 1, Kilometer: 1000, Centimeter: 0.01, Foot: 0.3048, Inch: 0.0254, Mile: 1609.344 },
  mass: { Kilogram: 1, Gram: 0.001, Pound: 0.453_592_37, Milligram: 0.000_001 },
  speed: { MeterPerSecond: 1, KilometerPerHour: 1 / 3.6, MilePerHour: 0.447_04 },
  volume: { CubicMeter: 1, Liter: 0.001, Milliliter: 0.000_001, CubicDecimeter: 0.001 },
}

const zeros: Readonly<Record<string, readonly [number, number]>> = {
  Kelvin: [1, 0],
  DegreeCelsius: [1, 273.15],
  DegreeFahrenheit: [5 / 9, 459.67 * (5 / 9)],
}

function converter(table: Readonly<Record<string, number>>): Meaning {
  return (call) => {
    const value = real(call, 0)
    const [from, to] = [table[text(call, 1)], table[text(call, 2)]]
    if (from === undefined || to === undefined) throw new Unknown('unit')
    return value === null ? null : (value * from) / to
  }
}

export const unitFunctions: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(Object.entries(units).map(([name, table]) => [`convert_${name}`, converter(table)])),
  convert_temperature: (call) => {
    const value = real(call, 0)
    const [from, to] = [zeros[text(call, 1)], zeros[text(call, 2)]]
    if (!from || !to) throw new Unknown('unit')
    return value === null ? null : (value * from[0] + from[1] - to[1]) / to[0]
  },
}
