import { array, count, has, strict, text } from '../arguments.ts'
import { toDynamic } from '../convert.ts'
import { compareText } from '../value.ts'
import type { Call, Meaning } from '../scope.ts'
import { Unknown, anyOrder, isArray, isBag, keyOf, type Value } from '../value.ts'

function isNumber(item: Value): boolean {
  return typeof item === 'bigint' || typeof item === 'number'
}

function packArray(call: Call): Value {
  return call.values.map((value, index) => toDynamic(value, call.types[index] ?? 'dynamic'))
}

function bagPack(call: Call): Value {
  const bag = new Map<string, Value>()
  for (let index = 0; index + 1 < call.values.length; index += 2) {
    bag.set(text(call, index), toDynamic(call.values[index + 1] ?? null, call.types[index + 1] ?? 'dynamic'))
  }
  return bag
}

function length(call: Call): Value {
  const found = array(call, 0)
  return found ? BigInt(found.length) : null
}

/** Both arrays, without repetitions; nothing where one of them is none. */
function sets(call: Call): readonly ReadonlyMap<string, Value>[] | null {
  const all = call.values.map((value) =>
    isArray(value) ? new Map(value.map((item) => [keyOf(item), item])) : null,
  )
  const known = all.filter((item) => item !== null)
  return known.length === all.length ? known : null
}

function shifted(call: Call, direction: number): Value {
  const items = array(call, 0)
  if (!items || call.values[1] === null) return null
  const distance = count(call, 1) * direction
  const fallback = has(call, 2)
    ? toDynamic(call.values[2] ?? null, call.types[2] ?? 'dynamic')
    : items.some((item) => typeof item === 'string')
      ? ''
      : null
  return items.map((_item, index) => {
    const from = index + distance
    return from >= 0 && from < items.length ? (items[from] ?? null) : fallback
  })
}

function rotated(call: Call, direction: number): Value {
  const items = array(call, 0)
  if (!items || call.values[1] === null) return null
  const distance = count(call, 1) * direction
  return items.map(
    (_item, index) => items[(((index + distance) % items.length) + items.length) % items.length] ?? null,
  )
}

function sorted(direction: number): Meaning {
  return (call) => {
    if (call.values.length !== 1) throw new Unknown('sort of several arrays')
    const items = array(call, 0)
    if (!items) return null
    if (items.some((item) => isArray(item) || isBag(item) || typeof item === 'boolean'))
      throw new Unknown('sort of arrays')
    const kind = (item: Value): number => (item === null ? 2 : typeof item === 'string' ? 1 : 0)
    const numbers = items.filter((item) => isNumber(item))
    if (new Set(numbers.map(Number)).size < new Set(numbers.map((item) => keyOf(item))).size)
      throw new Unknown('which of 1 and 1.0 comes first')
    const kinds = new Set(items.filter((item) => item !== null).map((item) => kind(item)))
    if (kinds.size > 1 && direction < 0) throw new Unknown('sort of several kinds')
    return items.toSorted((a, b) => {
      if (kind(a) !== kind(b)) return kind(a) - kind(b)
      if (a === null) return 0
      return (
        (typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)) *
        direction
      )
    })
  }
}

function slice(call: Call): Value {
  const items = array(call, 0)
  if (!items) return null
  const place = (index: number): number => (index < 0 ? index + items.length : index)
  return items.slice(Math.max(0, place(count(call, 1))), Math.max(0, place(count(call, 2)) + 1))
}

function choose(call: Call): Value {
  const conditions = array(call, 0)
  if (!conditions) return null
  const side = (index: number, at: number): Value => {
    const value = call.values[index] ?? null
    return isArray(value) ? (value[at] ?? null) : toDynamic(value, call.types[index] ?? 'dynamic')
  }
  return conditions.map((condition, at) => {
    if (condition === null) return null
    return side(condition === true || (typeof condition !== 'boolean' && Number(condition) !== 0) ? 1 : 2, at)
  })
}

export const dynamicFunctions: Readonly<Record<string, Meaning>> = {
  pack_array: packArray,
  pack: bagPack,
  bag_pack: bagPack,
  pack_dictionary: bagPack,
  array_length: length,
  arraylength: length,
  array_concat: (call) => {
    const all = call.values.map((_value, index) => array(call, index))
    if (all.every((items) => items === null)) throw new Unknown('a chain of no arrays')
    return all.flatMap((items) => items ?? [])
  },
  array_iff: choose,
  array_iif: choose,
  array_index_of: (call) => {
    const items = array(call, 0)
    if (!items) return null
    const sought = toDynamic(call.values[1] ?? null, call.types[1] ?? 'dynamic')
    if (call.values.length > 2) throw new Unknown('array_index_of in a part')
    return BigInt(
      items.findIndex((item) =>
        isNumber(item) && isNumber(sought) ? Number(item) === Number(sought) : keyOf(item) === keyOf(sought),
      ),
    )
  },
  array_reverse: (call) => array(call, 0)?.toReversed() ?? null,
  array_rotate_left: (call) => rotated(call, 1),
  array_rotate_right: (call) => rotated(call, -1),
  array_shift_left: (call) => shifted(call, 1),
  array_shift_right: (call) => shifted(call, -1),
  array_slice: slice,
  array_sort_asc: sorted(1),
  array_sort_desc: sorted(-1),
  array_sum: (call) => {
    const items = array(call, 0)
    if (items && items.length > 0 && items.every((item) => item === null)) throw new Unknown('a sum of nulls')
    return items && items.length > 0
      ? items.reduce<number>(
          (sum, item) => sum + (typeof item === 'bigint' || typeof item === 'number' ? Number(item) : 0),
          0,
        )
      : null
  },
  bag_keys: ({ values: [bag = null] }) => (isBag(bag) ? anyOrder([...bag.keys()]) : null),
  bag_merge: (call) => {
    const merged = new Map<string, Value>()
    for (const bag of call.values) {
      for (const [key, value] of isBag(bag) ? bag : []) if (!merged.has(key)) merged.set(key, value)
    }
    return call.values.some((value) => isBag(value)) ? merged : null
  },
  set_difference: (call) => {
    const all = sets(call)
    const [first, ...others] = all ?? []
    return first
      ? anyOrder(
          [...first].filter(([key]) => !others.some((other) => other.has(key))).map(([, value]) => value),
        )
      : null
  },
  set_intersect: (call) => {
    const all = sets(call)
    const [first, ...others] = all ?? []
    return first
      ? anyOrder(
          [...first].filter(([key]) => others.every((other) => other.has(key))).map(([, value]) => value),
        )
      : null
  },
  set_union: (call) => {
    const all = sets(call)
    return all ? anyOrder([...new Map(all.flatMap((items) => [...items])).values()]) : null
  },
  set_equals: (call) => {
    const [a, b] = sets(call) ?? []
    return a && b ? a.size === b.size && [...a.keys()].every((key) => b.has(key)) : null
  },
  set_has_element: (call) => {
    const items = array(call, 0)
    const sought = toDynamic(call.values[1] ?? null, call.types[1] ?? 'dynamic')
    if (!items) return null
    if (items.some((item) => keyOf(item) === keyOf(sought))) return true
    if (items.some((item) => isNumber(item) && isNumber(sought) && Number(item) === Number(sought)))
      throw new Unknown('whether 1 is 1.0 in a set')
    return false
  },
  jaccard_index: strict((call) => {
    const [a, b] = sets(call) ?? []
    if (!a || !b) return null
    const shared = [...a.keys()].filter((key) => b.has(key)).length
    return a.size + b.size === 0 ? NaN : shared / (a.size + b.size - shared)
  }),
  repeat: (call) => {
    const size = count(call, 1)
    if (Number.isNaN(size)) return null
    return Array.from({ length: Math.max(0, size) }, () =>
      toDynamic(call.values[0] ?? null, call.types[0] ?? 'dynamic'),
    )
  },
  zip: (call) => {
    const all = call.values.map((_value, index) => array(call, index))
    if (all.includes(null)) return null
    const size = Math.max(...all.map((items) => items?.length ?? 0))
    return Array.from({ length: size }, (_item, index) => all.map((items) => items?.[index] ?? null))
  },
}
