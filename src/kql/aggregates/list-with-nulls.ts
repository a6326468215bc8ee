import { aggregate, call, lambda, when } from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import type { AggregateFunction } from '../aggregate.ts'
import { jsonArray, toJson } from '../convert.ts'
import { withoutNull } from '../path-value.ts'
import { argument } from '../function.ts'

/** Lists that keep the nulls; arrays give their elements. */
export const listWithNullsAggregates: readonly AggregateFunction[] = [
  {
    name: 'make_list_with_nulls',
    doc: 'All values as an array, the nulls among them.',
    example: {
      query: 'datatable(v: long)[1, long(null), 3] | summarize make_list_with_nulls(v)',
      rows: [[[1, null, 3]]],
    },
    ordered: true,
    total: true,
    emit: (args) => {
      const value = argument(args, 0)
      const values = aggregate('groupArray', [toJson(value)])
      if (value.type !== 'dynamic') return jsonArray(values)
      const elements = lambda(['v'], (element) =>
        when(
          call('startsWith', element, '['),
          call(
            'arrayMap',
            lambda(['w'], (inner) => withoutNull(inner)),
            arrayElements(element),
          ),
          call('array', element),
        ),
      )
      return jsonArray(call('arrayFlatten', call('arrayMap', elements, values)))
    },
  },
]
