import { cast } from '../../sql/node.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { convert } from '../convert.ts'
import { argument } from '../function.ts'
import { physicalTypes } from '../types.ts'
import { over } from './basic.ts'

const operations = [
  ['binary_all_or', 'groupBitOr', 7],
  ['binary_all_and', 'groupBitAnd', 2],
  ['binary_all_xor', 'groupBitXor', 5],
] as const

/** The bits of many whole numbers, put together. */
export const bitwiseAggregates: readonly AggregateFunction[] = operations.map(
  ([name, sql, value]): AggregateFunction => ({
    name,
    doc: `All values joined bit by bit with ${name.replace('binary_all_', '')}.`,
    example: { query: `datatable(v: long)[3, 6, long(null)] | summarize a = ${name}(v)`, rows: [[value]] },
    emit: (args, site) => {
      const value = argument(args, 0)
      if (value.type !== 'int' && value.type !== 'long')
        return site.refuse('bad-argument', `${site.name} takes whole numbers`)
      return cast(over(sql, [convert(value, value.type)], undefined), physicalTypes[site.type])
    },
  }),
)
