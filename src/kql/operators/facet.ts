import type { Splitter } from '../operator.ts'
import { childItems, nameOf } from '../parser/tree.ts'
import { countBy } from './summarize.ts'

export const facet: Splitter = {
  name: 'facet',
  syntax: 'FacetOperator',
  doc: 'A table for each column: its values, and how often each occurs; before them the table of the `with` clause.',
  example: {
    query: 'datatable(a: long, b: string)[1, "x", 2, "x"] | facet by a, b with (where a > 1)',
    tables: [
      { rows: [[2, 'x']] },
      {
        name: 'a',
        rows: [
          [1, 1],
          [2, 1],
        ],
      },
      { name: 'b', rows: [['x', 2]] },
    ],
  },
  split: (node, input, planner) => {
    const clause = node.children['WithClause']
    const rows = clause?.children['Expression'] ?? clause?.children['Operator']
    const filtered = rows ? [{ plan: planner.inner().tabular(rows, input) }] : []
    const counts = childItems(node, 'Expressions').map((item) => {
      const name = nameOf(item)
      const found = input.columns.find((column) => column.name === name)
      if (!found) return planner.refuse('bad-argument', 'facet takes columns', item)
      return { name, plan: countBy(input, found, `count_${name}`, planner.place(item)) }
    })
    return [...filtered, ...counts]
  },
}
