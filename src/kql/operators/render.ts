import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { PlanNode } from '../plan.ts'

/** How `render` wants rows to be drawn: the chart, and its properties by name (`title`, `xcolumn`, `ycolumns`, `series`). */
export interface Chart {
  readonly chart: string
  readonly properties: Readonly<Record<string, readonly string[]>>
}

interface RenderNode extends PlanNode, Chart {
  readonly kind: 'render'
  readonly input: PlanNode
}

/** What the query's last operator says of how to draw its rows. */
export function chartOf(plan: PlanNode): Chart | undefined {
  if (plan.kind !== 'render') return undefined
  // The operator below makes every node of this kind.
  const { chart, properties } = plan as RenderNode
  return { chart, properties }
}

/** `render` and the other operators that change nothing in the rows. */
export const render = operator<RenderNode>({
  kind: 'render',
  syntax: ['RenderOperator'],
  doc: 'Says how the rows are to be drawn; the rows stay as they are.',
  example: { query: 'print a = 1 | render table', rows: [[1]] },
  plan: (node, input, planner): RenderNode => {
    const from = required(input)
    const clause = node.children['WithClause']
    const named = [...childItems(node, 'Parameters'), ...(clause ? childItems(clause, 'Properties') : [])]
    const properties = Object.fromEntries(
      named.map((item) => [nameOf(child(item, 'Name')).toLowerCase(), valuesOf(child(item, 'Expression'))]),
    )
    const chart = node.children['ChartType']?.text ?? 'table'
    return {
      kind: 'render',
      input: from,
      chart,
      properties,
      columns: from.columns,
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => emitter.relation(node.input),
})

function valuesOf(node: TreeNode): readonly string[] {
  const names = node.kind === 'NameReferenceList' ? childItems(node, 'Names') : [node]
  return names.map((item) =>
    item.kind === 'NameReference' ? nameOf(item) : (item.children['Token']?.value ?? ''),
  )
}
