import { bound, call, integer, text, when, type SqlExpression } from '../sql/node.ts'

/** Kusto prints reals with a point: `1.0`. */
export function realText(value: SqlExpression): SqlExpression {
  return bound(value, realTextOf)
}

function realTextOf(value: SqlExpression): SqlExpression {
  const printed = call('toString', value)
  return call(
    'multiIf',
    call('isNaN', value),
    text('NaN'),
    call('isInfinite', value),
    when(call('greater', value, integer(0)), text('Infinity'), text('-Infinity')),
    call('match', printed, '^-?[0-9]+$'),
    call('concat', printed, '.0'),
    printed,
  )
}
