import { aggregate, call, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import { operator } from '../operator.ts'
import type { PlanNode } from '../plan.ts'
import { innerScope } from '../relation.ts'

/** The edges of a graph, each with a text that no other has. */
interface GraphEdgesNode extends PlanNode {
  readonly kind: 'graph-edges'
  readonly input: PlanNode
}

export const edgeId = '\u0000edge'

/** Rows that are alike are numbered, so that the ids are the same wherever the edges are read. */
export const graphEdges = operator<GraphEdgesNode>({
  kind: 'graph-edges',
  syntax: [],
  doc: 'Tells the edges of a graph apart.',
  example: {
    query:
      'datatable(a: long, b: long)[1, 2, 2, 1] | make-graph a --> b | graph-match (x)--(y)--(z) project e = 1 | count',
    rows: [[4]],
  },
  plan: (node, _input, planner) => planner.refuse('unsupported-syntax', 'edges without a graph', node),
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const scope = innerScope(base)
    const values = base.columns.map(({ name }) => scope(name).sql)
    const nth: SqlExpression = {
      kind: 'window',
      call: aggregate('row_number', []),
      window: { partitionBy: values, orderBy: [] },
    }
    const content = call('hex', call('SHA256', call('toJSONString', call('tuple', ...values))))
    const physical = emitter.hidden('edge')
    const id: SelectColumn = {
      name: physical,
      expression: call('concat', content, ':', call('toString', nth)),
    }
    return emitter.bracket({
      ...base,
      select: { ...base.select, columns: [...base.select.columns, id] },
      columns: [...base.columns, { name: edgeId, type: 'string', physical, nullable: false }],
      sealed: true,
    })
  },
})

export function edgesWithIds(edges: PlanNode): GraphEdgesNode {
  const columns = [...edges.columns, { name: edgeId, type: 'string' as const }]
  return { kind: 'graph-edges', input: edges, columns, place: edges.place }
}
