import { bound, call, cast, lambda, nothing, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert, jsonArray, quoteJson } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { nullOf, ticksToDatetime, unixEpochTicks } from '../types.ts'

/**
 * What `hll()` and `tdigest()` give is exact here: an hll is the array of the distinct values' hashes, a tdigest a bag
 * of the values' type, the sorted values and how often each occurs. Kusto's own are estimates of the same numbers in
 * a form that only its functions read.
 */
export function hllOf(hashes: SqlExpression): SqlExpression {
  const printed = call(
    'arrayMap',
    lambda(['h'], (hash) => call('toString', hash)),
    call('arraySort', hashes),
  )
  return call('concat', '{"hll":', jsonArray(printed), '}')
}

export function hashesOf(hll: SqlExpression): SqlExpression {
  return call('JSONExtract', hll, 'hll', 'Array(UInt64)')
}

/** Sorted pairs of a number and its weight; pairs of one number are put together. */
export function digestOf(kind: SqlExpression, pairs: SqlExpression): SqlExpression {
  const part = (index: number) => lambda(['p'], (pair) => call('tupleElement', pair, index))
  return bound(call('arraySort', part(1), pairs), (sorted) => {
    const numbers = call(
      'arrayMap',
      lambda(['p'], (pair) => numberText(call('tupleElement', pair, 1))),
      sorted,
    )
    const weights = call(
      'arrayMap',
      lambda(['p'], (pair) => call('toString', call('tupleElement', pair, 2))),
      sorted,
    )
    return call(
      'concat',
      '{"tdigest":',
      quoteJson(kind),
      ',"values":',
      jsonArray(numbers),
      ',"weights":',
      jsonArray(weights),
      '}',
    )
  })
}

function numberText(value: SqlExpression): SqlExpression {
  return when(
    call('isFinite', value),
    call('toString', value),
    call('concat', '"', call('toString', value), '"'),
  )
}

export function kindOf(digest: SqlExpression): SqlExpression {
  return call('JSONExtractString', digest, 'tdigest')
}

export function pairsOf(digest: SqlExpression): SqlExpression {
  const values = call('JSONExtract', digest, 'values', 'Array(Float64)')
  return call('arrayZip', values, call('JSONExtract', digest, 'weights', 'Array(Int64)'))
}

/** Digests of whole numbers keep them exact. */
function wholePairsOf(digest: SqlExpression): SqlExpression {
  const values = call('JSONExtract', digest, 'values', 'Array(Int64)')
  return call('arrayZip', values, call('JSONExtract', digest, 'weights', 'Array(Int64)'))
}

function isDigest(digest: SqlExpression): SqlExpression {
  return call('startsWith', digest, '{"tdigest":')
}

function isHll(hll: SqlExpression): SqlExpression {
  return call('startsWith', hll, '{"hll":')
}

/** Several digests as one, all of one type. */
export function mergedDigest(digests: SqlExpression): SqlExpression {
  const real = call(
    'arrayFilter',
    lambda(['d'], (digest) => isDigest(digest)),
    digests,
  )
  return bound(real, (found) => {
    const kind = kindOf(call('arrayElement', found, 1))
    const whole = digestOf(
      kind,
      call(
        'arrayFlatten',
        call(
          'arrayMap',
          lambda(['d'], (digest) => wholePairsOf(digest)),
          found,
        ),
      ),
    )
    const reals = digestOf(
      kind,
      call(
        'arrayFlatten',
        call(
          'arrayMap',
          lambda(['d'], (digest) => pairsOf(digest)),
          found,
        ),
      ),
    )
    return call('multiIf', call('empty', found), text(''), call('equals', kind, 'real'), reals, whole)
  })
}

export function mergedHll(hlls: SqlExpression): SqlExpression {
  const all = call(
    'arrayFlatten',
    call(
      'arrayMap',
      lambda(['h'], (hll) => hashesOf(hll)),
      hlls,
    ),
  )
  return hllOf(call('arrayDistinct', all))
}

function together(merge: (all: SqlExpression) => SqlExpression): ScalarFunction['emit'] {
  return (args) => merge(call('array', ...args.map((value) => value.sql)))
}

/** The first number whose share of the whole weight reaches the level. */
function atLevel(pairs: SqlExpression, level: SqlExpression): SqlExpression {
  const second = lambda(['p'], (pair) => call('tupleElement', pair, 2))
  return bound(call('tuple', pairs, call('arrayCumSum', second, pairs), level), (found) => {
    const sums = call('tupleElement', found, 2)
    const wanted = call(
      'divide',
      call('multiply', call('arrayElement', sums, -1), call('tupleElement', found, 3)),
      100,
    )
    const place = call(
      'arrayCount',
      lambda(['s', 'w'], (sum, least) => call('less', sum, least)),
      sums,
      call('arrayWithConstant', call('length', sums), wanted),
    )
    return call(
      'tupleElement',
      call('arrayElement', call('tupleElement', found, 1), call('plus', place, 1)),
      1,
    )
  })
}

function level(value: Operand, site: CallSite): SqlExpression {
  const given = Number(value.literal?.value ?? Number.NaN)
  if (given >= 0 && given <= 100) return real(given)
  return site.refuse('not-constant', 'a percentile must be a literal from 0 to 100')
}

function percentile(args: readonly Operand[], site: CallSite): SqlExpression {
  const digest = argument(args, 0).sql
  const share = level(argument(args, 1), site)
  return bound(digest, (source) => {
    const empty = call('or', call('not', isDigest(source)), call('empty', pairsOf(source)))
    const isReal = call('equals', kindOf(source), 'real')
    const whole = cast(atLevel(wholePairsOf(source), share), 'Nullable(Int64)')
    const number = cast(atLevel(pairsOf(source), share), 'Nullable(Float64)')
    if (site.type === 'dynamic') return when(empty, text(''), printed(source, whole, number))
    const asWhole = when(isReal, convert(operand(number, 'real'), 'long'), whole)
    switch (site.type) {
      case 'real':
        return when(empty, nothing, when(isReal, number, call('toFloat64', whole)))
      case 'int':
      case 'long':
        return when(empty, nothing, convert(operand(asWhole, 'long'), site.type))
      case 'timespan':
        return when(empty, nothing, asWhole)
      case 'datetime':
        return when(empty, nullOf('datetime'), ticksToDatetime(call('minus', asWhole, unixEpochTicks)))
      default:
        return site.refuse('unsupported-argument', `${site.name} as ${site.type} is not supported`)
    }
  })
}

/** Without a type the value is what went in, as a dynamic. */
function printed(digest: SqlExpression, whole: SqlExpression, number: SqlExpression): SqlExpression {
  const kind = kindOf(digest)
  const moment = operand(ticksToDatetime(call('minus', whole, unixEpochTicks)), 'datetime')
  return call(
    'multiIf',
    call('equals', kind, 'real'),
    convert(operand(number, 'real'), 'dynamic'),
    call('equals', kind, 'datetime'),
    convert(moment, 'dynamic'),
    call('equals', kind, 'timespan'),
    convert(operand(whole, 'timespan'), 'dynamic'),
    convert(operand(whole, 'long'), 'dynamic'),
  )
}

function percentiles(args: readonly Operand[], site: CallSite): SqlExpression {
  const shares = args.slice(1)
  if (shares.some(({ type }) => type === 'dynamic')) {
    return site.refuse('unsupported-argument', `${site.name} takes percentiles one by one`)
  }
  const elements = shares.map((share) => percentile([argument(args, 0), share], { ...site, type: 'dynamic' }))
  return when(isDigest(argument(args, 0).sql), jsonArray(call('array', ...elements)), text(''))
}

/** The weight of the values that are not above one. */
function rank(args: readonly Operand[]): { readonly below: SqlExpression; readonly all: SqlExpression } {
  const value = argument(args, 1)
  const number = call(
    'toFloat64',
    convert(value, value.type === 'real' || value.type === 'decimal' ? 'real' : 'long'),
  )
  const pairs = pairsOf(argument(args, 0).sql)
  const bounds = call('arrayWithConstant', call('length', pairs), number)
  const weight = lambda(['p', 'v'], (pair, most) =>
    when(
      call('ifNull', call('lessOrEquals', call('tupleElement', pair, 1), most), 0),
      call('tupleElement', pair, 2),
      call('toInt64', 0),
    ),
  )
  const all = lambda(['p'], (pair) => call('tupleElement', pair, 2))
  return {
    below: call('toFloat64', call('arraySum', weight, pairs, bounds)),
    all: call('arraySum', all, pairs),
  }
}

const digest = 'toscalar(range x from 1 to 10 step 1 | summarize tdigest(x))'
const hll = 'toscalar(range x from 1 to 10 step 1 | summarize hll(x))'

/** Reading and joining what `hll()` and `tdigest()` give. */
export const sketchFunctions: readonly ScalarFunction[] = [
  {
    name: 'dcount_hll',
    doc: 'The number of distinct values in an hll, counted exactly.',
    example: [`dcount_hll(${hll})`, 10],
    emit: (args) => {
      const source = argument(args, 0).sql
      return when(isHll(source), call('toInt64', call('length', hashesOf(source))), nothing)
    },
  },
  {
    name: 'hll_merge',
    doc: 'Several hlls as one.',
    example: [`dcount_hll(hll_merge(${hll}, ${hll}))`, 10],
    total: true,
    emit: together(mergedHll),
  },
  ...(['merge_tdigest', 'tdigest_merge'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'Several digests as one.',
    example: [`percentile_tdigest(${name}(${digest}, ${digest}), 100, typeof(long))`, 10],
    total: true,
    emit: together(mergedDigest),
  })),
  {
    name: 'percentile_tdigest',
    doc: 'The value at a percentile of a digest, by nearest rank.',
    example: [`percentile_tdigest(${digest}, 50, typeof(long))`, 5],
    emit: percentile,
  },
  {
    name: 'percentiles_array_tdigest',
    doc: 'The values at several percentiles of a digest, as an array.',
    example: [`percentiles_array_tdigest(${digest}, 50, 100)`, [5, 10]],
    total: true,
    emit: percentiles,
  },
  {
    name: 'rank_tdigest',
    doc: 'How many values of a digest are not above a value.',
    example: [`rank_tdigest(${digest}, 3)`, 3],
    emit: (args) => when(isDigest(argument(args, 0).sql), rank(args).below, nothing),
  },
  {
    name: 'percentrank_tdigest',
    doc: 'The percentage of the values of a digest that are not above a value.',
    example: [`percentrank_tdigest(${digest}, 5)`, 50],
    emit: (args) => {
      const { below, all } = rank(args)
      return when(isDigest(argument(args, 0).sql), call('divide', call('multiply', below, 100), all), nothing)
    },
  },
]
