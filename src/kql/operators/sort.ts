import type { Emitter } from '../emitter.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, type TreeNode } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrders, type Relation, type RowOrder } from '../relation.ts'

/** One key of an order. */
export interface SortKey {
  readonly expression: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

interface SortNode extends PlanNode {
  readonly kind: 'sort'
  readonly input: PlanNode
  readonly keys: readonly SortKey[]
}

export const sort = operator<SortNode>({
  kind: 'sort',
  syntax: ['SortOperator'],
  doc: 'Orders rows, descending unless `asc` is said; nulls come first ascending and last descending.',
  example: { query: 'datatable(a: long)[1, 3, 2] | sort by a', rows: [[3], [2], [1]] },
  plan: (node, input, planner): SortNode => {
    const from = required(input)
    const keys = childItems(node, 'Expressions').map((item) => planSortKey(item, planner))
    return { kind: 'sort', input: from, keys, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) => orderRelation(emitter.relation(node.input), node.keys, emitter),
})

/** `a`, `a asc`, `a desc nulls first`. */
export function planSortKey(item: TreeNode, planner: Planner): SortKey {
  if (item.kind !== 'OrderedExpression') {
    return { expression: planner.scalar(item), descending: true, nullsFirst: false }
  }
  const ordering = item.children['Ordering']
  const descending = ordering?.children['AscOrDescKeyword']?.text?.toLowerCase() !== 'asc'
  const nulls = ordering?.children['NullsClause']?.children['FirstOrLastKeyword']?.text?.toLowerCase()
  const nullsFirst = nulls === undefined ? !descending : nulls === 'first'
  return { expression: planner.scalar(child(item, 'Expression')), descending, nullsFirst }
}

/** Gives a relation's rows an order; keys that are no plain columns become private ones. */
export function orderRelation(input: Relation, keys: readonly SortKey[], emitter: Emitter): Relation {
  const computed = keys.map(({ expression }) => expression).filter(({ kind }) => kind !== 'column')
  const base = emitter.ready(input, computed)
  const scope = innerScope(base)
  const columns = [...base.select.columns]
  const order = keys.map(({ expression, descending, nullsFirst }): RowOrder => {
    const known =
      expression.kind === 'column' ? base.columns.find(({ name }) => name === expression.name) : undefined
    if (known) return { physical: known.physical, descending, nullsFirst }
    const physical = emitter.hidden('order')
    columns.push({ name: physical, expression: emitter.expression(expression, scope).sql })
    return { physical, descending, nullsFirst }
  })
  return { ...base, select: { ...base.select, columns }, order: [...order, ...naturalOrders(base)] }
}
