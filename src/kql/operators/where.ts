import { and } from '../../sql/node.ts'
import type { Place } from '../diagnostic.ts'
import { operator, required } from '../operator.ts'
import { child } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import { stageRowFunctions } from '../window.ts'
import { columnsOf } from '../plan.ts'
import type { JoinNode } from './join.ts'
import { innerScope, withWhere } from '../relation.ts'
import { termHint } from '../term-hints.ts'

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
  const isLeft = [...columnsOf(predicate)].every(({ name }) =>
    join.left.columns.some((column) => column.name === name),
  )
  return join.join === 'innerunique' && isLeft ? join.left : undefined
}

function whereNode(input: PlanNode, predicate: Expression, place: Place): WhereNode {
  return { kind: 'where', input, predicate, columns: input.columns, place }
}

export const where = operator<WhereNode>({
  kind: 'where',
  syntax: ['FilterOperator'],
  doc: 'Keeps the rows for which the condition is true; null counts as false.',
  example: { query: 'datatable(a: long)[1, 2, long(null)] | where a != 1', rows: [[2], [null]] },
  plan: (node, input, planner): PlanNode => {
    const from = required(input)
    const predicate = planner.withStar(from.columns).scalar(child(node, 'Condition'))
    const place = planner.place(node)
    const left = uniqueLeft(from, predicate)
    if (!left) return whereNode(from, predicate, place)
    const filtered = whereNode(left, predicate, place)
    const pushed: JoinNode = { ...(from as JoinNode), left: filtered }
    return pushed
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const { relation, expressions } = stageRowFunctions(input, [node.predicate], emitter)
    const predicate = expressions[0] ?? node.predicate
    const base = emitter.ready(relation, [predicate])
    const condition = emitter.predicate(predicate, innerScope(base))
    const hint = termHint(predicate, base, emitter.options.schema)
    // It comes last, for rows that meet the condition: what it saves are rows that are not read.
    return { ...withWhere(base, hint ? and(condition, hint) : condition), columns: input.columns }
  },
})
