import { real } from '../arguments.ts'
import type { Meaning } from '../scope.ts'
import { Unknown } from '../value.ts'

function of(formula: (value: number) => number): Meaning {
  return (call) => {
    const value = real(call, 0)
    if (value === null) return null
    if (!Number.isFinite(value)) throw new Unknown('a special function at infinity')
    return formula(value)
  }
}

const lanczos = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
] as const

/** Lanczos' approximation. */
export function gamma(value: number): number {
  if (value < 0.5) return Math.PI / (Math.sin(Math.PI * value) * gamma(1 - value))
  if (Number.isInteger(value) && value < 20)
    return Array.from({ length: value - 1 }, (_item, index) => index + 1).reduce(
      (product, item) => product * item,
      1,
    )
  const x = value - 1
  const sum = lanczos.reduce<number>(
    (total, coefficient, index) => (index === 0 ? coefficient : total + coefficient / (x + index)),
    0,
  )
  const t = x + lanczos.length - 1.5
  return Math.sqrt(2 * Math.PI) * t ** (x + 0.5) * Math.exp(-t) * sum
}

/** A series of positive terms, which loses no digits. */
export function erf(value: number): number {
  if (Math.abs(value) > 6) return Math.sign(value)
  let [term, sum] = [value, value]
  for (let n = 1; n < 200; n += 1) {
    term *= (2 * value * value) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-value * value) * sum
}

export const specialFunctions: Readonly<Record<string, Meaning>> = {
  gamma: of(gamma),
  loggamma: of((value) => Math.log(Math.abs(gamma(value)))),
  erf: of(erf),
  erfc: of((value) => 1 - erf(value)),
  beta_cdf: (call) => {
    const [x, a, b] = [real(call, 0), real(call, 1), real(call, 2)]
    if (x === null || a === null || b === null) return null
    if (!Number.isInteger(a) || !Number.isInteger(b) || x < 0 || x > 1)
      throw new Unknown('a beta distribution of parts')
    // The chance of at least a of a + b - 1 draws.
    const draws = a + b - 1
    const ways = (count: number): number => gamma(draws + 1) / (gamma(count + 1) * gamma(draws - count + 1))
    const chances = Array.from({ length: b }, (_item, index) => a + index)
    return chances.reduce((sum, count) => sum + ways(count) * x ** count * (1 - x) ** (draws - count), 0)
  },
  beta_pdf: (call) => {
    const [x, a, b] = [real(call, 0), real(call, 1), real(call, 2)]
    if (x === null || a === null || b === null) return null
    if (x < 0 || x > 1 || a <= 0 || b <= 0) return NaN
    return (x ** (a - 1) * (1 - x) ** (b - 1) * gamma(a + b)) / (gamma(a) * gamma(b))
  },
}
