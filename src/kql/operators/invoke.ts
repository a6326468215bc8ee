import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'

export const invoke = operator<PlanNode>({
  kind: 'invoke',
  syntax: ['InvokeOperator'],
  doc: 'Calls a function with the rows so far as its first argument.',
  example: {
    query: 'let f = (T: (a: long)) { T | where a > 1 }; range a from 1 to 2 step 1 | invoke f()',
    rows: [[2]],
  },
  plan: (node, input, planner) => {
    const result = planner.userCall(child(node, 'Function'), required(input))
    if ('columns' in result) return result
    return planner.refuse('unsupported-syntax', 'the function gives a value, not a table', node)
  },
  emit: () => {
    throw new Error('invoke is planned as the body of its function')
  },
})
