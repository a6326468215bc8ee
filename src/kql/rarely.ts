import { call, integer, lambda, when, type SqlExpression } from '../sql/node.ts'

/**
 * What is made of a text in the usual way or, in the few rows of a condition, in another. The engine may compute both
 * branches of a condition for every row; so the other way goes through an array that is empty where it is not taken. The array
 * holds numbers, since one of texts would copy them all, and each text depends on its number, since the engine computes
 * what depends on none outside.
 */
export function rarely(
  condition: SqlExpression,
  source: SqlExpression,
  unusual: (source: SqlExpression) => SqlExpression,
  usual: SqlExpression,
): SqlExpression {
  const once = call('range', call('ifNull', condition, integer(0)))
  const body = lambda(['d'], (zero) => unusual(call('substring', source, call('plus', zero, 1))))
  return when(condition, call('arrayElement', call('arrayMap', body, once), 1), usual)
}
