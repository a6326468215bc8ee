import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import { innerScope, withWhere } from '../relation.ts'

export interface WhereNode extends PlanNode {
  readonly kind: 'where'
  readonly input: PlanNode
  readonly predicate: Expression
}

export const where = operator<WhereNode>({
  kind: 'where',
  syntax: ['FilterOperator'],
  doc: 'Keeps the rows for which the condition is true; null counts as false.',
  example: { query: 'datatable(a: long)[1, 2, long(null)] | where a != 1', rows: [[2], [null]] },
  plan: (node, input, planner): WhereNode => {
    const from = required(input)
    const predicate = planner.scalar(child(node, 'Condition'))
    return { kind: 'where', input: from, predicate, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const base = emitter.ready(emitter.relation(node.input), [node.predicate])
    return withWhere(base, emitter.predicate(node.predicate, innerScope(base)))
  },
})
