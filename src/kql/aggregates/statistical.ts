import { aggregate, call, cast, not, nothing, real, when, type SqlExpression } from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite } from '../function.ts'
import type { Operand } from '../operand.ts'
import { physicalTypes } from '../types.ts'
import { conditional, over } from './basic.ts'

/** Deviation and variance: of one value or none they are 0. */
function spread(
  sql: 'stddevSampStable' | 'varSampStable' | 'stddevPopStable' | 'varPopStable',
): (args: readonly Operand[], call: CallSite) => SqlExpression {
  return (args, site) => {
    const [values, test] = conditional(args, site.name)
    const value = convert(argument(values, 0), 'real')
    const size = over('count', [value], test)
    return when(call('less', size, 2), real(0), over(sql, [value], test))
  }
}

const spreads = [
  ['stdev', 'stddevSampStable', Math.SQRT2],
  ['variance', 'varSampStable', 2],
  ['stdevp', 'stddevPopStable', 1],
  ['variancep', 'varPopStable', 1],
] as const

/** The smallest value such that the asked share of values is not above it. */
function percentile(value: Operand, share: Operand, site: CallSite): SqlExpression {
  const sorted = call('arraySort', aggregate('groupArray', [value.sql]))
  const size = call('length', sorted)
  const rank = call(
    'greatest',
    call('toInt64', call('ceil', call('divide', call('multiply', size, level(share, site)), 100))),
    1,
  )
  const found = call('arrayElement', sorted, rank)
  return when(call('greater', size, 0), cast(found, physicalTypes[value.type]), nothing)
}

/** A percentile is known before the query runs: a literal, or one that a function's parameter has converted. */
function level(share: Operand, site: CallSite): SqlExpression {
  if (share.literal) {
    const found = Number(share.literal.value ?? Number.NaN)
    return found >= 0 && found <= 100
      ? real(found)
      : site.refuse('bad-argument', 'a percentile is from 0 to 100')
  }
  if (!isConstant(share.sql))
    return site.refuse('not-constant', 'a percentile must be a literal from 0 to 100')
  const number = convert(share, 'real')
  const unfit = call(
    'ifNull',
    not(call('and', call('greaterOrEquals', number, 0), call('lessOrEquals', number, 100))),
    1,
  )
  return when(
    call('equals', call('throwIf', unfit, 'a percentile is from 0 to 100'), 0),
    call('assumeNotNull', number),
    real(0),
  )
}

function isConstant(value: SqlExpression): boolean {
  if (value.kind === 'call') return value.args.every((argument) => isConstant(argument))
  return value.kind === 'cast'
    ? isConstant(value.value)
    : ['integer', 'real', 'string', 'null'].includes(value.kind)
}

const table = 'datatable(v: long)[1, 3]'

/** Spread and percentiles. */
export const statisticalAggregates: readonly AggregateFunction[] = [
  ...spreads.flatMap(([name, sql, value]) =>
    (name === 'stdevp' ? [name] : [name, `${name}if`]).map((full): AggregateFunction => ({
      name: full,
      doc: `The ${name.startsWith('stdev') ? 'standard deviation' : 'variance'} of a ${name.endsWith('p') ? 'population' : 'sample'}.`,
      example: {
        query: `${table} | summarize ${full}(v${full.endsWith('if') ? ', true' : ''})`,
        rows: [[value]],
      },
      emit: spread(sql),
    })),
  ),
  {
    name: 'percentile',
    doc: 'The value at a percentile, by nearest rank.',
    example: { query: `${table} | summarize percentile(v, 50)`, rows: [[1]] },
    emit: (args, site) => percentile(argument(args, 0), argument(args, 1), site),
  },
  {
    name: 'percentiles',
    doc: 'The values at several percentiles.',
    example: { query: `${table} | summarize percentiles(v, 50, 100)`, rows: [[1, 3]] },
    emit: (args, site) => percentile(argument(args, 0), argument(args, 1), site),
    emitColumns: (args, site) => args.slice(1).map((share) => percentile(argument(args, 0), share, site)),
  },
]
