import { bound, call, cast, integer, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import {
  asDatetime,
  datetimeToTicks,
  physicalTypes,
  ticksToDatetime,
  unixEpochTicks,
  type KqlType,
} from '../types.ts'

const wholes: ReadonlySet<KqlType> = new Set(['int', 'long'])

/** Arguments in the call's type; datetimes and timespans as ticks. */
function numbers(args: readonly Operand[], site: CallSite): SqlExpression[] {
  // Where the real engine's type is wider than the binder's, the sum of it would be narrowed.
  if (wholes.has(site.type) && args.some(({ type }) => type === 'real')) {
    return site.refuse(
      'unsupported-argument',
      `${site.name} of a real that counts as whole`,
      'convert it with toreal() or tolong()',
    )
  }
  return args.map((value) => convert(value, site.type))
}

/** Ticks of a datetime (since 1970), a timespan or a whole number of them. */
function ticks(value: Operand): SqlExpression {
  return value.type === 'datetime' ? datetimeToTicks(value.sql) : value.sql
}

function sum(args: readonly Operand[], site: CallSite, name: 'plus' | 'minus'): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  if (left.type === 'datetime' || right.type === 'datetime') {
    if (![left, right].every(({ type }) => type === 'datetime' || type === 'timespan')) {
      return site.refuse(
        'unsupported-argument',
        `${site.name} of ${left.type} and ${right.type} is not supported`,
      )
    }
    const result = call(name, ticks(left), ticks(right))
    return site.type === 'datetime' ? ticksToDatetime(result) : result
  }
  if (site.type === 'timespan') return call(name, convert(left, 'timespan'), convert(right, 'timespan'))
  if (site.type === 'real' || site.type === 'decimal' || wholes.has(site.type))
    return sized(call(name, ...numbers(args, site)), site)
  return site.refuse(
    'unsupported-argument',
    `${site.name} of ${left.type} and ${right.type} is not supported`,
  )
}

/** Arithmetic in the result's own width: long overflow wraps. */
function sized(value: SqlExpression, site: CallSite): SqlExpression {
  if (site.type === 'int') return cast(value, physicalTypes.int)
  return site.type === 'decimal' ? cast(value, physicalTypes.decimal) : value
}

function product(args: readonly Operand[], site: CallSite): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  if (site.type === 'decimal')
    return sized(call('multiplyDecimal', ...numbers(args, site), integer(38)), site)
  if (site.type !== 'timespan') return sized(call('multiply', ...numbers(args, site)), site)
  const factor = left.type === 'timespan' ? right : left
  const span = left.type === 'timespan' ? left : right
  if (wholes.has(factor.type)) return call('multiply', span.sql, factor.sql)
  return call(
    'accurateCastOrNull',
    call('trunc', call('multiply', span.sql, convert(factor, 'real'))),
    'Int64',
  )
}

function quotient(args: readonly Operand[], site: CallSite): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  if (left.type === 'timespan' && right.type === 'timespan')
    return call('divide', toFloat(left.sql), toFloat(right.sql))
  if (left.type === 'timespan') {
    const divided = call('divide', toFloat(left.sql), convert(right, 'real'))
    return wholes.has(right.type)
      ? safely(right.sql, call('intDiv', left.sql, nonZero(right.sql)))
      : call('accurateCastOrNull', call('trunc', divided), 'Int64')
  }
  const [a, b] = numbers(args, site)
  if (!a || !b) throw new Error('division needs two sides')
  if (site.type === 'decimal') {
    const divisor = when(call('equals', b, 0), cast(integer(1), physicalTypes.decimal), b)
    return safely(b, sized(call('divideDecimal', a, divisor, 38), site))
  }
  if (!wholes.has(site.type)) return call('divide', a, b)
  // The least long divided by -1 overflows; Kusto wraps as the processor does.
  return when(call('equals', b, -1), call('negate', a), safely(b, call('intDiv', a, nonZero(b))))
}

function toFloat(value: SqlExpression): SqlExpression {
  return call('toFloat64', value)
}

function nonZero(value: SqlExpression): SqlExpression {
  return when(call('equals', value, 0), integer(1), value)
}

function safely(divisor: SqlExpression, value: SqlExpression): SqlExpression {
  return when(call('equals', divisor, 0), nothing, value)
}

const lostRemainder = 'the remainder of a real more than 2^53 times as large as the divisor'

/** The engine's quotient has 53 bits: of a larger one, nothing is left that the remainder could be told by. */
function isLost(value: SqlExpression, size: SqlExpression): SqlExpression {
  const isTooLarge = call(
    'greaterOrEquals',
    call('abs', value),
    call('multiply', size, toFloat(integer(2 ** 53))),
  )
  return call('and', call('isFinite', value), call('greater', size, 0), isTooLarge)
}

/** Never negative: the remainder of the division by the divisor's size. */
function remainder(args: readonly Operand[], site: CallSite): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  const isSpan = left.type === 'timespan' || left.type === 'datetime'
  const [a, b] = isSpan ? [ticks(left), ticks(right)] : numbers(args, site)
  if (!a || !b) throw new Error('a remainder needs two sides')
  if (site.type === 'real' || site.type === 'decimal') {
    const size = call('abs', b)
    const rest = bound(call('modulo', a, size), (value) =>
      when(call('less', value, 0), call('plus', value, size), value),
    )
    return site.type === 'real' ? call('plus', rest, call('throwIf', isLost(a, size), lostRemainder)) : rest
  }
  // The engine's remainder is unsigned.
  const rest = call('positiveModulo', a, call('toInt64', call('abs', nonZero(b))))
  return safely(b, sized(call('toInt64', rest), site))
}

/** Floors to a multiple of the size, counted from 0, and for datetimes from 0001-01-01. */
function floorTo(args: readonly Operand[], site: CallSite): SqlExpression {
  const [value, size] = [argument(args, 0), argument(args, 1)]
  if (value.type === 'datetime') {
    if (size.type !== 'timespan' && !wholes.has(size.type))
      return site.refuse('unsupported-argument', `bin of a datetime by ${size.type}`)
    const ticks = datetimeToTicks(value.sql)
    const since = call('plus', ticks, unixEpochTicks)
    const step = size.type === 'timespan' ? size.literal?.value : undefined
    if (typeof step === 'string' && BigInt(step) > 0n) {
      // No earlier than 0001-01-01 and no later than the value, so it is a datetime.
      return asDatetime(call('minus', ticks, call('positiveModulo', since, size.sql)))
    }
    return ticksToDatetime(call('minus', floorTicks(since, convert(size, 'timespan')), unixEpochTicks))
  }
  if (value.type === 'timespan' || wholes.has(value.type)) {
    if (wholes.has(size.type) || size.type === 'timespan') return floorTicks(value.sql, size.sql)
  }
  const real = convert(value, 'real')
  const step = convert(size, 'real')
  return when(
    call('greater', step, 0),
    call('multiply', call('floor', call('divide', real, step)), step),
    nothing,
  )
}

function floorTicks(value: SqlExpression, size: SqlExpression): SqlExpression {
  return when(
    call('greater', size, 0),
    call('minus', value, call('positiveModulo', value, nonZero(size))),
    nothing,
  )
}

const realFunctions: readonly (readonly [string, string, string, number])[] = [
  ['sqrt', 'sqrt', 'sqrt(16)', 4],
  ['exp', 'exp', 'exp(0)', 1],
  ['exp2', 'exp2', 'exp2(3)', 8],
  ['exp10', 'exp10', 'exp10(2)', 100],
  ['log', 'log', 'log(1)', 0],
  ['log2', 'log2', 'log2(8)', 3],
  ['log10', 'log10', 'log10(100)', 2],
  ['sin', 'sin', 'sin(0)', 0],
  ['cos', 'cos', 'cos(0)', 1],
  ['tan', 'tan', 'tan(0)', 0],
  ['asin', 'asin', 'asin(0)', 0],
  ['acos', 'acos', 'acos(1)', 0],
  ['atan', 'atan', 'atan(0)', 0],
  ['radians', 'radians', 'radians(0)', 0],
  ['degrees', 'degrees', 'degrees(0)', 0],
]

/** Arithmetic, rounding and the usual real functions. */
export const mathFunctions: readonly ScalarFunction[] = [
  {
    name: '+',
    doc: 'Sum; a long that overflows wraps; a timespan moves a datetime.',
    example: ['1 + 2', 3],
    emit: (args, site) => sum(args, site, 'plus'),
  },
  {
    name: '-',
    doc: 'Difference; of two datetimes it is a timespan.',
    example: ['datetime(2020-01-02) - datetime(2020-01-01)', '1.00:00:00'],
    emit: (args, site) => sum(args, site, 'minus'),
  },
  { name: '*', doc: 'Product.', example: ['2 * 1h', '02:00:00'], emit: product },
  {
    name: '/',
    doc: 'Quotient: of whole numbers it is whole and null for a zero divisor; of timespans it is real.',
    example: ['7 / 2', 3],
    emit: quotient,
  },
  { name: '%', doc: 'Remainder, never negative for whole numbers.', example: ['-5 % 3', 1], emit: remainder },
  {
    name: 'negate',
    doc: 'Changes the sign.',
    example: ['-(1 + 1)', -2],
    emit: (args, site) => call('negate', convert(argument(args, 0), site.type)),
  },
  ...(['bin', 'floor'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'Rounds down to a multiple of a size; datetimes count from 0001-01-01.',
    example: [`${name}(-7, 5)`, -10],
    emit: floorTo,
  })),
  {
    name: 'abs',
    doc: 'Size without sign.',
    example: ['abs(-5)', 5],
    emit: (args, site) => cast(call('abs', convert(argument(args, 0), site.type)), physicalTypes[site.type]),
  },
  {
    name: 'ceiling',
    doc: 'Rounds up to a whole number.',
    example: ['ceiling(1.2)', 2],
    emit: (args, site) =>
      convert(operand(call('ceil', convert(argument(args, 0), 'real')), 'real'), site.type),
  },
  {
    name: 'pow',
    doc: 'Power.',
    example: ['pow(2, 3)', 8],
    emit: (args) => call('pow', convert(argument(args, 0), 'real'), convert(argument(args, 1), 'real')),
  },
  ...realFunctions.map(([name, sql, example, value]): ScalarFunction => ({
    name,
    doc: `The function ${name} of a real.`,
    example: [example, value],
    type: 'real',
    emit: (args) => {
      const value = convert(argument(args, 0), 'real')
      return name.startsWith('log')
        ? when(call('less', value, 0), nothing, call(sql, value))
        : call(sql, value)
    },
  })),
  {
    name: 'isnan',
    doc: 'Whether a real is NaN.',
    example: ['isnan(real(nan))', true],
    emit: (args) => call('ifNull', call('isNaN', convert(argument(args, 0), 'real')), 0),
  },
  {
    name: 'isinf',
    doc: 'Whether a real is an infinity.',
    example: ['isinf(real(inf))', true],
    emit: (args) => call('ifNull', call('isInfinite', convert(argument(args, 0), 'real')), 0),
  },
  {
    name: 'isfinite',
    doc: 'Whether a real is neither NaN nor an infinity.',
    example: ['isfinite(1.0)', true],
    emit: (args) => call('ifNull', call('isFinite', convert(argument(args, 0), 'real')), 0),
  },
]
