import { call, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, refuseMixed, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'

/** An unknown condition takes the other branch. */
function condition(value: Operand): SqlExpression {
  return convert(value, 'bool')
}

function choose(args: readonly Operand[], site: CallSite): SqlExpression {
  const [test, then, otherwise] = [argument(args, 0), argument(args, 1), argument(args, 2)]
  refuseMixed([then, otherwise], site)
  return when(condition(test), convert(then, site.type), convert(otherwise, site.type))
}

/** Choices between values. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  ...(['iff', 'iif'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The second argument where the first is true, the third otherwise.',
    example: [`${name}(1 > 2, "yes", "no")`, 'no'],
    emit: choose,
  })),
  {
    name: 'case',
    doc: 'The value after the first true condition, or the last argument.',
    example: ['case(1 > 2, "a", 2 > 1, "b", "c")', 'b'],
    emit: (args, site) => {
      refuseMixed(
        args.filter((_value, index) => index % 2 === 1 || index === args.length - 1),
        site,
      )
      return call(
        'multiIf',
        ...args.map((value, index) =>
          index % 2 === 0 && index < args.length - 1 ? condition(value) : convert(value, site.type),
        ),
      )
    },
  },
]
