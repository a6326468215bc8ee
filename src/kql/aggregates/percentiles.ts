import {
  aggregate,
  and,
  bound,
  call,
  cast,
  lambda,
  nothing,
  real,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert, jsonArray, toJsonElement } from '../convert.ts'
import { argument, type CallSite } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { physicalTypes, type KqlType } from '../types.ts'

const ordered: ReadonlySet<KqlType> = new Set(['int', 'long', 'real', 'decimal', 'datetime', 'timespan'])

/** The literal percentiles from an argument on: numbers, or one array of them. */
function levels(args: readonly Operand[], from: number, site: CallSite): readonly number[] {
  const given = args.slice(from).flatMap(({ type, literal }) => {
    if (type !== 'dynamic') return [literal?.value]
    const parsed: unknown =
      typeof literal?.value === 'string' && literal.value !== '' ? JSON.parse(literal.value) : undefined
    return Array.isArray(parsed) ? parsed : [undefined]
  })
  const numbers = given.map((value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN,
  )
  if (numbers.length > 0 && numbers.every((level) => level >= 0 && level <= 100)) return numbers
  return site.refuse('not-constant', 'percentiles must be literals from 0 to 100')
}

/** Values in order, each with the weight of all up to it. */
function weightedValues(value: Operand, weight: Operand | undefined, site: CallSite): SqlExpression {
  if (!ordered.has(value.type))
    return site.refuse('unsupported-argument', `${site.name} of a ${value.type} is not supported`)
  if (weight && !['int', 'long'].includes(weight.type)) {
    return site.refuse(
      'unsupported-argument',
      `${site.name} with weights of type ${weight.type} is not supported`,
    )
  }
  const size = weight ? convert(weight, 'long') : call('toInt64', 1)
  const test = call('ifNull', and(call('isNotNull', value.sql), call('greater', size, 0)), 0)
  const pairs = aggregate('groupArrayIf', [
    call('tuple', call('assumeNotNull', value.sql), call('assumeNotNull', size)),
    test,
  ])
  return call(
    'arraySort',
    lambda(['p'], (pair) => call('tupleElement', pair, 1)),
    pairs,
  )
}

/** The first value whose share of the whole weight reaches the level. */
function atLevel(pairs: SqlExpression, level: number): SqlExpression {
  const second = lambda(['p'], (pair) => call('tupleElement', pair, 2))
  const sums = call('arrayCumSum', second, pairs)
  const wanted = call('divide', call('multiply', call('arrayElement', sums, -1), real(level)), 100)
  const index = call(
    'arrayFirstIndex',
    lambda(['s'], (sum) => call('greaterOrEquals', sum, wanted)),
    sums,
  )
  return call('tupleElement', call('arrayElement', pairs, index), 1)
}

function percentiles(
  value: Operand,
  weight: Operand | undefined,
  shares: readonly number[],
  site: CallSite,
): readonly SqlExpression[] {
  const pairs = weightedValues(value, weight, site)
  return shares.map((level) =>
    when(call('empty', pairs), nothing, cast(atLevel(pairs, level), physicalTypes[value.type])),
  )
}

/** Several percentiles as one array; of nothing it is null. */
function percentilesArray(
  value: Operand,
  weight: Operand | undefined,
  shares: readonly number[],
  site: CallSite,
): SqlExpression {
  const found = bound(weightedValues(value, weight, site), (pairs) => {
    const printed = shares.map((level) => {
      const element = cast(atLevel(pairs, level), physicalTypes[value.type])
      return toJsonElement(operand(element, value.type))
    })
    return when(call('empty', pairs), { kind: 'string', value: '' }, jsonArray(call('array', ...printed)))
  })
  return found
}

function single(shares: readonly SqlExpression[]): SqlExpression {
  const [first] = shares
  if (!first) throw new Error('there is a percentile')
  return first
}

const table = 'datatable(v: long, w: long)[10, 8, 20, 6, 30, 3, 40, 1]'

/** Percentiles of weighted values, and several of them as one array; all by nearest rank. */
export const percentileAggregates: readonly AggregateFunction[] = [
  {
    name: 'percentilew',
    doc: 'The value at a percentile, each value counted as often as its weight says.',
    example: { query: `${table} | summarize percentilew(v, w, 50)`, rows: [[20]] },
    emit: (args, site) =>
      single(percentiles(argument(args, 0), argument(args, 1), levels(args, 2, site), site)),
  },
  {
    name: 'percentilesw',
    doc: 'The values at several percentiles, each value counted as often as its weight says.',
    example: { query: `${table} | summarize percentilesw(v, w, 50, 75, 99.9)`, rows: [[20, 20, 40]] },
    emit: (args, site) =>
      single(percentiles(argument(args, 0), argument(args, 1), levels(args, 2, site), site)),
    emitColumns: (args, site) =>
      percentiles(argument(args, 0), argument(args, 1), levels(args, 2, site), site),
  },
  {
    name: 'percentilesw_array',
    doc: 'The values at several percentiles as an array, each value counted as often as its weight says.',
    example: { query: `${table} | summarize percentilesw_array(v, w, 50, 75, 99.9)`, rows: [[[20, 20, 40]]] },
    total: true,
    emit: (args, site) => percentilesArray(argument(args, 0), argument(args, 1), levels(args, 2, site), site),
  },
  {
    name: 'percentiles_array',
    doc: 'The values at several percentiles as an array.',
    example: { query: `${table} | summarize percentiles_array(v, dynamic([25, 100]))`, rows: [[[10, 40]]] },
    total: true,
    emit: (args, site) => percentilesArray(argument(args, 0), undefined, levels(args, 1, site), site),
  },
]
