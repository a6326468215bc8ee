import { fitted, has, real, strict, whole, tick } from '../arguments.ts'
import type { Call, Meaning } from '../scope.ts'
import { highestDatetime } from '../text.ts'
import { Unknown, wrap, type Value } from '../value.ts'

function of(formula: (value: number) => number): Meaning {
  return (call) => {
    const value = real(call, 0)
    return value === null ? null : formula(value)
  }
}

function two(formula: (left: number, right: number) => number): Meaning {
  return (call) => {
    const [left, right] = [real(call, 0), real(call, 1)]
    return left === null || right === null ? null : formula(left, right)
  }
}

function bits(formula: (left: bigint, right: bigint) => bigint): Meaning {
  return (call) => {
    if (call.values.some((value) => typeof value === 'number')) throw new Unknown('the bits of a real')
    const [left, right] = [whole(call, 0), has(call, 1) ? whole(call, 1) : 0n]
    return left === null || right === null ? null : wrap(formula(left, right))
  }
}

/** Down to a multiple of the size, counted from an offset. */
export function floorTo(value: Value, size: Value, offset: Value): Value {
  if (typeof value === 'bigint' && typeof size === 'bigint' && typeof offset === 'bigint') {
    if (size <= 0n) return null
    const rest = (((value - offset) % size) + size) % size
    return wrap(value - rest)
  }
  const [v, s, o] = [Number(value), Number(size), Number(offset)]
  return s <= 0 ? null : Math.floor((v - o) / s) * s + o
}

function bin(call: Call): Value {
  const [value = null, size = null] = call.values
  if (value === null || size === null) return null
  const type = call.type
  const [fit, step] = [
    fitted(value, call.types[0] ?? type, type),
    fitted(size, call.types[1] ?? type, type === 'datetime' ? 'timespan' : type),
  ]
  const floored = floorTo(fit, step, type === 'real' ? 0 : 0n)
  if (type === 'datetime' && typeof floored === 'bigint' && (floored < 0n || floored > highestDatetime))
    return null
  return floored
}

function rounded(call: Call): Value {
  const value = real(call, 0)
  if (value === null) return null
  const digits = has(call, 1) ? Number(whole(call, 1) ?? NaN) : 0
  if (!Number.isFinite(value)) return value
  const scale = 10 ** digits
  return (Math.sign(value) * Math.round(Math.abs(value) * scale)) / scale
}

/** False for all that is not so, null as well. */
function realTest(test: (value: number) => boolean): Meaning {
  return ({ values: [value = null] }) => value !== null && test(Number(value))
}

export const numberFunctions: Readonly<Record<string, Meaning>> = {
  abs: strict((call) => {
    const [value = null] = call.values
    if (typeof value === 'bigint') return wrap(value < 0n ? -value : value, call.type)
    return Math.abs(Number(value))
  }),
  acos: of(Math.acos),
  asin: of(Math.asin),
  atan: of(Math.atan),
  atan2: two(Math.atan2),
  cos: of(Math.cos),
  sin: of(Math.sin),
  tan: of(Math.tan),
  cot: of((value) => 1 / Math.tan(value)),
  degrees: of((value) => (value / Math.PI) * 180),
  radians: of((value) => (value / 180) * Math.PI),
  exp: of(Math.exp),
  exp2: of((value) => 2 ** value),
  exp10: of((value) => 10 ** value),
  log: logarithm(Math.log),
  log2: logarithm(Math.log2),
  log10: logarithm(Math.log10),
  sqrt: of(Math.sqrt),
  pow: two(power),
  pi: () => Math.PI,
  ceiling: (call) => {
    const [value = null] = call.values
    return typeof value === 'bigint' ? value : value === null ? null : Math.ceil(Number(value))
  },
  sign: (call) => {
    const value = real(call, 0)
    return value === null ? null : Number.isNaN(value) ? 0 : Math.sign(value)
  },
  round: rounded,
  bin,
  floor: bin,
  bin_at: strict((call) => {
    const [value = null, size = null, point = null] = call.values.map((item, index) => {
      const type = call.types[index] ?? call.type
      return call.type === 'real' ? fitted(item, type, 'real') : item
    })
    const found = floorTo(value, size, point)
    return call.type === 'datetime' && typeof found === 'bigint' && found < 0n ? null : found
  }),
  isnan: realTest((value) => Number.isNaN(value)),
  isinf: realTest((value) => Math.abs(value) === Infinity),
  isfinite: realTest((value) => Number.isFinite(value)),
  binary_and: bits((a, b) => a & b),
  binary_or: bits((a, b) => a | b),
  binary_xor: bits((a, b) => a ^ b),
  binary_not: bits((a) => ~a),
  binary_shift_left: bits((a, b) => a << (((b % 64n) + 64n) % 64n)),
  binary_shift_right: bits((a, b) => a >> (((b % 64n) + 64n) % 64n)),
  bitset_count_ones: strict((call) =>
    BigInt(BigInt.asUintN(64, tick(call.values[0])).toString(2).replaceAll('0', '').length),
  ),
}

/** As IEEE 754 says: JavaScript alone gives NaN for 1 to the power of NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  return base ** exponent
}

/** Null for what is below zero. */
function logarithm(formula: (value: number) => number): Meaning {
  return (call) => {
    const value = real(call, 0)
    return value === null || value < 0 ? null : formula(value)
  }
}
