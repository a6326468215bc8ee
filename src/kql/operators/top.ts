import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import { orderRelation, planSortKey, type SortKey } from './sort.ts'
import { limitRelation, planCount } from './take.ts'

interface TopNode extends PlanNode {
  readonly kind: 'top'
  readonly input: PlanNode
  readonly count: number
  readonly keys: readonly SortKey[]
}

export const top = operator<TopNode>({
  kind: 'top',
  syntax: ['TopOperator'],
  doc: 'The first rows by an order, descending unless `asc` is said.',
  example: { query: 'datatable(a: long)[1, 3, 2] | top 2 by a', rows: [[3], [2]] },
  plan: (node, input, planner): TopNode => {
    const from = required(input)
    const count = planCount(child(node, 'Expression'), planner)
    const keys = [planSortKey(child(node, 'ByExpression'), planner)]
    return { kind: 'top', input: from, count, keys, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) =>
    limitRelation(orderRelation(emitter.relation(node.input), node.keys, emitter), node.count, emitter),
})
