import { call, cast, lambda, nothing, text, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { convert, jsonArray } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { isWhole, numbersOf, realArray, seriesOf, whereSeries, wholesOf } from './series-elements.ts'

type Step = (left: SqlExpression, right: SqlExpression) => SqlExpression

const wholeArray = 'Array(Nullable(Int64))'

function wholes(json: SqlExpression): SqlExpression {
  return cast(
    call(
      'arrayMap',
      lambda(['e'], (element) => call('toInt64OrNull', element)),
      arrayElements(json),
    ),
    wholeArray,
  )
}

/** Pairs two series; the shorter is filled up with null, a single number stands beside each element of the other. */
function pairs(
  args: readonly Operand[],
  site: CallSite,
  type: 'real' | 'long',
  use: (left: SqlExpression, right: SqlExpression) => SqlExpression,
): SqlExpression {
  const [left, right] = [argument(args, 0), argument(args, 1)]
  if (left.type !== 'dynamic' && right.type !== 'dynamic')
    return site.refuse('bad-argument', `${site.name} needs a series`)
  const read = (value: Operand): SqlExpression => (type === 'real' ? numbersOf(value.sql) : wholes(value.sql))
  const lengths = [left, right]
    .filter((value) => value.type === 'dynamic')
    .map((value) => call('length', arrayElements(value.sql)))
  const [size, other] = lengths
  if (!size) throw new Error('a series has a length')
  const common = other ? call('greatest', size, other) : size
  const [a, b] = [left, right].map((value) =>
    value.type === 'dynamic'
      ? call('arrayResize', read(value), common, nothing)
      : cast(
          call('arrayWithConstant', common, convert(value, type)),
          type === 'real' ? realArray : wholeArray,
        ),
  )
  if (!a || !b) throw new Error('a pair has two sides')
  return use(a, b)
}

function sources(args: readonly Operand[]): SqlExpression[] {
  return args.filter((value) => value.type === 'dynamic').map((value) => value.sql)
}

/** Element by element; whole numbers stay whole where the step allows it. */
function elementwise(step: Step, keepsWhole: boolean): ScalarFunction['emit'] {
  return (args, site) => {
    const mapped = (left: SqlExpression, right: SqlExpression): SqlExpression =>
      call(
        'arrayMap',
        lambda(['a', 'b'], (a, b) => step(a, b)),
        left,
        right,
      )
    const reals = seriesOf(cast(pairs(args, site, 'real', mapped), realArray))
    const areNumbers = args.every(({ type }) => ['dynamic', 'int', 'long'].includes(type))
    if (!keepsWhole || !areNumbers) return whereSeries(sources(args), reals)
    const whole = wholesOf(pairs(args, site, 'long', mapped))
    const [first, second] = sources(args).map((source) => isWhole(source))
    const test = first && second ? call('and', first, second) : first
    return whereSeries(sources(args), test ? when(test, whole, reals) : reals)
  }
}

function compared(name: string): ScalarFunction['emit'] {
  return (args, site) => {
    const printed = lambda(['a', 'b'], (a, b) =>
      call(
        'multiIf',
        call('or', call('isNull', a), call('isNull', b)),
        text('null'),
        call(name, a, b),
        text('true'),
        text('false'),
      ),
    )
    const result = pairs(args, site, 'real', (left, right) => call('arrayMap', printed, left, right))
    return whereSeries(sources(args), jsonArray(result))
  }
}

/** One number for each; whole numbers stay whole where the function keeps them. */
function mapped(step: (value: SqlExpression) => SqlExpression, keepsWhole = false): ScalarFunction['emit'] {
  return (args) => {
    const source = argument(args, 0).sql
    const each = lambda(['a'], (value) => step(value))
    const reals = seriesOf(cast(call('arrayMap', each, numbersOf(source)), realArray))
    const result = keepsWhole
      ? when(isWhole(source), wholesOf(call('arrayMap', each, wholes(source))), reals)
      : reals
    return whereSeries([source], result)
  }
}

const arithmetic: readonly (readonly [
  name: string,
  what: string,
  step: Step,
  keepsWhole: boolean,
  example: unknown,
])[] = [
  ['series_add', 'sum', (a, b) => call('plus', a, b), true, [3, 6]],
  ['series_subtract', 'difference', (a, b) => call('minus', a, b), true, [1, 2]],
  ['series_multiply', 'product', (a, b) => call('multiply', a, b), true, [2, 8]],
  ['series_divide', 'quotient', (a, b) => call('divide', a, b), false, [2, 2]],
  ['series_pow', 'power', (a, b) => call('pow', a, b), false, [2, 16]],
]

const comparisons: readonly (readonly [name: string, sql: string, example: readonly boolean[]])[] = [
  ['series_equals', 'equals', [false, true, false]],
  ['series_not_equals', 'notEquals', [true, false, true]],
  ['series_greater', 'greater', [false, false, true]],
  ['series_greater_equals', 'greaterOrEquals', [false, true, true]],
  ['series_less', 'less', [true, false, false]],
  ['series_less_equals', 'lessOrEquals', [true, true, false]],
]

const singles: readonly (readonly [name: string, sql: string, source: string, example: unknown])[] = [
  ['series_exp', 'exp', '[0]', [1]],
  ['series_log', 'log', '[1]', [0]],
  ['series_sin', 'sin', '[0]', [0]],
  ['series_cos', 'cos', '[0]', [1]],
  ['series_tan', 'tan', '[0]', [0]],
  ['series_asin', 'asin', '[0]', [0]],
  ['series_acos', 'acos', '[1]', [0]],
  ['series_atan', 'atan', '[0]', [0]],
  ['series_ceiling', 'ceil', '[-1.5, 1, 2.5]', [-1, 1, 3]],
  ['series_floor', 'floor', '[-1.5, 1, 2.5]', [-2, 1, 2]],
]

/** Calculations element by element. */
export const seriesArithmeticFunctions: readonly ScalarFunction[] = [
  ...arithmetic.map(([name, what, step, keepsWhole, value]): ScalarFunction => ({
    name,
    doc: `The ${what} of two series, element by element; what is missing on a side gives null.`,
    example: [`${name}(dynamic([2, 4]), dynamic([1, 2]))`, value],
    total: true,
    emit: elementwise(step, keepsWhole),
  })),
  ...comparisons.map(([name, sql, value]): ScalarFunction => ({
    name,
    doc: 'Compares two series, element by element; what is missing on a side gives null.',
    example: [`${name}(dynamic([1, 2, 4]), dynamic([4, 2, 1]))`, value],
    total: true,
    emit: compared(sql),
  })),
  ...singles.map(([name, sql, source, value]): ScalarFunction => ({
    name,
    doc: `The function ${name.replace('series_', '')} of each element.`,
    example: [`${name}(dynamic(${source}))`, value],
    total: true,
    emit: mapped((number) => call(sql, number)),
  })),
  {
    name: 'series_abs',
    doc: 'Each element without its sign.',
    example: ['series_abs(dynamic([-1, 2.5]))', [1, 2.5]],
    type: 'dynamic',
    total: true,
    emit: mapped((number) => call('abs', number), true),
  },
  {
    name: 'series_sign',
    doc: 'The sign of each element: -1, 0 or 1.',
    example: ['series_sign(dynamic([-6, 0, 8]))', [-1, 0, 1]],
    total: true,
    emit: mapped((number) => call('sign', number), true),
  },
]
