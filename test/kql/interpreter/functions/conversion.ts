import type { KqlType } from '../../../../src/kql/types.ts'
import { convert, readJson, toDynamic } from '../convert.ts'
import { literalOf } from '../literal.ts'
import { jsonOf, textOf } from '../text.ts'
import type { Call, Meaning } from '../scope.ts'
import { Unknown, compareText, isArray, isBag, type Value } from '../value.ts'

function to(type: KqlType): Meaning {
  return ({ values: [value = null], types: [from = 'dynamic'] }) => convert(value, from, type)
}

function parseJson({ values: [value = null], types: [type = 'dynamic'] }: Call): Value {
  if (type !== 'string') return toDynamic(value, type)
  const text = textOf(value, type)
  const read = readJson(text)
  return read === undefined ? (text === '' ? null : text) : read
}

/** What Kusto answers with a long, though the binder says int. */
const longs = new Set([
  'datepart',
  'datetime_part',
  'getyear',
  'hourofday',
  'monthofyear',
  'week_of_year',
  'weekofyear',
])

function getType({ nodes: [node], values: [value = null], types: [type = 'dynamic'] }: Call): string {
  if (type !== 'int' || !node) return typeName(value, type)
  const name = node.children['Name']?.symbol?.name
  if (name !== undefined && longs.has(name)) return 'long'
  if (name === 'toint' || literalOf(node) !== undefined) return 'int'
  throw new Unknown('whether what the binder calls an int is one')
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
  dynamic_to_json: ({ values: [value = null] }) =>
    typeof value === 'string' ? jsonOf(value) : textOf(sortedKeys(value), 'dynamic'),
  gettype: getType,
}
