import type { ColumnExpression, Expression } from '../kql/plan.ts'
import { type Fields, isFields } from './plan-walk.ts'

/** Ticks that an expression lies after the time of the run; nothing where it is no constant distance from it. */
export function offsetOf(value: unknown): bigint | undefined {
  if (!isFields(value) || value['kind'] !== 'call' || !Array.isArray(value['args'])) return undefined
  const [first, second] = value['args'] as readonly unknown[]
  switch (value['name']) {
    case 'now':
      return first === undefined ? 0n : spanOf(first)
    case 'ago': {
      const span = spanOf(first)
      return span === undefined ? undefined : -span
    }
    case '+':
    case '-': {
      const start = offsetOf(first)
      const span = spanOf(second)
      if (start === undefined || span === undefined) return undefined
      return value['name'] === '+' ? start + span : start - span
    }
    default:
      return undefined
  }
}

/** Ticks of a timespan that is known before the query runs. */
export function spanOf(value: unknown): bigint | undefined {
  if (!isFields(value)) return undefined
  if (value['kind'] === 'literal') {
    const text = String(value['value'])
    return /^-?\d+$/.test(text) ? BigInt(text) : undefined
  }
  if (value['kind'] !== 'call' || !Array.isArray(value['args'])) return undefined
  const [left, right] = (value['args'] as readonly unknown[]).map((item) => spanOf(item))
  if (value['name'] === 'totimespan') return left
  if (left === undefined || right === undefined) return undefined
  if (value['name'] === '*') return left * right
  if (value['name'] === '+') return left + right
  return value['name'] === '-' ? left - right : undefined
}

/** Whether a node asks for the time of the run. */
export function isClock(node: Fields): boolean {
  return node['kind'] === 'call' && (node['name'] === 'now' || node['name'] === 'ago')
}

/** `TimeGenerated > ago(1d)` and its kin: a bound that rows only pass while they are recent, and then always. */
export function isTimeBound(expression: Expression): boolean {
  if (expression.kind !== 'call') return false
  const [first, second, third] = expression.args
  const isTime = (value: Expression | undefined): value is ColumnExpression =>
    value?.kind === 'column' && value.name === 'TimeGenerated'
  const isPast = (value: unknown): boolean => (offsetOf(value) ?? 0n) < 0n
  const isPresent = (value: unknown): boolean => (offsetOf(value) ?? -1n) >= 0n
  switch (expression.name) {
    case '>':
    case '>=':
      return (isTime(first) && isPast(second)) || (isTime(second) && isPresent(first))
    case '<':
    case '<=':
      return (isTime(second) && isPast(first)) || (isTime(first) && isPresent(second))
    case 'between':
      return isTime(first) && isPast(second) && isPresent(third)
    default:
      return false
  }
}
