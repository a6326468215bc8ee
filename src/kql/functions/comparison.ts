import { and, boolean, call, lambda, nothing, not, or, when, type SqlExpression } from '../../sql/node.ts'
import { convert, jsonElements, toText } from '../convert.ts'
import { argument, refuseMixed, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { isNullValue, isText, nullOf, type KqlType } from '../types.ts'

const orders: readonly (readonly [string, string, string])[] = [
  ['<', 'less', 'The left is less than the right; not true where either is null.'],
  ['<=', 'lessOrEquals', 'The left is at most the right.'],
  ['>', 'greater', 'The left is greater than the right.'],
  ['>=', 'greaterOrEquals', 'The left is at least the right.'],
]

const numeric: ReadonlySet<KqlType> = new Set(['int', 'long', 'real', 'decimal', 'bool'])

/** Both sides in one type that SQL can compare: a dynamic takes the other side's type. */
export function comparable(
  left: Operand,
  right: Operand,
  site: CallSite,
): readonly [SqlExpression, SqlExpression] {
  if (left.type === right.type) return [left.sql, right.sql]
  if (left.type === 'dynamic') return [unwrapped(left, right.type), right.sql]
  if (right.type === 'dynamic') return [left.sql, unwrapped(right, left.type)]
  if (numeric.has(left.type) && numeric.has(right.type)) return [left.sql, right.sql]
  if (left.type === 'guid' && right.type === 'string') return [left.sql, convert(right, 'guid')]
  if (left.type === 'string' && right.type === 'guid') return [convert(left, 'guid'), right.sql]
  if (left.type === 'string' || right.type === 'string') return [toText(left), toText(right)]
  if (left.type === 'timespan' || right.type === 'timespan')
    return [convert(left, 'long'), convert(right, 'long')]
  return site.refuse(
    'unsupported-argument',
    `${site.name} of ${left.type} and ${right.type} is not supported`,
  )
}

/** A dynamic compared with a number is compared as one only if it holds one; the same for booleans. */
function unwrapped(value: Operand, type: KqlType): SqlExpression {
  if (type === 'string') return toText(value)
  if (type === 'datetime' || type === 'timespan' || type === 'guid') return convert(value, type)
  if (type === 'bool') {
    return call(
      'transform',
      value.path?.guards.length === 0
        ? call('JSONExtractRaw', value.path.root, ...value.path.keys)
        : value.sql,
      call('array', 'true', 'false'),
      call('array', boolean(true), boolean(false)),
      nothing,
    )
  }
  return type === 'int' || type === 'long'
    ? call('toInt64OrNull', value.sql)
    : call('toFloat64OrNull', value.sql)
}

/** Numbers in a dynamic may have a fraction even where they are compared with a whole number. */
function sides(args: readonly Operand[], site: CallSite): readonly [SqlExpression, SqlExpression] {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  const widen = (value: Operand): Operand =>
    value.type === 'int' || value.type === 'long'
      ? operand(call('toFloat64', value.sql), 'real', value.nullable)
      : value
  const isMixed = left.type !== right.type && (left.type === 'dynamic' || right.type === 'dynamic')
  const isSmall = (value: Operand): boolean =>
    value.literal === undefined ||
    (typeof value.literal.value === 'string' && value.literal.value.length < 16)
  if (isMixed && isSmall(left) && isSmall(right)) return comparable(widen(left), widen(right), site)
  return comparable(left, right, site)
}

function isMissing(value: Operand): SqlExpression {
  return value.type === 'string' ? boolean(false) : isNullValue(value.sql, value.type)
}

function canBeMissing(value: Operand): boolean {
  return value.type === 'dynamic' ? !value.literal?.value : value.nullable
}

function equality(args: readonly Operand[], site: CallSite): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  const [a, b] = sides(args, site)
  const same = call('equals', a, b)
  if (left.type === 'dynamic' && right.type === 'dynamic') {
    return when(and(isMissing(left), isMissing(right)), nothing, sameJson(left, right))
  }
  if (!canBeMissing(left) && !canBeMissing(right)) return same
  const known = left.type === 'dynamic' || right.type === 'dynamic' ? present(same, left, right) : same
  const otherwise =
    canBeMissing(left) && canBeMissing(right)
      ? when(and(isMissing(left), isMissing(right)), nothing, boolean(false))
      : boolean(false)
  return call('ifNull', known, otherwise)
}

/** A null dynamic equals nothing, not even the empty string. */
function present(condition: SqlExpression, left: Operand, right: Operand): SqlExpression {
  if ([left, right].some(({ type, literal }) => type === 'string' && (literal?.value ?? '') !== ''))
    return condition
  const dynamics = [left, right].filter((value) => value.type === 'dynamic')
  return and(...dynamics.map((value) => call('notEmpty', value.sql)), condition)
}

function sameJson(left: Operand, right: Operand): SqlExpression {
  return or(
    call('equals', left.sql, right.sql),
    call(
      'ifNull',
      call('equals', call('toFloat64OrNull', left.sql), call('toFloat64OrNull', right.sql)),
      boolean(false),
    ),
  )
}

function folded(value: Operand): SqlExpression {
  return call('lowerUTF8', toText(value))
}

/** Items of an `in` list as texts or typed values; a dynamic array stands for its elements. */
function membership(args: readonly Operand[], site: CallSite, folds: boolean): SqlExpression {
  const subject = argument(args, 0)
  const items = args.slice(1)
  const asText = folds || subject.type === 'dynamic' || subject.type === 'string'
  const form = (value: Operand): SqlExpression => {
    if (folds) return folded(value)
    return asText ? toText(value) : convert(value, subject.type)
  }
  const value = form(subject)
  const lists = items.filter((item) => item.type === 'dynamic')
  const scalars = items.filter((item) => item.type !== 'dynamic')
  const conditions: SqlExpression[] = []
  if (scalars.length > 0) {
    const values = scalars.map((item) => {
      if (numeric.has(subject.type) && numeric.has(item.type)) return item.sql
      return form(item)
    })
    const isConstant = scalars.every((item) => item.literal !== undefined && item.literal.value !== null)
    conditions.push(
      isConstant && values.every((item) => item.kind !== 'null')
        ? call('in', value, call('tuple', ...values))
        : or(...values.map((item) => call('ifNull', call('equals', value, item), boolean(false)))),
    )
  }
  for (const list of lists) conditions.push(inDynamic(subject, list, folds, site))
  if (conditions.length === 0) return boolean(false)
  const found = or(...conditions)
  return subject.nullable || lists.length > 0 ? call('ifNull', found, boolean(false)) : found
}

function inDynamic(subject: Operand, list: Operand, folds: boolean, site: CallSite): SqlExpression {
  const value = subject.type === 'dynamic' ? operand(toText(subject), 'string') : subject
  const pair = (element: Operand): readonly [SqlExpression, SqlExpression] =>
    folds ? [folded(value), folded(element)] : comparable(value, element, site)
  const mapped = call(
    'arrayMap',
    lambda(['e'], (element) => pair(operand(element, 'dynamic'))[1]),
    jsonElements(list.sql),
  )
  // A null lists nothing.
  const single = and(call('notEmpty', list.sql), call('equals', ...pair(list)))
  return when(
    call('startsWith', list.sql, '['),
    call('has', mapped, pair(operand(list.sql, 'dynamic'))[0]),
    call('ifNull', single, boolean(false)),
  )
}

function between(args: readonly Operand[], site: CallSite): SqlExpression {
  const [value, low] = [argument(args, 0), argument(args, 1)]
  let high = argument(args, 2)
  // `datetime between (start .. timespan)` means from start for that long.
  if (value.type === 'datetime' && low.type === 'datetime' && high.type === 'timespan') {
    high = site.call('+', [low, high], 'datetime')
  }
  const [a, b] = comparable(value, low, site)
  const [c, d] = comparable(value, high, site)
  return and(call('greaterOrEquals', a, b), call('lessOrEquals', c, d))
}

/** Comparison and logic. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  {
    name: '==',
    doc: 'Equality: null equals no value, and of two nulls it is unknown.',
    example: ['long(null) == 1', false],
    emit: equality,
  },
  {
    name: '== or null',
    doc: 'Equality where unknown counts as false.',
    example: ['2 == 2', true],
    emit: (args, site) => {
      const [left, right] = [argument(args, 0), argument(args, 1)]
      if (left.type === 'dynamic' && right.type === 'dynamic')
        return and(call('notEmpty', left.sql), sameJson(left, right))
      const same = call('equals', ...sides(args, site))
      const isText = left.type === 'string' || right.type === 'string'
      const hasDynamic = left.type === 'dynamic' || right.type === 'dynamic'
      return hasDynamic && isText ? present(same, left, right) : same
    },
  },
  {
    name: '!=',
    doc: 'Inequality: null differs from every value; of two nulls it is unknown.',
    example: ['long(null) != 1', true],
    emit: (args, site) => not(equality(args, site)),
  },
  ...orders.map(([name, sql, doc]): ScalarFunction => ({
    name,
    doc,
    example: [`2 ${name} 3`, name.startsWith('<')],
    emit: (args, site) => call(sql, ...sides(args, site)),
  })),
  {
    name: 'and',
    doc: 'Both are true; unknown where one is null and the other is not false.',
    example: ['true and false', false],
    emit: (args) => and(...args.map((value) => convert(value, 'bool'))),
  },
  {
    name: 'or',
    doc: 'One of the two is true.',
    example: ['true or bool(null)', true],
    emit: (args) => or(...args.map((value) => convert(value, 'bool'))),
  },
  {
    name: 'not',
    doc: 'Reverses a boolean; null stays null.',
    example: ['not(true)', false],
    emit: (args) => not(convert(argument(args, 0), 'bool')),
  },
  {
    name: 'between',
    doc: 'Within bounds, both included.',
    example: ['5 between (1 .. 5)', true],
    emit: between,
  },
  {
    name: '!between',
    doc: 'Outside bounds.',
    example: ['5 !between (1 .. 4)', true],
    emit: (args, site) => not(between(args, site)),
  },
  {
    name: '=~',
    doc: 'Equal strings, whatever the case of letters.',
    example: ['"ÉA" =~ "éa"', true],
    total: true,
    emit: (args) => call('equals', folded(argument(args, 0)), folded(argument(args, 1))),
  },
  {
    name: '!~',
    doc: 'Different strings, whatever the case of letters.',
    example: ['"a" !~ "A"', false],
    total: true,
    emit: (args) => call('notEquals', folded(argument(args, 0)), folded(argument(args, 1))),
  },
  ...(['in', 'in~'] as const).flatMap((name): ScalarFunction[] => [
    {
      name,
      doc: 'Equals one of the listed values, or of a dynamic array’s elements.',
      example: [`"A" ${name} ("a", "b")`, name === 'in~'],
      total: true,
      emit: (args, site) => membership(args, site, name === 'in~'),
    },
    {
      name: `!${name}`,
      doc: 'Equals none of the listed values.',
      example: [`"A" !${name} ("a", "b")`, name !== 'in~'],
      total: true,
      emit: (args, site) => not(membership(args, site, name === 'in~')),
    },
  ]),
  {
    name: 'isnull',
    doc: 'Whether the value is null; a string never is.',
    example: ['isnull(int(null))', true],
    total: true,
    emit: (args) => isMissing(argument(args, 0)),
  },
  {
    name: 'isnotnull',
    doc: 'Whether the value is not null.',
    example: ['isnotnull("")', true],
    total: true,
    emit: (args) => not(isMissing(argument(args, 0))),
  },
  {
    name: 'isempty',
    doc: 'Whether the value is null or an empty string.',
    example: ['isempty("")', true],
    total: true,
    emit: (args) => isEmptyValue(argument(args, 0)),
  },
  {
    name: 'isnotempty',
    doc: 'Whether the value is neither null nor an empty string.',
    example: ['isnotempty("a")', true],
    total: true,
    emit: (args) => not(isEmptyValue(argument(args, 0))),
  },
  {
    name: 'coalesce',
    doc: 'The first value that is not null (for strings: not empty).',
    example: ['coalesce(long(null), 2, 3)', 2],
    emit: (args, site) => {
      refuseMixed(args, site)
      const values = args.map((value) => convert(value, site.type))
      const last = values.at(-1) ?? nullOf(site.type)
      if (!isText(site.type)) return call('coalesce', ...values)
      return values
        .slice(0, -1)
        .reduceRight((rest, value) => when(call('notEmpty', value), value, rest), last)
    },
  },
]

function isEmptyValue(value: Operand): SqlExpression {
  if (value.type === 'dynamic') return call('in', value.sql, call('tuple', '', '""'))
  return isText(value.type) ? call('empty', value.sql) : isMissing(value)
}
