import { child, childItems, type TreeNode } from '../../../src/kql/parser/tree.ts'
import type { KqlType } from '../../../src/kql/types.ts'
import { looseTypeOf, tableValue, type Scope } from './scope.ts'
import { highestDatetime, textOf } from './text.ts'
import { endsWith, fold, hasPrefix, hasSuffix, hasTerm, regex, startsWith } from './matching.ts'
import { Unknown, compare, isArray, isBag, wrap, type Value } from './value.ts'

type Evaluate = (node: TreeNode, scope: Scope) => Value

/** The value of `left symbol right`. */
export function binary(node: TreeNode, symbol: string, scope: Scope, evaluate: Evaluate): Value {
  const left = child(node, 'Left')
  const right = child(node, 'Right')
  const value = evaluate(left, scope)
  if (right.kind === 'ExpressionCouple') {
    const [first, second] = [child(right, 'First'), child(right, 'Second')]
    return between(
      symbol,
      value,
      looseTypeOf(left),
      [evaluate(first, scope), evaluate(second, scope)],
      [looseTypeOf(first), looseTypeOf(second)],
    )
  }
  if (right.kind === 'ExpressionList') {
    const items = childItems(right, 'Expressions')
    const listed = items.flatMap((item) => listedBy(item, scope, evaluate))
    return membership(symbol, value, looseTypeOf(left), listed)
  }
  return operatorMeaning(
    symbol,
    [value, evaluate(right, scope)],
    [looseTypeOf(left), looseTypeOf(right)],
    looseTypeOf(node),
  )
}

/** A table stands for the values of its first column. */
function listedBy(item: TreeNode, scope: Scope, evaluate: Evaluate): readonly Typed[] {
  if (item.type?.kind !== 'table') return elements(evaluate(item, scope), looseTypeOf(item))
  const { interpreter, names, tables, now } = scope
  const { columns, rows } = tableValue(item, { interpreter, names, tables, now })
  const [first] = columns
  return first ? rows.map((row) => ({ value: row.get(first.name) ?? null, type: first.type })) : []
}

interface Typed {
  readonly value: Value
  readonly type: KqlType
}

function elements(value: Value, type: KqlType): readonly Typed[] {
  if (type === 'dynamic' && value === null) return []
  return type === 'dynamic' && isArray(value)
    ? value.map((item) => ({ value: item, type }))
    : [{ value, type }]
}

function between(
  symbol: string,
  value: Value,
  type: KqlType,
  bounds: readonly Value[],
  types: readonly KqlType[],
): Value {
  const [low = null, high = null] = bounds
  const [lowType = type, highType = type] = types
  let upper = high
  // `t between (start .. 3d)` ends three days after its start.
  if (type === 'datetime' && highType === 'timespan')
    upper = arithmetic('+', low, high, lowType, highType, 'datetime')
  const inside = and(
    operatorMeaning('>=', [value, low], [type, lowType], 'bool'),
    operatorMeaning(
      '<=',
      [value, upper],
      [type, highType === 'timespan' && type === 'datetime' ? 'datetime' : highType],
      'bool',
    ),
  )
  return symbol.startsWith('!') ? not(inside) : inside
}

function membership(symbol: string, value: Value, type: KqlType, listed: readonly Typed[]): Value {
  const name = symbol.replace('!', '')
  const test = (item: Typed): boolean => {
    if (name === 'has_any' || name === 'has_all')
      return hasTerm(textOf(value, type), textOf(item.value, item.type), false)
    if (name === 'in~') return fold(textOf(value, type)) === fold(textOf(item.value, item.type))
    if (type === 'dynamic' && value === null && item.value === '')
      throw new Unknown('whether a null dynamic is in a list with the empty text')
    return operatorMeaning('==', [value, item.value], [type, item.type], 'bool') === true
  }
  const found = name === 'has_all' ? listed.every((item) => test(item)) : listed.some((item) => test(item))
  return symbol.startsWith('!') ? !found : found
}

export function and(left: Value, right: Value): Value {
  if (left === false || right === false) return false
  return left === null || right === null ? null : true
}

export function or(left: Value, right: Value): Value {
  if (left === true || right === true) return true
  return left === null || right === null ? null : false
}

export function not(value: Value): Value {
  return value === null ? null : value !== true
}

const texts: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  '=~': (text, part) => fold(text) === fold(part),
  contains: (text, part) => fold(text).includes(fold(part)),
  contains_cs: (text, part) => text.includes(part),
  startswith: (text, part) => startsWith(text, part, false),
  startswith_cs: (text, part) => startsWith(text, part, true),
  endswith: (text, part) => endsWith(text, part, false),
  endswith_cs: (text, part) => endsWith(text, part, true),
  has: (text, part) => hasTerm(text, part, false),
  has_cs: (text, part) => hasTerm(text, part, true),
  hasprefix: (text, part) => hasPrefix(text, part, false),
  hasprefix_cs: (text, part) => hasPrefix(text, part, true),
  hassuffix: (text, part) => hasSuffix(text, part, false),
  hassuffix_cs: (text, part) => hasSuffix(text, part, true),
  'matches regex': (text, part) => regex(part).test(text),
}

/** What an operator gives for its operands. */
export function operatorMeaning(
  symbol: string,
  values: readonly Value[],
  types: readonly KqlType[],
  type: KqlType,
): Value {
  const [left = null, right = null] = values
  const [leftType = 'dynamic', rightType = leftType] = types
  if (symbol === 'and') return and(left, right)
  if (symbol === 'or') return or(left, right)
  if (symbol === 'negate')
    return arithmetic('-', leftType === 'real' ? -0 : 0n, left, leftType, leftType, type)
  const positive = symbol === '!~' ? '=~' : symbol.replace(/^!(?!=)/, '')
  const test = texts[positive]
  if (test) {
    const found = test(textOf(left, leftType), textOf(right, rightType))
    return positive === symbol ? found : !found
  }
  if (['==', '!=', '<>', '<', '<=', '>', '>='].includes(symbol))
    return comparison(symbol, left, right, leftType, rightType)
  return arithmetic(symbol, left, right, leftType, rightType, type)
}

function comparison(symbol: string, left: Value, right: Value, leftType: KqlType, rightType: KqlType): Value {
  const isNullDynamic =
    (left === null && leftType === 'dynamic') || (right === null && rightType === 'dynamic')
  // Null equals nothing that is not null, not even the empty text.
  const [a, b] = isNullDynamic ? [left, right] : sameKind(left, right, leftType, rightType)
  const isEquality = symbol === '==' || symbol === '!=' || symbol === '<>'
  if (a === null || b === null) {
    if (a === null && b === null) return null
    return isEquality ? symbol !== '==' : null
  }
  if (typeof a === 'number' && typeof b === 'number' && (Number.isNaN(a) || Number.isNaN(b)))
    return symbol === '!=' || symbol === '<>'
  const order = compare(a, b)
  switch (symbol) {
    case '==':
      return order === 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return order !== 0
  }
}

/** Both as values that compare: a long beside a real is a real, a dynamic is what it holds. */
function sameKind(left: Value, right: Value, leftType: KqlType, rightType: KqlType): readonly [Value, Value] {
  if (leftType === 'dynamic' && rightType !== 'dynamic') return [asScalar(left, rightType), right]
  if (rightType === 'dynamic' && leftType !== 'dynamic') return [left, asScalar(right, leftType)]
  if (isArray(left) || isBag(left) || isArray(right) || isBag(right))
    throw new Unknown('comparison of arrays or bags')
  if (typeof left === 'number' && typeof right === 'bigint') return [left, Number(right)]
  if (typeof left === 'bigint' && typeof right === 'number') return [Number(left), right]
  return [left, right]
}

/** What a dynamic is beside a value of a type. */
export function asScalar(value: Value, type: KqlType): Value {
  if (value === null) return type === 'string' ? '' : null
  if (type === 'string') return textOf(value, 'dynamic')
  if (type === 'bool' && typeof value === 'boolean') return value
  if (
    (type === 'long' || type === 'int' || type === 'real') &&
    (typeof value === 'bigint' || typeof value === 'number')
  ) {
    return type === 'real' ? Number(value) : value
  }
  throw new Unknown(`a dynamic ${typeof value} beside a ${type}`)
}

export function arithmetic(
  symbol: string,
  left: Value,
  right: Value,
  leftType: KqlType,
  rightType: KqlType,
  type: KqlType,
): Value {
  if (left === null || right === null) return null
  if (leftType === 'dynamic' || rightType === 'dynamic' || type === 'decimal')
    throw new Unknown(`${leftType} ${symbol} ${rightType}`)
  if (typeof left === 'boolean' || typeof right === 'boolean') throw new Unknown(`${symbol} of bool`)
  if (leftType === 'real' || rightType === 'real') {
    const result = ofReals(symbol, Number(left), Number(right))
    if (type === 'timespan') return fromReal(result)
    return result
  }
  if (typeof left !== 'bigint' || typeof right !== 'bigint')
    throw new Unknown(`${leftType} ${symbol} ${rightType}`)
  if (type === 'real') return ofReals(symbol, Number(left), Number(right))
  const result = ofIntegers(symbol, left, right)
  if (result === null) return null
  if (type === 'datetime') return result < 0n || result > highestDatetime ? null : result
  return wrap(result, type)
}

/** A real as whole ticks, towards zero. */
function fromReal(value: number): Value {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) throw new Unknown('a timespan out of its range')
  return BigInt(Math.trunc(value))
}

function ofReals(symbol: string, left: number, right: number): number {
  if (symbol === '+') return left + right
  if (symbol === '-') return left - right
  if (symbol === '*') return left * right
  if (symbol === '/') return left / right
  const size = Math.abs(right)
  if (size === Infinity) throw new Unknown('a remainder by infinity')
  const rest = left % size
  return rest < 0 ? rest + size : Math.abs(rest)
}

function ofIntegers(symbol: string, left: bigint, right: bigint): bigint | null {
  if (symbol === '+') return left + right
  if (symbol === '-') return left - right
  if (symbol === '*') return left * right
  if (right === 0n) return null
  if (symbol === '/') return left / right
  const size = right < 0n ? -right : right
  return ((left % size) + size) % size
}
