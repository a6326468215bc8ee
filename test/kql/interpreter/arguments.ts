import type { KqlType } from '../../../src/kql/types.ts'
import { convert, emptyOf, toDynamic } from './convert.ts'
import type { Call, Meaning } from './scope.ts'
import { textOf } from './text.ts'
import { Unknown, isArray, type Value } from './value.ts'

/** An argument's text; null is empty. */
export function text(call: Call, index: number): string {
  const value = call.values[index]
  return value === undefined ? '' : textOf(value, call.types[index] ?? 'dynamic')
}

export function has(call: Call, index: number): boolean {
  return call.values[index] !== undefined
}

/** An argument as a type; null where it is none. */
export function as(call: Call, index: number, type: KqlType): Value {
  return convert(call.values[index] ?? null, call.types[index] ?? 'dynamic', type)
}

export function real(call: Call, index: number): number | null {
  const value = as(call, index, 'real')
  return value === null ? null : Number(value)
}

export function whole(call: Call, index: number): bigint | null {
  const value = as(call, index, 'long')
  return typeof value === 'bigint' ? value : null
}

/** An argument that must be a number for the call to mean anything. */
export function count(call: Call, index: number, fallback = 0): number {
  return has(call, index) ? Number(whole(call, index) ?? NaN) : fallback
}

export function array(call: Call, index: number): readonly Value[] | null {
  const value = call.values[index] ?? null
  return isArray(value) ? value : null
}

/** A value as the call's result: a long where a real is due, a scalar where a dynamic is. */
export function fitted(value: Value, from: KqlType, to: KqlType): Value {
  if (value === null) return emptyOf(to)
  if (to === 'dynamic') return toDynamic(value, from)
  if (to === 'real' && typeof value === 'bigint' && (from === 'int' || from === 'long')) return Number(value)
  if (from === 'dynamic') return convert(value, from, to)
  return value
}

/** Null as soon as one of the arguments is. */
export function strict(meaning: Meaning): Meaning {
  return (call) => (call.values.includes(null) ? null : meaning(call))
}

export function tick(value: Value | undefined): bigint {
  if (typeof value !== 'bigint') throw new Unknown('no number of ticks')
  return value
}
