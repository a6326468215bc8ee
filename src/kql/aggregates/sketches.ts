import { aggregate, and, call, cast, text, type SqlExpression } from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert, toJson } from '../convert.ts'
import { argument, type CallSite } from '../function.ts'
import { digestOf, hllOf, mergedDigest, mergedHll } from '../functions/sketches.ts'
import type { Operand } from '../operand.ts'
import { over } from './basic.ts'

function hll(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const test = site.name === 'hll_if' ? call('ifNull', convert(argument(args, 1), 'bool'), 0) : undefined
  const present = value.nullable
    ? call('isNotNull', value.sql)
    : value.type === 'dynamic'
      ? call('notEmpty', value.sql)
      : undefined
  const both = test && present ? and(test, present) : (test ?? present)
  return hllOf(over('groupUniqArray', [call('assumeNotNull', call('sipHash64', toJson(value)))], both))
}

function digest(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const weight = args[1]
  const isReal = value.type === 'real'
  if (!['int', 'long', 'real', 'datetime', 'timespan'].includes(value.type)) {
    return site.refuse('unsupported-argument', `a digest of a ${value.type} is not supported`)
  }
  const number = isReal ? value.sql : convert(value, 'long')
  const size = weight ? convert(weight, 'long') : call('toInt64', 1)
  const test = call('ifNull', and(call('isNotNull', number), call('greater', size, 0)), 0)
  const pair = call(
    'tuple',
    cast(call('assumeNotNull', number), isReal ? 'Float64' : 'Int64'),
    call('assumeNotNull', size),
  )
  const kind = value.type === 'int' ? 'long' : value.type
  return digestOf(text(kind), aggregate('groupArrayIf', [pair, test]))
}

function gathered(merge: (all: SqlExpression) => SqlExpression): AggregateFunction['emit'] {
  return (args) => {
    const value = argument(args, 0).sql
    return merge(aggregate('groupArrayIf', [value, call('notEmpty', value)]))
  }
}

const numbers = 'range x from 1 to 10 step 1'

/** Exact stand-ins for Kusto's estimates: they answer as the estimates do on small sets. */
export const sketchAggregates: readonly AggregateFunction[] = [
  ...(['hll', 'hll_if'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'The distinct values in a form that dcount_hll and hll_merge read; exact.',
    example: {
      query: `${numbers} | summarize h = ${name}(x % 3${name === 'hll_if' ? ', true' : ''}) | project dcount_hll(h)`,
      rows: [[3]],
    },
    total: true,
    emit: hll,
  })),
  {
    name: 'hll_merge',
    doc: 'Many hlls as one.',
    example: {
      query: `${numbers} | summarize h = hll(x) by x % 2 | summarize h = hll_merge(h) | project dcount_hll(h)`,
      rows: [[10]],
    },
    total: true,
    emit: gathered(mergedHll),
  },
  {
    name: 'tdigest',
    doc: 'Values, and how often each occurs, in a form that percentile_tdigest and its kin read; exact.',
    example: {
      query: `${numbers} | summarize d = tdigest(x) | project percentile_tdigest(d, 90, typeof(long))`,
      rows: [[9]],
    },
    total: true,
    emit: digest,
  },
  ...(['merge_tdigest', 'tdigest_merge'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'Many digests as one.',
    example: {
      query: `${numbers} | summarize d = tdigest(x) by x % 2 | summarize d = ${name}(d) | project percentile_tdigest(d, 50, typeof(long))`,
      rows: [[5]],
    },
    total: true,
    emit: gathered(mergedDigest),
  })),
]
