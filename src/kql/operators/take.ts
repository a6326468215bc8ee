import { column, integer } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { isOpen, orderItems, type Relation } from '../relation.ts'

interface TakeNode extends PlanNode {
  readonly kind: 'take'
  readonly input: PlanNode
  readonly count: number
}

export const take = operator<TakeNode>({
  kind: 'take',
  syntax: ['TakeOperator'],
  doc: 'At most so many rows: the first where they are ordered, any otherwise.',
  example: { query: 'datatable(a: long)[1, 3, 2] | sort by a asc | take 2', rows: [[1], [2]] },
  plan: (node, input, planner): TakeNode => {
    const from = required(input)
    const count = planCount(child(node, 'Expression'), planner)
    return { kind: 'take', input: from, count, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) => limitRelation(emitter.relation(node.input), node.count, emitter),
})

/** A number of rows that is known before the query runs. */
export function planCount(node: TreeNode, planner: Planner): number {
  const value = planner.scalar(node)
  const count = value.kind === 'literal' && value.value !== null ? Number(value.value) : Number.NaN
  if (Number.isSafeInteger(count)) return Math.max(0, count)
  return planner.refuse('not-constant', 'the number of rows must be a literal', node)
}

/** The first rows in the relation's order. */
export function limitRelation(input: Relation, count: number, emitter: Emitter): Relation {
  const direct = limitInPlace(input, count)
  if (direct) return direct
  const base = emitter.bracket(input)
  const alias = base.select.from.kind === 'select' ? base.select.from.alias : undefined
  const order = orderItems(base, alias)
  const orderBy = order.length > 0 ? { orderBy: order } : {}
  const by = base.partition ? [column(base.partition.key, alias)] : []
  const limit = by.length > 0 ? { limitBy: { count, by } } : { limit: integer(count) }
  const select = { ...base.select, ...limit, ...orderBy }
  return { ...base, select, sealed: true }
}

/** Without brackets, where the order is by plain columns: the engine then reads the others for the rows that remain. */
function limitInPlace(input: Relation, count: number): Relation | undefined {
  if (!isOpen(input) || input.partition) return undefined
  const orderBy = input.order.flatMap(({ physical, descending, nullsFirst }) => {
    const expression = input.select.columns.find(({ name }) => name === physical)?.expression
    return expression?.kind === 'column' ? [{ expression, descending, nullsFirst }] : []
  })
  if (orderBy.length < input.order.length) return undefined
  const limited = { limit: integer(count), ...(orderBy.length > 0 ? { orderBy } : {}) }
  return { ...input, select: { ...input.select, ...limited }, sealed: true }
}
