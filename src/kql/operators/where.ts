import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import { columnsOf } from '../plan.ts'
import type { JoinNode } from './join.ts'
import { innerScope, withWhere } from '../relation.ts'

export interface WhereNode extends PlanNode {
  readonly kind: 'where'
  readonly input: PlanNode
  readonly predicate: Expression
}

/**
 * The left side of an `innerunique` join, where the condition asks for its columns only: the engine filters before
 * it takes one row of each key, which decides what row that is.
 */
function uniqueLeft(input: PlanNode, predicate: Expression): PlanNode | undefined {
  if (input.kind !== 'join') return undefined
  const join = input as JoinNode
  const isLeft = [...columnsOf(predicate)].every(({ name }) => join.left.columns.some((column) => column.name === name))
  return join.join === 'innerunique' && isLeft ? join.left : undefined
}

export const where = operator<WhereNode>({
  kind: 'where',
  syntax: ['FilterOperator'],
  doc: 'Keeps the rows for which the condition is true; null counts as false.',
  example: { query: 'datatable(a: long)[1, 2, long(null)] | where a != 1', rows: [[2], [null]] },
  plan: (node, input, planner): PlanNode => {
    const from = required(input)
    const predicate = planner.scalar(child(node, 'Condition'))
    const place = planner.place(node)
    const left = uniqueLeft(from, predicate)
    if (!left) return { kind: 'where', input: from, predicate, columns: from.columns, place }
    const filtered: WhereNode = { kind: 'where', input: left, predicate, columns: left.columns, place }
    return { ...from, left: filtered } as PlanNode
  },
  emit: (node, emitter) => {
    const base = emitter.ready(emitter.relation(node.input), [node.predicate])
    return withWhere(base, emitter.predicate(node.predicate, innerScope(base)))
  },
})
