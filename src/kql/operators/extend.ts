import { operator, required } from '../operator.ts'
import type { NamedExpression, PlanNode } from '../plan.ts'
import { columnsFrom, planExtension, projectRelation } from '../projection.ts'

export interface ExtendNode extends PlanNode {
  readonly kind: 'extend'
  readonly input: PlanNode
  /** Every column of the result, those of the input among them. */
  readonly items: readonly NamedExpression[]
}

export const extend = operator<ExtendNode>({
  kind: 'extend',
  syntax: ['ExtendOperator'],
  doc: 'Adds columns, or replaces them in their place.',
  example: { query: 'print a = 1 | extend b = a + 1, a = "x"', rows: [['x', 2]] },
  plan: (node, input, planner): ExtendNode => {
    const from = required(input)
    const items = planExtension(node, 'Expressions', from, planner)
    return { kind: 'extend', input: from, items, columns: columnsFrom(items), place: planner.place(node) }
  },
  emit: (node, emitter) => projectRelation(emitter.relation(node.input), node.items, emitter),
})
