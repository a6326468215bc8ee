import { operator, required } from '../operator.ts'
import { child, nameOf } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'

export interface AsNode extends PlanNode {
  readonly kind: 'as'
  readonly input: PlanNode
  readonly name: string
}

export const as = operator<AsNode>({
  kind: 'as',
  syntax: ['AsOperator'],
  doc: 'Names the rows so far, for later use in the query.',
  example: { query: 'print a = 1 | as T | join (T) on a', rows: [[1, 1]] },
  plan: (node, input, planner): AsNode => {
    const from = required(input)
    const name = nameOf(child(node, 'Name'))
    const plan: AsNode = { kind: 'as', input: from, name, columns: from.columns, place: planner.place(node) }
    planner.environment.define(name, { kind: 'table', plan })
    return plan
  },
  emit: (node, emitter) => emitter.relation(node.input),
})
