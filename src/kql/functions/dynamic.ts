import { type SqlExpression, bound, call, lambda, nothing, or, text, when } from '../../sql/node.ts'
import { arrayElements, exactly, unmarked } from '../json-parts.ts'
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

/** JSON text with the keys of its bags in order; a value that nests deeper stops the query. */
function sortedJson(json: SqlExpression, depth: number): SqlExpression {
  const list = (items: SqlExpression): SqlExpression => call('arrayStringConcat', items, ',')
  const inner = (value: SqlExpression): SqlExpression => sortedJson(value, depth - 1)
  return bound(json, (value) => {
    if (depth === 0) {
      const nests = or(isArray(value), isBag(value))
      return when(call('throwIf', nests, 'dynamic_to_json: the value is nested too deep'), text(''), value)
    }
    const key = lambda(['p'], (pair) => call('tupleElement', pair, 1))
    const pairs = call('arraySort', key, call('JSONExtractKeysAndValuesRaw', value))
    const print = lambda(['p'], (pair) =>
      call('concat', quoteJson(call('tupleElement', pair, 1)), ':', inner(call('tupleElement', pair, 2))),
    )
    const elements = call('arrayMap', lambda(['e'], inner), call('JSONExtractArrayRaw', value))
    return call(
      'multiIf',
      isArray(value),
      call('concat', '[', list(elements), ']'),
      isBag(value),
      call('concat', '{', list(call('arrayMap', print, pairs)), '}'),
      value,
    )
  })
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
    emit: (args) => jsonArray(call('arrayConcat', ...args.map((value) => arrayElements(value.sql)))),
  },
  {
    name: 'dynamic_to_json',
    doc: 'A dynamic as JSON text.',
    example: ['dynamic_to_json(dynamic([1]))', '[1]'],
    emit: (args) => exactly(argument(args, 0).sql, (json) => sortedJson(json, 4), unmarked),
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
