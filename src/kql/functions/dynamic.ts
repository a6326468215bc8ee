import { call, nothing, text, when, type SqlExpression } from '../../sql/node.ts'
import { jsonArray, quoteJson, toJson, toJsonElement, toText } from '../convert.ts'
import { argument, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { stringsToJson } from './string.ts'

/** Whether a dynamic holds an array. */
export function isArray(json: SqlExpression): SqlExpression {
  return call('startsWith', json, '[')
}

/** Whether a dynamic holds a property bag. */
export function isBag(json: SqlExpression): SqlExpression {
  return call('startsWith', json, '{')
}

/** Keys and values in turn, as a bag; a later key replaces an earlier one. */
function pack(args: readonly Operand[]): SqlExpression {
  const parts: (SqlExpression | string)[] = ['{']
  for (let index = 0; index + 1 < args.length; index += 2) {
    if (index > 0) parts.push(',')
    parts.push(quoteJson(toText(argument(args, index))), ':', toJsonElement(argument(args, index + 1)))
  }
  return call('concat', ...parts, '}')
}

/** JSON text with the keys of its bags in order. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${sortedJson(item)}`).join(',')}}`
}

/** Arrays and property bags. */
export const dynamicFunctions: readonly ScalarFunction[] = [
  {
    name: 'array_length',
    doc: 'The number of elements; null where the value is no array.',
    example: ['array_length(dynamic([1, 2]))', 2],
    emit: (args) => {
      const source = argument(args, 0).sql
      return when(isArray(source), call('toInt64', call('JSONLength', source)), nothing)
    },
  },
  {
    name: 'bag_keys',
    doc: 'The keys of a property bag.',
    example: ['bag_keys(dynamic({"a": 1, "b": 2}))', ['a', 'b']],
    emit: (args) => {
      const source = argument(args, 0).sql
      return when(isBag(source), stringsToJson(call('JSONExtractKeys', source)), text(''))
    },
  },
  ...(['pack_dictionary', 'bag_pack', 'pack'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'A property bag of keys and values.',
    example: [`${name}("a", 1)`, { a: 1 }],
    emit: pack,
  })),
  {
    name: 'pack_array',
    doc: 'An array of values.',
    example: ['pack_array(1, "a", long(null))', [1, 'a', null]],
    emit: (args) => jsonArray(call('array', ...args.map((value) => toJson(value)))),
  },
  {
    name: 'array_concat',
    doc: 'The elements of several arrays, one after the other.',
    example: ['array_concat(dynamic([1]), dynamic([2]))', [1, 2]],
    emit: (args) =>
      jsonArray(call('arrayConcat', ...args.map((value) => call('JSONExtractArrayRaw', value.sql)))),
  },
  {
    name: 'dynamic_to_json',
    doc: 'A dynamic as JSON text.',
    example: ['dynamic_to_json(dynamic([1]))', '[1]'],
    emit: (args, site) => {
      const value = argument(args, 0).literal?.value
      if (typeof value === 'string') return text(sortedJson(JSON.parse(value === '' ? 'null' : value)))
      return site.refuse(
        'not-constant',
        'dynamic_to_json of a computed value is not supported',
        'use tostring()',
      )
    },
  },
  {
    name: 'parse_json',
    doc: 'JSON text as a dynamic; other text as a string. Paths over it read the text directly (`path.ts`).',
    example: ['parse_json("{\\"a\\": [1, null]}").a', [1, null]],
    emit: (args) => toJson(operand(toText(argument(args, 0)), 'string')),
  },
  {
    name: 'todynamic',
    doc: 'The same as parse_json.',
    example: ['todynamic("[1]")[0]', 1],
    emit: (args) => toJson(operand(toText(argument(args, 0)), 'string')),
  },
]
