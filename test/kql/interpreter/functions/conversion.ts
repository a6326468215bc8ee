import type { KqlType } from '../../../../src/kql/types.ts'
import { convert, readJson, toDynamic } from '../convert.ts'
import { jsonOf, textOf } from '../text.ts'
import type { Call, Meaning } from '../scope.ts'
import { compareText, isArray, isBag, type Value } from '../value.ts'

function to(type: KqlType): Meaning {
  return ({ values: [value = null], types: [from = 'dynamic'] }) => convert(value, from, type)
}

function parseJson({ values: [value = null], types: [type = 'dynamic'] }: Call): Value {
  if (type !== 'string') return toDynamic(value, type)
  const text = textOf(value, type)
  const read = readJson(text)
  return read === undefined ? (text === '' ? null : text) : read
}

function typeName(value: Value, type: KqlType): string {
  if (type !== 'dynamic') return type
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  if (isBag(value)) return 'dictionary'
  if (typeof value === 'bigint') return 'long'
  return typeof value === 'number' ? 'double' : typeof value === 'boolean' ? 'bool' : 'string'
}

function sortedKeys(value: Value): Value {
  if (isArray(value)) return value.map((item) => sortedKeys(item))
  if (!isBag(value)) return value
  return new Map(
    [...value]
      .map(([key, item]) => [key, sortedKeys(item)] as const)
      .toSorted(([a], [b]) => compareText(a, b)),
  )
}

export const conversionFunctions: Readonly<Record<string, Meaning>> = {
  tobool: to('bool'),
  toboolean: to('bool'),
  todatetime: to('datetime'),
  todouble: to('real'),
  toguid: to('guid'),
  toint: to('int'),
  tolong: to('long'),
  toreal: to('real'),
  tostring: to('string'),
  totime: to('timespan'),
  totimespan: to('timespan'),
  parse_json: parseJson,
  parsejson: parseJson,
  todynamic: parseJson,
  toobject: parseJson,
  dynamic_to_json: ({ values: [value = null] }) => (value === null ? '' : jsonOf(sortedKeys(value))),
  gettype: ({ values: [value = null], types: [type = 'dynamic'] }) => typeName(value, type),
}
