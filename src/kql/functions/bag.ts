import { bound, call, lambda, not, nothing, or, text, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements, bagPairs, jsonMember } from '../json-parts.ts'
import { quoteJson, toJsonElement, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { isArray, isBag } from './dynamic.ts'
import { unless } from './pattern.ts'

function keyOf(pair: SqlExpression): SqlExpression {
  return call('tupleElement', pair, 1)
}

function valueOf(pair: SqlExpression): SqlExpression {
  return call('tupleElement', pair, 2)
}

function bagOf(pairs: SqlExpression): SqlExpression {
  const printed = call(
    'arrayMap',
    lambda(['p'], (pair) => call('concat', quoteJson(keyOf(pair)), ':', valueOf(pair))),
    pairs,
  )
  return call('concat', '{', call('arrayStringConcat', printed, ','), '}')
}

/** The first of several pairs with the same key. */
function firstOfEach(pairs: SqlExpression): SqlExpression {
  return bound(pairs, (all) => {
    const turns = call(
      'arrayEnumerateUniq',
      call(
        'arrayMap',
        lambda(['p'], (pair) => keyOf(pair)),
        all,
      ),
    )
    return call(
      'arrayFilter',
      lambda(['p', 'n'], (_pair, turn) => call('equals', turn, 1)),
      all,
      turns,
    )
  })
}

function merge(args: readonly Operand[], site: CallSite): SqlExpression {
  const isWrong = or(...args.map((value) => not(or(isBag(value.sql), call('empty', value.sql)))))
  const merged = bagOf(firstOfEach(call('arrayConcat', ...args.map((value) => bagPairs(value.sql)))))
  const isNull = call('and', ...args.map((value) => call('empty', value.sql)), 1)
  return unless(
    isWrong,
    `${site.name}: a value that is no property bag`,
    when(isNull, text(''), merged),
    text(''),
  )
}

/** A key, or with `$.` a path of keys. */
function pathOf(key: string, site: CallSite): readonly string[] {
  if (!key.startsWith('$')) return [key]
  const steps = /^\$((?:\.[A-Za-z_][\w]*)+)$/.exec(key)?.[1]
  return (
    steps?.slice(1).split('.') ??
    site.refuse('unsupported-argument', `the path ${key} is not supported`, 'write $.key.key')
  )
}

function removed(json: SqlExpression, paths: readonly (readonly string[])[]): SqlExpression {
  const whole = paths.flatMap(([key, ...rest]) => (key !== undefined && rest.length === 0 ? [key] : []))
  const pairs = call(
    'arrayFilter',
    lambda(['p'], (pair) => not(call('has', call('array', '\u0000', ...whole), keyOf(pair)))),
    bagPairs(json),
  )
  const inner = new Map<string, (readonly string[])[]>()
  for (const [key, ...rest] of paths) {
    if (key !== undefined && rest.length > 0) inner.set(key, [...(inner.get(key) ?? []), rest])
  }
  if (inner.size === 0) return bagOf(pairs)
  const change = lambda(['p'], (pair) => {
    const cases = [...inner].flatMap(([key, rests]) => [
      call('and', call('equals', keyOf(pair), key), isBag(valueOf(pair))),
      removed(valueOf(pair), rests),
    ])
    return call('tuple', keyOf(pair), call('multiIf', ...cases, valueOf(pair)))
  })
  return bagOf(call('arrayMap', change, pairs))
}

/** Keys that are known only while the query runs name no paths. */
function removeComputed(source: SqlExpression, keys: SqlExpression, site: CallSite): SqlExpression {
  const isPath = lambda(['k'], (key) => call('startsWith', key, '"$'))
  const names = call(
    'arrayMap',
    lambda(['k'], (key) => call('JSONExtractString', key)),
    arrayElements(keys),
  )
  const kept = call(
    'arrayFilter',
    lambda(['p'], (pair) => not(call('has', names, keyOf(pair)))),
    bagPairs(source),
  )
  const isUnsure = or(call('arrayExists', isPath, arrayElements(keys)), not(isArray(keys)))
  const result = when(isBag(source), bagOf(kept), text(''))
  return unless(isUnsure, `${site.name}: a computed path, or keys that are no array`, result, text(''))
}

function removeKeys(args: readonly Operand[], site: CallSite): SqlExpression {
  const [source, keys] = [argument(args, 0).sql, argument(args, 1)]
  const listed = keys.literal?.value
  if (typeof listed !== 'string' || listed === '') return removeComputed(source, keys.sql, site)
  const parsed: unknown = JSON.parse(listed)
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  const paths = items.flatMap((item) => (typeof item === 'string' ? [pathOf(item, site)] : []))
  return when(isBag(source), removed(source, paths), text(''))
}

function setPath(
  json: SqlExpression,
  [key, ...rest]: readonly string[],
  value: SqlExpression,
  site: CallSite,
): SqlExpression {
  if (key === undefined) return value
  const others = call(
    'arrayFilter',
    lambda(['p'], (pair) => call('notEquals', keyOf(pair), key)),
    bagPairs(json),
  )
  const found = jsonMember(json, [text(key)])
  const inner = bound(found, (current) => {
    const isOther = not(or(isBag(current), call('in', current, call('tuple', '', 'null'))))
    return unless(
      isOther,
      `${site.name}: a path through a value that is no bag`,
      setPath(current, rest, value, site),
      text(''),
    )
  })
  return bagOf(call('arrayPushBack', others, call('tuple', text(key), rest.length === 0 ? value : inner)))
}

function setKey(args: readonly Operand[], site: CallSite): SqlExpression {
  const [source, key] = [argument(args, 0).sql, argument(args, 1)]
  const value = toJsonElement(argument(args, 2))
  if (typeof key.literal?.value === 'string') {
    const path = pathOf(key.literal.value, site)
    return when(isBag(source), setPath(source, path, value, site), text(''))
  }
  return site.refuse('not-constant', 'the key of bag_set_key must be a literal')
}

function hasKey(args: readonly Operand[], site: CallSite): SqlExpression {
  const [source, key] = [argument(args, 0).sql, argument(args, 1)]
  const value = key.literal?.value
  if (typeof value !== 'string') {
    const isPath = call('startsWith', toText(key), '$')
    const found = call('has', call('JSONExtractKeys', source), toText(key))
    return when(
      isBag(source),
      unless(isPath, `${site.name}: a path that is no literal`, found, nothing),
      nothing,
    )
  }
  const path = pathOf(value, site)
  const [last = '', ...before] = path.toReversed()
  const parent = before.length === 0 ? source : call('JSONExtractRaw', source, ...before.toReversed())
  const found = call('has', call('JSONExtractKeys', parent), last)
  return when(isBag(source), found, nothing)
}

/** Keys that are no texts are left out with their values; keys without a value get null. */
function zip(args: readonly Operand[], site: CallSite): SqlExpression {
  const [keys, values] = [argument(args, 0).sql, argument(args, 1).sql]
  return bound(arrayElements(keys), (names) => {
    const found = arrayElements(values)
    const value = (index: SqlExpression): SqlExpression =>
      when(
        call('lessOrEquals', index, call('length', found)),
        call('arrayElement', found, index),
        text('null'),
      )
    const pair = lambda(['k', 'i'], (name, index) =>
      call('tuple', call('JSONExtractString', name), value(index)),
    )
    const isText = lambda(['p', 'k'], (_pair, name) => call('startsWith', name, '"'))
    const pairs = call(
      'arrayFilter',
      isText,
      call('arrayMap', pair, names, call('arrayEnumerate', names)),
      names,
    )
    const isRepeated = call('notEquals', call('length', names), call('length', call('arrayDistinct', names)))
    const result = when(isArray(keys), bagOf(pairs), text(''))
    return unless(isRepeated, `${site.name}: a key that comes twice`, result, text(''))
  })
}

/** Every path of a document; of an array only its first place. */
function paths(value: unknown, prefix: string): readonly string[] {
  if (Array.isArray(value))
    return value.length === 0 ? [] : [`${prefix}[0]`, ...paths(value[0], `${prefix}[0]`)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [
    `${prefix}['${key}']`,
    ...paths(item, `${prefix}['${key}']`),
  ])
}

/** A flag, then names and columns in turn: columns that are null or empty are left out where the flag says so. */
function packAll([flag, ...columns]: readonly Operand[], site: CallSite): SqlExpression {
  const isShort = flag?.literal?.value
  if (typeof isShort !== 'boolean')
    return site.refuse('not-constant', 'the argument of pack_all must be a literal')
  if (!isShort) return site.call('bag_pack', columns, 'dynamic').sql
  const pairs = columns.flatMap((name, index) => {
    const value = columns[index + 1]
    if (index % 2 === 1 || !value) return []
    const isMissing = site.call('isempty', [value], 'bool').sql
    return [when(isMissing, text(''), call('concat', quoteJson(toText(name)), ':', toJsonElement(value)))]
  })
  const present = call(
    'arrayFilter',
    lambda(['p'], (pair) => call('notEmpty', pair)),
    call('array', text(''), ...pairs),
  )
  return call('concat', '{', call('arrayStringConcat', present, ','), '}')
}

/** Property bags. */
export const bagFunctions: readonly ScalarFunction[] = [
  {
    name: 'pack_all',
    doc: 'A bag of a row’s columns under their names.',
    example: ['pack_all(true)', {}],
    emit: packAll,
  },
  {
    name: 'bag_merge',
    doc: 'The keys of several bags; of a key that several have, the first value.',
    example: ['bag_merge(dynamic({"a": 1}), dynamic({"a": 2, "b": 3}))', { a: 1, b: 3 }],
    emit: merge,
  },
  {
    name: 'bag_remove_keys',
    doc: 'A bag without listed keys or paths.',
    example: [
      'bag_remove_keys(dynamic({"a": 1, "b": {"c": 2, "d": 3}}), dynamic(["a", "$.b.c"]))',
      { b: { d: 3 } },
    ],
    emit: removeKeys,
  },
  {
    name: 'bag_set_key',
    doc: 'A bag with the value of a key or path set.',
    example: ['bag_set_key(dynamic({"a": 1}), "$.b.c", 2)', { a: 1, b: { c: 2 } }],
    emit: setKey,
  },
  {
    name: 'bag_has_key',
    doc: 'Whether a bag has a key or path.',
    example: ['bag_has_key(dynamic({"a": {"b": null}}), "$.a.b")', true],
    emit: hasKey,
  },
  {
    name: 'bag_zip',
    doc: 'A bag of an array of keys and an array of values.',
    example: ['bag_zip(dynamic(["a", "b"]), dynamic([1]))', { a: 1, b: null }],
    emit: zip,
  },
  {
    name: 'treepath',
    doc: 'Every path of a literal document.',
    example: [
      'treepath(dynamic({"a": [{"b": 1}], "c": 2}))',
      ["['a']", "['a'][0]", "['a'][0]['b']", "['c']"],
    ],
    emit: (args, site) => {
      const source = argument(args, 0).literal?.value
      if (typeof source !== 'string')
        return site.refuse('not-constant', 'treepath of a computed value is not supported')
      return source === '' ? text('') : text(JSON.stringify(paths(JSON.parse(source), '')))
    },
  },
]
