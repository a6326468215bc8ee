import {
  aggregate,
  and,
  call,
  cast,
  nothing,
  not,
  real,
  tupleOf,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite } from '../function.ts'
import type { Operand } from '../operand.ts'
import { isNullValue, isText, physicalTypes } from '../types.ts'

/** Counts and sums are Int64, whatever ClickHouse makes of them. */
function long(value: SqlExpression): SqlExpression {
  return call('toInt64', value)
}

function condition(value: Operand): SqlExpression {
  return call('ifNull', convert(value, 'bool'), 0)
}

/** Splits the trailing condition off an `…if` aggregate's arguments. */
export function conditional(
  args: readonly Operand[],
  name: string,
): readonly [readonly Operand[], SqlExpression | undefined] {
  if (!name.endsWith('if')) return [args, undefined]
  return [args.slice(0, -1), condition(argument(args, args.length - 1))]
}

/** An aggregate over the rows that meet the condition. */
export function over(
  name: string,
  args: readonly SqlExpression[],
  test: SqlExpression | undefined,
): SqlExpression {
  return test ? aggregate(`${name}If`, [...args, test]) : aggregate(name, args)
}

/** The form of an aggregate that gives NULL, not the type's default, where there are no rows. Texts are '' then. */
function orNull(name: string, { type }: Operand): string {
  return isText(type) ? name : `${name}OrNull`
}

/** A value in a row that is picked as a whole: NULL where no row was there to be picked. */
function element({ sql, type }: Operand): SqlExpression {
  return isText(type) ? sql : call('toNullable', sql)
}

/** The greatest or least value; NaN where a real holds one. */
function extreme(name: 'max' | 'min'): (args: readonly Operand[], call: CallSite) => SqlExpression {
  return (args, site) => {
    const [values, test] = conditional(args, site.name)
    const value = argument(values, 0)
    if (value.type === 'dynamic')
      return site.refuse('unsupported-argument', `${site.name} of a dynamic is not supported`)
    const found = over(orNull(name, value), [value.sql], test)
    if (value.type !== 'real') return found
    const isNotANumber = call('ifNull', call('isNaN', value.sql), 0)
    return when(
      call('greater', aggregate('countIf', [test ? and(isNotANumber, test) : isNotANumber]), 0),
      real(Number.NaN),
      found,
    )
  }
}

function sum(args: readonly Operand[], site: CallSite): SqlExpression {
  const [values, test] = conditional(args, site.name)
  const value = argument(values, 0)
  if (value.type === 'dynamic')
    return site.refuse('unsupported-argument', `${site.name} of a dynamic is not supported`)
  const total = over('sum', [convert(value, site.type)], test)
  return call('ifNull', total, site.type === 'real' ? real(0) : 0)
}

function average(args: readonly Operand[], site: CallSite): SqlExpression {
  const [values, test] = conditional(args, site.name)
  const value = argument(values, 0)
  if (site.type === 'timespan' || site.type === 'datetime') {
    if (value.type !== 'timespan')
      return site.refuse('unsupported-argument', `${site.name} of a ${value.type} is not supported`)
    return cast(over('avg', [value.sql], test), physicalTypes.timespan)
  }
  // A sum of longs wraps, and the mean is made of it.
  const isWhole = value.type === 'long' || value.type === 'int'
  const numbers = [isWhole ? convert(value, 'long') : convert(value, 'real')]
  const total = call('toFloat64', call('ifNull', over('sum', numbers, test), 0))
  return call('divide', total, over('count', numbers, test))
}

/** `arg_max(value, columns…)`: the value, then the columns of one row that has it. */
function rowOf(
  name: 'argMax' | 'argMin',
): (args: readonly Operand[], call: CallSite) => readonly SqlExpression[] {
  return (args, site) => {
    const value = argument(args, 0)
    if (value.type === 'real') return rowOfReal(name, args)
    if (value.type === 'dynamic')
      return site.refuse('unsupported-argument', `${site.name} of a dynamic is not supported`)
    const best = aggregate(orNull(name === 'argMax' ? 'max' : 'min', value), [value.sql])
    const rest = args.slice(1)
    if (rest.length === 0) return [best]
    // argMax skips rows whose value is NULL, and where all are, gives NULL: any row will do then.
    const row = tupleOf(rest.map(element))
    const chosen = value.nullable
      ? when(
          call('isNull', best),
          aggregate('any', [row]),
          call('assumeNotNull', aggregate(name, [row, value.sql])),
        )
      : aggregate(name, [row, value.sql])
    return [best, ...rest.map((_item, index) => call('tupleElement', chosen, index + 1))]
  }
}

/** Of reals, NaN is both the greatest and the least. */
function rowOfReal(name: 'argMax' | 'argMin', args: readonly Operand[]): readonly SqlExpression[] {
  const value = argument(args, 0)
  const isNotANumber = call('ifNull', call('isNaN', value.sql), 0)
  const isNull = call('isNull', value.sql)
  const first = name === 'argMax' ? [not(isNull), isNotANumber] : [isNull, not(isNotANumber)]
  const rank = tupleOf([...first, call('ifNull', when(isNotANumber, real(0), value.sql), real(0))])
  const row = aggregate(name, [tupleOf(args.map(element)), rank])
  return args.map((_item, index) => call('tupleElement', row, index + 1))
}

function firstColumn(columns: readonly SqlExpression[]): SqlExpression {
  const [first] = columns
  if (!first) throw new Error('an aggregate without a column')
  return first
}

const table = 'datatable(k: string, v: long)["a", 1, "a", 3, "b", long(null)]'

/** Counts, sums, extremes and picked rows. */
export const basicAggregates: readonly AggregateFunction[] = [
  {
    name: 'count',
    doc: 'The number of rows.',
    example: { query: `${table} | summarize count()`, rows: [[3]] },
    emit: () => long(aggregate('count', [])),
    total: true,
  },
  {
    name: 'countif',
    doc: 'The number of rows for which the condition is true.',
    example: { query: `${table} | summarize countif(v > 1)`, rows: [[1]] },
    emit: (args) => long(aggregate('countIf', [condition(argument(args, 0))])),
    total: true,
  },
  ...(['dcount', 'dcountif', 'count_distinct', 'count_distinctif'] as const).map(
    (name): AggregateFunction => ({
      name,
      doc: 'The number of distinct values that are not null, counted exactly.',
      example: {
        query: `${table} | summarize ${name}(v${name.endsWith('if') ? ', v > 1' : ''})`,
        rows: [[name.endsWith('if') ? 1 : 2]],
      },
      emit: (args, site) => {
        const test = name.endsWith('if') ? condition(argument(args, 1)) : undefined
        const value = argument(args, 0)
        const present = value.type === 'dynamic' ? not(isNullValue(value.sql, 'dynamic')) : undefined
        const both = test && present ? and(test, present) : (test ?? present)
        if (site.name === 'dcount' && args.length > 2)
          return site.refuse('unsupported-argument', 'dcount takes one value')
        return long(over('uniqExact', [value.sql], both))
      },
      total: true,
    }),
  ),
  ...(['sum', 'sumif'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'The sum of values; 0 where there are none.',
    example: {
      query: `${table} | summarize ${name}(v${name === 'sumif' ? ', v > 1' : ''})`,
      rows: [[name === 'sumif' ? 3 : 4]],
    },
    emit: sum,
  })),
  ...(['avg', 'avgif'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'The mean of values; NaN where there are none.',
    example: {
      query: `${table} | summarize ${name}(v${name === 'avgif' ? ', v > 1' : ''})`,
      rows: [[name === 'avgif' ? 3 : 2]],
    },
    emit: average,
  })),
  ...(['max', 'maxif'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'The greatest value; null where there are none.',
    example: {
      query: `${table} | summarize ${name}(v${name === 'maxif' ? ', v < 2' : ''})`,
      rows: [[name === 'maxif' ? 1 : 3]],
    },
    emit: extreme('max'),
  })),
  ...(['min', 'minif'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'The least value; null where there are none.',
    example: {
      query: `${table} | summarize ${name}(v${name === 'minif' ? ', v > 1' : ''})`,
      rows: [[name === 'minif' ? 3 : 1]],
    },
    emit: extreme('min'),
  })),
  ...(['arg_max', 'arg_min', 'argmax', 'argmin'] as const).map((name): AggregateFunction => ({
    name,
    doc: `The ${name.endsWith('max') ? 'greatest' : 'least'} value, and other columns of a row that has it.`,
    example: {
      query: `${table} | where k == "a" | summarize ${name}(v, k)`,
      rows: [[name.endsWith('max') ? 3 : 1, 'a']],
    },
    emit: (args, site) => firstColumn(rowOf(name.endsWith('max') ? 'argMax' : 'argMin')(args, site)),
    emitColumns: rowOf(name.endsWith('max') ? 'argMax' : 'argMin'),
  })),
  ...(['take_anyif', 'anyif'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'A value of any row that meets the condition.',
    example: { query: `${table} | summarize ${name}(v, v > 1)`, rows: [[3]] },
    ordered: true,
    emit: (args) => {
      const value = argument(args, 0)
      return over(orNull('any', value), [value.sql], condition(argument(args, 1)))
    },
  })),
  ...(['take_any', 'any'] as const).map((name): AggregateFunction => ({
    name,
    doc: 'A value of any row, one that is not null where there is one.',
    example: { query: `${table} | where k == "b" | summarize ${name}(k)`, rows: [['b']] },
    ordered: true,
    emit: (args) => picked(argument(args, 0)),
    emitColumns: (args) => {
      if (args.length === 1) return [picked(argument(args, 0))]
      const row = aggregate('any', [tupleOf(args.map(element))])
      return args.map((_item, index) => call('tupleElement', row, index + 1))
    },
  })),
]

function picked(value: Operand): SqlExpression {
  const isMissing = value.nullable ? undefined : call('empty', value.sql)
  if (!isText(value.type)) return aggregate('anyOrNull', [value.sql])
  return when(
    call('greater', aggregate('countIf', [not(isMissing ?? nothing)]), 0),
    aggregate('anyIf', [value.sql, not(isMissing ?? nothing)]),
    aggregate('any', [value.sql]),
  )
}
