import { operator, required } from '../operator.ts'
import { childItems } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'

interface RenderNode extends PlanNode {
  readonly kind: 'render'
  readonly input: PlanNode
  readonly chart: string
}

/** `render` and the other operators that change nothing in the rows. */
export const render = operator<RenderNode>({
  kind: 'render',
  syntax: ['RenderOperator'],
  doc: 'Says how the rows are to be drawn; the rows stay as they are.',
  example: { query: 'print a = 1 | render table', rows: [[1]] },
  plan: (node, input, planner): RenderNode => {
    const from = required(input)
    const chart = node.children['ChartType']?.text ?? childItems(node, 'Parameters')[0]?.text ?? 'table'
    return { kind: 'render', input: from, chart, columns: from.columns, place: planner.place(node) }
  },
  emit: (node, emitter) => emitter.relation(node.input),
})
