import { operator } from '../operator.ts'
import type { Column, PlanNode } from '../plan.ts'
import type { Place } from '../diagnostic.ts'

/** The rows that a subquery works on; the operator around it puts them in. */
export interface ContextNode extends PlanNode {
  readonly kind: 'context'
  readonly number: number
}

export const context = operator<ContextNode>({
  kind: 'context',
  syntax: ['ContextualDataTableExpression'],
  doc: 'The rows that a subquery works on.',
  example: { query: 'print a = dynamic([1, 2]) | mv-apply a to typeof(long) on (where a > 1)', rows: [[2]] },
  plan: (node, _input, planner) => planner.refuse('unsupported-syntax', 'rows without a source', node),
  emit: (node, emitter) => {
    const relation = emitter.inputs.get(node.number)
    if (!relation) throw new Error('a subquery without its input')
    return relation
  },
})

export function contextNode(number: number, columns: readonly Column[], place: Place): ContextNode {
  return { kind: 'context', number, columns, place }
}
