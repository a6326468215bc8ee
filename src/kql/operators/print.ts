import { operator } from '../operator.ts'
import type { Expression, NamedExpression, PlanNode } from '../plan.ts'
import { columnsFrom, planProjection, projectRelation } from '../projection.ts'

interface PrintNode extends PlanNode {
  readonly kind: 'print'
  readonly items: readonly NamedExpression[]
}

export const print = operator<PrintNode>({
  kind: 'print',
  syntax: ['PrintOperator'],
  doc: 'One row of values.',
  example: { query: 'print 1, b = "x"', rows: [[1, 'x']] },
  plan: (node, _input, planner): PrintNode => {
    const items = planProjection(node, 'Expressions', planner)
    return { kind: 'print', items, columns: columnsFrom(items), place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const one = {
      select: { columns: [], from: { kind: 'one' } },
      columns: [],
      order: [],
      sealed: false,
    } as const
    return projectRelation(one, node.items, emitter)
  },
})

/** A query that is a value: one row with one column. */
export function scalarQuery(expression: Expression): PlanNode {
  const items = [{ name: 'print_0', expression }]
  const node: PrintNode = { kind: 'print', items, columns: columnsFrom(items), place: expression.place }
  return node
}
