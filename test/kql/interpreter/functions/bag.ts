import { array, has, text } from '../arguments.ts'
import { convert, toDynamic } from '../convert.ts'
import { readJson } from '../convert.ts'
import { compare, isArray, isBag, Unknown, type Value } from '../value.ts'
import { textOf } from '../text.ts'
import type { Call, Meaning } from '../scope.ts'
import { arithmetic } from '../binary.ts'

function bag(call: Call): ReadonlyMap<string, Value> | null {
  const value = call.values[0] ?? null
  return isBag(value) ? value : null
}

function range(call: Call): Value {
  const [from = null, to = null] = call.values
  const type = call.types[0] ?? 'long'
  const isReal = call.types.includes('real')
  const fallback: Value = type === 'datetime' || type === 'timespan' ? 36_000_000_000n : isReal ? 1 : 1n
  const step = has(call, 2) ? (call.values[2] ?? null) : fallback
  if (from === null || to === null || step === null) return null
  const values: Value[] = []
  const number = (value: Value): Value => (isReal ? Number(value) : value)
  const isUp = compare(step, typeof step === 'bigint' ? 0n : 0) > 0
  if (compare(step, typeof step === 'bigint' ? 0n : 0) === 0) return null
  for (let value: Value = number(from); isUp ? compare(value, to) <= 0 : compare(value, to) >= 0;) {
    values.push(toDynamic(value, type))
    value = arithmetic(
      '+',
      value,
      number(step),
      isReal ? 'real' : 'long',
      isReal ? 'real' : 'long',
      isReal ? 'real' : 'long',
    )
    if (value === null || values.length > 2000) throw new Unknown('a long range')
  }
  return values
}

function extractJson(call: Call): Value {
  const read = readJson(text(call, 1))
  const path = [...text(call, 0).matchAll(/\.([\w ]+)|\["?([^\]"]+)"?\]|\['([^']+)'\]/g)]
  let value: Value | undefined = read
  for (const [, name, key] of path) {
    const step = name ?? key ?? ''
    if (value === undefined) break
    value =
      isArray(value) && /^-?\d+$/.test(step)
        ? value.at(Number(step))
        : isBag(value)
          ? value.get(step)
          : undefined
  }
  const type = call.type
  if (value === undefined) return type === 'string' ? '' : null
  return type === 'string' ? textOf(value, 'dynamic') : convert(value, 'dynamic', type)
}

export const bagFunctions: Readonly<Record<string, Meaning>> = {
  range,
  extract_json: extractJson,
  extractjson: extractJson,
  bag_has_key: (call) => {
    const found = bag(call)
    if (text(call, 1).startsWith('$')) throw new Unknown('a path')
    return found ? found.has(text(call, 1)) : null
  },
  bag_remove_keys: (call) => {
    const found = bag(call)
    if ((array(call, 1) ?? []).some((key) => textOf(key, 'dynamic').startsWith('$')))
      throw new Unknown('a path')
    const keys = new Set((array(call, 1) ?? []).map((key) => textOf(key, 'dynamic')))
    return found ? new Map([...found].filter(([key]) => !keys.has(key))) : null
  },
  bag_set_key: (call) => {
    const found = bag(call)
    if (text(call, 1).startsWith('$')) throw new Unknown('a path')
    return found
      ? new Map([...found, [text(call, 1), toDynamic(call.values[2] ?? null, call.types[2] ?? 'dynamic')]])
      : null
  },
  bag_zip: (call) => {
    const [keys, values] = [array(call, 0), array(call, 1)]
    if (!keys) return null
    const pairs = keys.flatMap((key, index) =>
      typeof key === 'string' ? [[key, values?.[index] ?? null] as const] : [],
    )
    return new Map(pairs)
  },
  array_split: (call) => {
    const items = array(call, 0)
    const at = call.values[1] ?? null
    if (!items || at === null) return null
    const places = (isArray(at) ? at : [at]).map((place) => {
      const index = Number(place)
      return Math.min(items.length, index < 0 ? Math.max(0, index + items.length) : index)
    })
    return [0, ...places].map((start, index) => items.slice(start, places[index] ?? items.length))
  },
  pack_all: (call) => {
    const skipsNull = call.values[0] === true
    const columns = call.scope.input?.columns
    if (!columns) throw new Unknown('pack_all of a row that stands in no table')
    const pairs = columns.map(
      ({ name, type }) => [name, toDynamic(call.scope.row?.get(name) ?? null, type)] as const,
    )
    return new Map(pairs.filter(([, value]) => !skipsNull || (value !== null && value !== '')))
  },
}
