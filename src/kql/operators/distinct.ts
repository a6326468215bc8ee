import { operator, required } from '../operator.ts'
import { childItems } from '../parser/tree.ts'
import type { NamedExpression, PlanNode } from '../plan.ts'
import { passThrough } from '../planner.ts'
import { columnsFrom, planProjection, projectRelation } from '../projection.ts'

interface DistinctNode extends PlanNode {
  readonly kind: 'distinct'
  readonly input: PlanNode
  readonly items: readonly NamedExpression[]
}

export const distinct = operator<DistinctNode>({
  kind: 'distinct',
  syntax: ['DistinctOperator'],
  doc: 'Each combination of values once.',
  example: { query: 'datatable(a: long)[1, 1] | distinct a', rows: [[1]] },
  plan: (node, input, planner): DistinctNode => {
    const from = required(input)
    const isStar = childItems(node, 'Expressions').some(({ kind }) => kind === 'StarExpression')
    const items = isStar ? passThrough(from.columns, planner.place(node)) : planProjection(node, 'Expressions', planner)
    return { kind: 'distinct', input: from, items, columns: columnsFrom(items), place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const unordered = { ...emitter.relation(node.input), order: [] }
    const projected = projectRelation(unordered, node.items, emitter)
    const groupBy = projected.select.columns.map(({ expression }) => expression)
    return { ...projected, select: { ...projected.select, groupBy }, sealed: true }
  },
})
