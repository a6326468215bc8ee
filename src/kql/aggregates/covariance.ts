import { and, call, not, real } from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert } from '../convert.ts'
import { argument } from '../function.ts'
import { conditional, over } from './basic.ts'

const kinds = [
  ['covariance', 'covarSampStable', 2],
  ['covariancep', 'covarPopStable', 1],
] as const

/** How two values vary together; of one pair or none it is 0, where one of several is not finite it is no number. */
export const covarianceAggregates: readonly AggregateFunction[] = kinds.flatMap(([name, sql, value]) =>
  [name, `${name}if`].map((full): AggregateFunction => ({
    name: full,
    doc: `The covariance of a ${name.endsWith('p') ? 'population' : 'sample'} of pairs.`,
    example: {
      query: `datatable(x: real, y: real)[1, 2, 3, 4] | summarize c = ${full}(x, y${full.endsWith('if') ? ', true' : ''})`,
      rows: [[value]],
    },
    emit: (args, site) => {
      const [values, test] = conditional(args, site.name)
      const [x, y] = [convert(argument(values, 0), 'real'), convert(argument(values, 1), 'real')]
      const present = and(call('isNotNull', x), call('isNotNull', y))
      const both = test ? and(test, present) : present
      const pair = [call('assumeNotNull', x), call('assumeNotNull', y)]
      const isOdd = not(and(...pair.map((item) => call('isFinite', item))))
      const odd = over('count', [], and(both, isOdd))
      return call(
        'multiIf',
        call('less', over('count', [], both), 2),
        real(0),
        call('greater', odd, 0),
        real(Number.NaN),
        over(sql, pair, both),
      )
    },
  })),
)
