import { aggregate, call } from '../../sql/node.ts'
import { operator, required } from '../operator.ts'
import type { PlanNode } from '../plan.ts'
import { groupParts } from './summarize.ts'
import { partitionOf, physicalName } from '../relation.ts'

interface CountNode extends PlanNode {
  readonly kind: 'count'
  readonly input: PlanNode
}

export const count = operator<CountNode>({
  kind: 'count',
  syntax: ['CountOperator'],
  doc: 'The number of rows.',
  example: { query: 'datatable(a: long)[1, 3, 2] | count', rows: [[3]] },
  plan: (node, input, planner): CountNode => ({
    kind: 'count',
    input: required(input),
    columns: planner.columns(node),
    place: planner.place(node),
  }),
  emit: (node, emitter) => {
    const base = emitter.ready(emitter.relation(node.input), [])
    const name = node.columns[0]?.name ?? 'Count'
    const physical = physicalName(name)
    const { from, where } = base.select
    const parts = groupParts(base)
    const columns = [
      { name: physical, expression: call('toInt64', aggregate('count', [])) },
      ...parts.columns,
    ]
    return {
      select: {
        columns,
        from,
        ...(where ? { where } : {}),
        ...(parts.keys.length > 0 ? { groupBy: parts.keys } : {}),
      },
      columns: [{ name, type: 'long', physical, nullable: false }],
      order: [],
      sealed: true,
      ...partitionOf(base),
    }
  },
})
