import { operator, required } from '../operator.ts'
import { childItems } from '../parser/tree.ts'
import type { NamedExpression, PlanNode } from '../plan.ts'
import { passThrough } from '../planner.ts'
import { naturalOrders } from '../relation.ts'
import { groupParts, groupPlaces } from './summarize.ts'
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
    const items = isStar
      ? passThrough(from.columns, planner.place(node))
      : planProjection(node, 'Expressions', planner)
    return { kind: 'distinct', input: from, items, columns: columnsFrom(items), place: planner.place(node) }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const projected = projectRelation({ ...input, order: naturalOrders(input) }, node.items, emitter)
    const { order, places } = groupPlaces(projected, emitter)
    const visible = new Set(projected.columns.map(({ physical }) => physical))
    const columns = projected.select.columns.filter(({ name }) => visible.has(name))
    const parts = groupParts(projected)
    const groupBy = [...columns.map(({ expression }) => expression), ...parts.keys]
    const select = { ...projected.select, columns: [...columns, ...parts.columns, ...places], groupBy }
    return { ...projected, select, order, sealed: true }
  },
})
