import type { Splitter } from '../operator.ts'
import { child, childItems, nameOf } from '../parser/tree.ts'

export const fork: Splitter = {
  name: 'fork',
  syntax: 'ForkOperator',
  doc: 'Runs several subqueries over the same rows; each gives a table.',
  example: {
    query: 'datatable(a: long)[1, 2, 3] | fork (count) large = (where a > 1)',
    tables: [{ rows: [[3]] }, { name: 'large', rows: [[2], [3]] }],
  },
  split: (node, input, planner) =>
    childItems(node, 'Expressions').map((item) => {
      const named = item.children['NameEquals']
      const plan = planner.inner().tabular(child(item, 'Expression'), input)
      return { ...(named && { name: nameOf(child(named, 'Name')) }), plan }
    }),
}
