import { Refusal } from '../diagnostic.ts'
import { describedNodes, plainNodes, type GraphNode } from '../graph/graph.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Column, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'

export const makeGraph = operator<GraphNode>({
  kind: 'make-graph',
  syntax: ['MakeGraphOperator'],
  doc: 'Makes a graph of a table of edges and, if there is one, a table of nodes, for the operators on graphs.',
  example: {
    query:
      'datatable(a: string, b: string)["x", "y", "y", "z"] | make-graph a --> b with_node_id=id | graph-to-table nodes | sort by id asc',
    rows: [['x'], ['y'], ['z']],
  },
  plan: (node, input, planner): GraphNode => {
    const edges = required(input)
    const place = planner.place(node)
    const source = endOf(child(node, 'SourceColumn'), edges, planner)
    const target = endOf(child(node, 'TargetColumn'), edges, planner)
    const clause = node.children['WithClause']
    if (source.type !== target.type)
      planner.refuse(
        'unsupported-argument',
        'both ends of an edge must have one type',
        node,
        'use tostring()',
      )
    if (childItems(node, 'Parameters').length > 0 || node.children['PartitionedByClause'])
      planner.refuse('unsupported-syntax', 'parameters of make-graph and partitioned graphs', node)
    const tables = clause ? childItems(clause, 'TablesAndKeys') : []
    const nodes =
      tables.length === 0
        ? plainNodes(edges, [source, target], clause && nameOf(child(clause, 'Name')), place)
        : nodesOf(tables, edges, source, target, planner)
    return { kind: 'make-graph', edges, source, target, nodes, columns: [], place }
  },
  emit: ({ place }) => {
    throw new Refusal('bad-argument', 'a graph is no table', place, 'end with graph-match or graph-to-table')
  },
})

function endOf(node: TreeNode, edges: PlanNode, planner: Planner): Column {
  const found = edges.columns.find(({ name }) => name === nameOf(node))
  return found ?? planner.refuse('bad-argument', 'an end of an edge must be a column', node)
}

function nodesOf(
  tables: readonly TreeNode[],
  edges: PlanNode,
  source: Column,
  target: Column,
  planner: Planner,
): PlanNode {
  const [first, second] = tables
  if (!first) throw new Error('a graph without a table of nodes')
  if (second)
    planner.refuse('unsupported-syntax', 'several tables of nodes', second, 'make them one with union')
  const table = planner.inner().tabular(child(first, 'Table'))
  const key = endOf(child(first, 'Column'), table, planner)
  if (key.type !== source.type)
    planner.refuse(
      'unsupported-argument',
      'ids of nodes and ends of edges must have one type',
      first,
      'use tostring()',
    )
  return describedNodes(edges, [source, target], table, key, planner.place(first))
}
