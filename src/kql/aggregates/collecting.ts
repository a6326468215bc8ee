import { and, call, lambda, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements, bagPairs } from '../json-parts.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { jsonArray, toJson } from '../convert.ts'
import { withoutNull } from '../path-value.ts'
import { argument, constantInteger, type CallSite } from '../function.ts'
import type { Operand } from '../operand.ts'
import { conditional, over } from './basic.ts'

const most = 1_048_576

interface Collection {
  readonly name: string
  readonly distinct: boolean
  readonly example: readonly [string, unknown]
}

const collections: readonly Collection[] = [
  { name: 'make_list', distinct: false, example: ['make_list(v)', [1, 3]] },
  { name: 'makelist', distinct: false, example: ['makelist(v)', [1, 3]] },
  { name: 'make_list_if', distinct: false, example: ['make_list_if(v, v > 1)', [3]] },
  { name: 'make_set', distinct: true, example: ['make_set(k)', ['a']] },
  { name: 'makeset', distinct: true, example: ['makeset(k)', ['a']] },
  { name: 'make_set_if', distinct: true, example: ['make_set_if(k, v > 1)', ['a']] },
]

/** Values as JSON; typed nulls are left out, a dynamic null stays; arrays give their elements. */
function collect(args: readonly Operand[], site: CallSite, distinct: boolean): SqlExpression {
  const value = argument(args, 0)
  const [, test] = site.name.endsWith('_if') ? conditional([value, argument(args, 1)], 'if') : [[], undefined]
  const limitIndex = site.name.endsWith('_if') ? 2 : 1
  const limit = args.length > limitIndex ? constantInteger(args, limitIndex, site) : BigInt(most)
  const present = value.nullable ? call('isNotNull', value.sql) : undefined
  const both = test && present ? and(test, present) : (test ?? present)
  // Sets have no order, but those of literal rows keep the order of first occurrence.
  const isHashed = distinct && value.type !== 'dynamic' && !site.placed
  const values = over(isHashed ? 'groupUniqArray' : 'groupArray', [toJson(value)], both)
  const all = value.type === 'dynamic' ? flattened(values) : values
  const flat = distinct && !isHashed ? call('arrayDistinct', all) : all
  return jsonArray(call('arraySlice', flat, 1, limit))
}

function flattened(values: SqlExpression): SqlExpression {
  const elements = lambda(['v'], (element) =>
    when(
      call('startsWith', element, '['),
      call(
        'arrayMap',
        lambda(['w'], (inner) => withoutNull(inner)),
        arrayElements(element),
      ),
      call('array', element),
    ),
  )
  return call('arrayFlatten', call('arrayMap', elements, values))
}

/** Later bags do not replace the keys of earlier ones. */
function mergeBags(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const [, test] = site.name.endsWith('_if') ? conditional([value, argument(args, 1)], 'if') : [[], undefined]
  const isBag = call('startsWith', value.sql, '{')
  const bags = over('groupArray', [bagPairs(value.sql)], test ? and(test, isBag) : isBag)
  const pairs = call('arrayFlatten', bags)
  const keys = call(
    'arrayMap',
    lambda(['p'], (pair) => call('tupleElement', pair, 1)),
    pairs,
  )
  const first = call(
    'arrayFilter',
    lambda(['p', 'n'], (_pair, occurrence) => call('equals', occurrence, 1)),
    pairs,
    call('arrayEnumerateUniq', keys),
  )
  const printed = call(
    'arrayMap',
    lambda(['p'], (pair) =>
      call(
        'concat',
        call('replaceAll', call('toJSONString', call('tupleElement', pair, 1)), '\\/', '/'),
        ':',
        call('tupleElement', pair, 2),
      ),
    ),
    first,
  )
  return call('concat', '{', call('arrayStringConcat', printed, ','), '}')
}

const table = 'datatable(k: string, v: long)["a", 1, "a", 3, "a", long(null)]'
const bags = 'datatable(d: dynamic)[dynamic({"a": 1}), dynamic({"b": 2, "a": 3})]'

/** Lists, sets and bags made of many rows. */
export const collectingAggregates: readonly AggregateFunction[] = [
  ...collections.map((item): AggregateFunction => ({
    name: item.name,
    doc: `${item.distinct ? 'The distinct values' : 'All values'} as an array, at most ${most}${item.name.endsWith('_if') ? ', of rows that meet a condition' : ''}.`,
    example: { query: `${table} | summarize ${item.example[0]}`, rows: [[item.example[1]]] },
    ordered: true,
    total: true,
    emit: (args, site) => collect(args, site, item.distinct),
  })),
  ...(['make_bag', 'make_bag_if', 'make_dictionary'] as const).map((bag): AggregateFunction => ({
    name: bag,
    doc: 'One property bag of many; of values under one key the first stays.',
    example: {
      query: `${bags} | summarize ${bag}(d${bag === 'make_bag_if' ? ', true' : ''})`,
      rows: [[{ a: 1, b: 2 }]],
    },
    ordered: true,
    total: true,
    emit: mergeBags,
  })),
]
