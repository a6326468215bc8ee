import { and, bound, call, cast, integer, or, real, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { physicalTypes } from '../types.ts'
import { unless } from './pattern.ts'

/** To the nearest, halves away from zero. */
function rounded(value: SqlExpression): SqlExpression {
  return bound(call('abs', value), (size) => {
    const whole = call('trunc', size)
    const up = when(
      call('greaterOrEquals', call('minus', size, whole), real(0.5)),
      call('plus', whole, 1),
      whole,
    )
    return when(call('less', value, 0), call('negate', up), up)
  })
}

function round(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const precision = args[1]?.literal?.value ?? (args[1] ? undefined : '0')
  if (typeof precision !== 'string')
    return site.refuse('not-constant', 'the precision of round must be a literal')
  const places = Number(precision)
  if (value.type === 'int' || value.type === 'long') {
    return places >= 0 ? value.sql : site.refuse('unsupported-argument', 'round of a whole number to tens')
  }
  if (value.type !== 'real')
    return site.refuse('unsupported-argument', `round of a ${value.type} is not supported`, 'use toreal()')
  if (places < -15 || places > 15) return site.refuse('unsupported-argument', 'round to more than 15 digits')
  const scale = real(10 ** Math.abs(places))
  return bound(value.sql, (number) => {
    const nearest = (up: string, down: string): SqlExpression =>
      call(down, rounded(call(up, number, scale)), scale)
    return places === 0
      ? rounded(number)
      : places > 0
        ? nearest('multiply', 'divide')
        : nearest('divide', 'multiply')
  })
}

/** Gamma and its logarithm have no value at 0 and the negative whole numbers. */
function gamma(name: 'tgamma' | 'lgamma', args: readonly Operand[], site: CallSite): SqlExpression {
  const value = convert(argument(args, 0), 'real')
  const isPole = and(call('lessOrEquals', value, 0), call('equals', value, call('trunc', value)))
  return unless(
    isPole,
    `${site.name}: it has no value there`,
    call(name, value),
    cast(integer(0), physicalTypes.real),
  )
}

function betaDensity(args: readonly Operand[]): SqlExpression {
  const [x, alpha, beta] = args.map((value) => convert(value, 'real'))
  if (!x || !alpha || !beta) throw new Error('beta_pdf needs three numbers')
  const logarithm = call(
    'minus',
    call(
      'plus',
      call('multiply', call('minus', alpha, 1), call('log', x)),
      call('multiply', call('minus', beta, 1), call('log1p', call('negate', x))),
    ),
    call(
      'minus',
      call('plus', call('lgamma', alpha), call('lgamma', beta)),
      call('lgamma', call('plus', alpha, beta)),
    ),
  )
  const isInside = and(
    call('greater', x, 0),
    call('less', x, 1),
    call('greater', alpha, 0),
    call('greater', beta, 0),
  )
  const isEdge = or(call('equals', x, 0), call('equals', x, 1))
  return unless(
    isEdge,
    'beta_pdf: a density at the edge',
    when(isInside, call('exp', logarithm), real(Number.NaN)),
    real(Number.NaN),
  )
}

function unary(
  name: string,
  doc: string,
  example: ScalarFunction['example'],
  make: (value: SqlExpression) => SqlExpression,
): ScalarFunction {
  return { name, doc, example, emit: (args) => make(convert(argument(args, 0), 'real')) }
}

/** Rounding and functions of analysis. */
export const numericFunctions: readonly ScalarFunction[] = [
  {
    name: 'round',
    doc: 'Rounds to a number of digits, halves away from zero.',
    example: ['round(-2.5)', -3],
    emit: round,
  },
  unary('sign', 'The sign of a number: -1, 0 or 1.', ['sign(-4.5)', -1], (value) =>
    when(
      call('isNull', value),
      value,
      call('toFloat64', when(call('isNaN', value), integer(0), call('sign', value))),
    ),
  ),
  unary('cot', 'The cotangent.', ['round(cot(1), 6)', 0.642093], (value) =>
    call('divide', real(1), call('tan', value)),
  ),
  unary('erf', 'The error function.', ['erf(0)', 0], (value) => call('erf', value)),
  unary('erfc', 'One less the error function.', ['erfc(0)', 1], (value) => call('erfc', value)),
  {
    name: 'atan2',
    doc: 'The angle of a point from the x axis.',
    example: ['round(atan2(1, 1), 6)', 0.785398],
    emit: (args) => call('atan2', convert(argument(args, 0), 'real'), convert(argument(args, 1), 'real')),
  },
  { name: 'pi', doc: 'Pi.', example: ['round(pi(), 1)', 3.1], total: true, emit: () => call('pi') },
  {
    name: 'gamma',
    doc: 'The gamma function.',
    example: ['gamma(5)', 24],
    emit: (args, site) => gamma('tgamma', args, site),
  },
  {
    name: 'loggamma',
    doc: 'The logarithm of the gamma function’s size.',
    example: ['round(loggamma(5), 6)', 3.178054],
    emit: (args, site) => gamma('lgamma', args, site),
  },
  {
    name: 'beta_pdf',
    doc: 'The density of the beta distribution.',
    example: ['round(beta_pdf(0.5, 10.0, 20.0), 6)', 0.746176],
    emit: betaDensity,
  },
]
