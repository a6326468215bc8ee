import { operator, required } from '../operator.ts'
import type { NamedExpression, PlanNode } from '../plan.ts'
import { columnsFrom, planExtension, projectRelation } from '../projection.ts'

interface SerializeNode extends PlanNode {
  readonly kind: 'serialize'
  readonly input: PlanNode
  readonly items: readonly NamedExpression[]
}

export const serialize = operator<SerializeNode>({
  kind: 'serialize',
  syntax: ['SerializeOperator'],
  doc: 'Fixes the order of rows, and adds columns.',
  example: { query: 'print a = 1 | serialize b = a + 1', rows: [[1, 2]] },
  plan: (node, input, planner): SerializeNode => {
    const from = required(input)
    const items = planExtension(node, 'Expressions', from, planner)
    return { kind: 'serialize', input: from, items, columns: columnsFrom(items), place: planner.place(node) }
  },
  emit: (node, emitter) => projectRelation(emitter.relation(node.input), node.items, emitter),
})
