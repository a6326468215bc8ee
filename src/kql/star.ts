import type { Column, Expression } from './plan.ts'

/** Any of the columns, each as an expression. */
export function anyColumn(columns: readonly Column[], test: (column: Expression) => Expression): Expression {
  const place = { start: 0, end: 0 }
  const tests = columns.map((column) => test({ kind: 'column', ...column, place }))
  const [first, ...rest] = tests
  if (!first) return { kind: 'literal', type: 'bool', value: false, place }
  return rest.reduce<Expression>(
    (all, next) => ({ kind: 'call', name: 'or', args: [all, next], type: 'bool', place }),
    first,
  )
}
