import { call } from '../../sql/node.ts'
import { Refusal } from '../diagnostic.ts'
import { operator, required } from '../operator.ts'
import { child, nameOf, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'
import { innerScope, naturalOrders, type Relation } from '../relation.ts'
import { contextNode } from './context.ts'

interface PartitionNode extends PlanNode {
  readonly kind: 'partition'
  readonly input: PlanNode
  readonly by: readonly string[]
  readonly number: number
  readonly subquery: PlanNode
}

export const partition = operator<PartitionNode>({
  kind: 'partition',
  syntax: ['PartitionOperator'],
  doc: 'Runs a subquery over the rows of each key for itself.',
  example: {
    query:
      'datatable(k: string, v: long)["a", 1, "a", 2, "b", 3] | partition by k (top 1 by v) | sort by k asc',
    rows: [
      ['a', 2],
      ['b', 3],
    ],
  },
  plan: (node, input, planner): PartitionNode => {
    const from = required(input)
    const number = planner.number()
    const operand = child(node, 'Operand')
    if (operand.kind !== 'PartitionSubquery')
      planner.refuse('unsupported-syntax', 'a partition by a query of its own', node)
    const rows = contextNode(number, from.columns, planner.place(node))
    const subquery = planner.inner().tabular(subqueryOf(operand), rows)
    return {
      kind: 'partition',
      input: from,
      by: [nameOf(child(node, 'ByExpression'))],
      number,
      subquery,
      columns: subquery.columns,
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    if (input.partition)
      throw new Refusal('unsupported-operator', 'a partition inside a subquery is not supported', node.place)
    const base = emitter.bracket(input)
    const scope = innerScope(base)
    const [only, ...others] = node.by.map((name) => scope(name).sql)
    if (!only) throw new Error('a partition has a key')
    const key = emitter.hidden('part')
    const expression = others.length === 0 ? only : call('tuple', only, ...others)
    const columns = [...base.select.columns, { name: key, expression }]
    const rows: Relation = { ...base, select: { ...base.select, columns }, partition: { key, payload: [] } }
    emitter.inputs.set(node.number, emitter.bracket(rows))
    const { partition: parts, ...result } = emitter.relation(node.subquery)
    if (parts?.key !== key) {
      throw new Refusal(
        'unsupported-operator',
        'the subquery has an operator that cannot work on each part for itself',
        node.place,
      )
    }
    return { ...result, order: naturalOrders(result) }
  },
})

function subqueryOf(operand: TreeNode): TreeNode {
  return operand.children['Subquery'] ?? child(operand, 'Expression')
}
