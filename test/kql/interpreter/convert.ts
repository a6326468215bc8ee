import type { KqlType } from '../../../src/kql/types.ts'
import { highestDatetime, readDatetime, readTimespan, textOf } from './text.ts'
import { Unknown, type Value } from './value.ts'

/** What a column of the type holds where there is nothing. */
export function emptyOf(type: KqlType): Value {
  return type === 'string' ? '' : null
}

/** A value as another type; null where it is none. */
export function convert(value: Value, from: KqlType, to: KqlType): Value {
  if (value === null) return emptyOf(to)
  if (to === 'string') return textOf(value, from)
  if (to === 'dynamic') return toDynamic(value, from)
  if (from === to) return value
  const isTime = to === 'datetime' || to === 'timespan'
  if (isTime && from === 'dynamic' && (typeof value === 'bigint' || typeof value === 'number'))
    throw new Unknown('a number in a dynamic as a time')
  if (to === 'bool' && from === 'dynamic' && typeof value === 'number' && !Number.isFinite(value))
    throw new Unknown('an infinite number in a dynamic as a bool')
  const convertTo = converters[to]
  if (!convertTo) throw new Unknown(`${from} to ${to}`)
  return convertTo(value, from)
}

/** Times in dynamics are text. */
export function toDynamic(value: Value, from: KqlType): Value {
  if (value === null || from === 'dynamic') return value
  return from === 'datetime' || from === 'timespan' ? textOf(value, from) : value
}

const converters: Readonly<Partial<Record<KqlType, (value: Value, from: KqlType) => Value>>> = {
  int: (value, from) => integer(value, from, 32),
  long: (value, from) => integer(value, from, 64),
  real: (value) => {
    if (typeof value === 'number') return value
    if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
    return typeof value === 'string' ? readReal(value) : null
  },
  bool: (value) => {
    if (typeof value === 'boolean') return value
    if (typeof value === 'bigint' || typeof value === 'number') return Number(value) !== 0
    if (typeof value !== 'string') return null
    const text = value.toLowerCase()
    if (text !== text.trim() || text.startsWith('0x')) throw new Unknown('an odd bool')
    if (text === 'true') return true
    if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', '')) !== 0n
    return text === 'false' ? false : null
  },
  datetime: (value) => {
    if (typeof value === 'string') return readDatetime(value)
    if (typeof value !== 'bigint' && typeof value !== 'number') return null
    const ticks = typeof value === 'bigint' ? value : BigInt(Math.trunc(value))
    return ticks < 0n || ticks > highestDatetime ? null : ticks
  },
  timespan: (value) => {
    if (typeof value === 'string') return readTimespan(value)
    if (typeof value === 'bigint') return value
    return null
  },
  guid: (value) => {
    if (typeof value !== 'string') return null
    const found = /^\s*\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?\s*$/i.exec(value)
    if (!found && /^[0-9a-f]{32}$/i.test(value.replaceAll('-', ''))) {
      if (value.includes('-')) throw new Unknown('an odd guid')
    }
    if (/^[0-9a-f]{32}$/i.test(value)) {
      return value.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    }
    return found?.[1]?.toLowerCase() ?? null
  },
}

function integer(value: Value, from: KqlType, bits: number): Value {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'bigint') return BigInt.asIntN(bits, value)
  if (typeof value === 'number') return saturated(value, bits)
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) {
    if (bits === 32 && text.length > 9) throw new Unknown('a long hexadecimal int')
    return BigInt.asIntN(bits, BigInt(text))
  }
  if (!/^[+-]?\d+$/.test(text)) return from === 'dynamic' ? null : null
  return limited(BigInt(text.replace('+', '')), bits)
}

function limited(value: bigint, bits: number): Value {
  return BigInt.asIntN(bits, value) === value ? value : null
}

/** A real cut to a whole number, within the bounds of the type. */
function saturated(value: number, bits: number): Value {
  if (!Number.isFinite(value)) return null
  const highest = 2n ** BigInt(bits - 1) - 1n
  if (value >= Number(highest)) return highest
  if (value <= -Number(highest) - 1) return -highest - 1n
  return BigInt(Math.trunc(value))
}

function readReal(source: string): Value {
  const text = source.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^[+]?(inf|Infinity)$/.test(text)) return Infinity
  if (/^-(inf|Infinity)$/.test(text)) return -Infinity
  return /^nan$/i.test(text) ? NaN : null
}

/** JSON text as a dynamic; nothing where it is no JSON. */
export function readJson(text: string): Value | undefined {
  try {
    // The reviver gives values; what JSON.parse makes of them is one too.
    return fromJson(JSON.parse(text, exact))
  } catch {
    return undefined
  }
}

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value
  const source = context?.source ?? ''
  if (!/^-?\d+$/.test(source)) return value
  const whole = BigInt(source)
  return BigInt.asIntN(64, whole) === whole ? whole : value
}

function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map((item: unknown) => fromJson(item))
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]))
  }
  if (value === null || ['boolean', 'bigint', 'number', 'string'].includes(typeof value))
    return value as Value
  throw new Unknown('JSON')
}
