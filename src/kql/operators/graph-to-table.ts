import { graphOf, idColumn, propertiesOf, type GraphNode } from '../graph/graph.ts'
import { called, columnNamed, projected } from '../graph/steps.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Column, NamedExpression, PlanNode } from '../plan.ts'
import { passThrough, type Planner } from '../planner.ts'

export const graphToTable = operator<PlanNode>({
  kind: 'graph-to-table',
  syntax: ['GraphToTableOperator'],
  doc: 'The nodes or the edges of a graph, with hashes of the nodes’ ids where they are asked for.',
  example: {
    query:
      'datatable(a: string, b: string)["Alice", "Bob"] | make-graph a --> b | graph-to-table edges with_source_id=from',
    rows: [['-3122868243544336885', 'Alice', 'Bob']],
  },
  plan: (node, input, planner): PlanNode => {
    const graph = graphOf(input, node, planner)
    const [output, second] = childItems(node, 'OutputClause')
    if (!output || second)
      return planner.refuse('unsupported-syntax', 'nodes and edges at once', node, 'ask for them one by one')
    const isNodes = child(output, 'EntityKeyword').text === 'nodes'
    const plan = isNodes ? nodesTable(graph, output, planner) : edgesTable(graph, output, planner)
    const alias = output.children['AsClause']
    if (alias) planner.environment.define(nameOf(child(alias, 'Name')), { kind: 'table', plan })
    return plan
  },
  emit: () => {
    throw new Error('graph-to-table is planned as a projection')
  },
})

function nodesTable(graph: GraphNode, output: TreeNode, planner: Planner): PlanNode {
  const place = planner.place(output)
  const properties = passThrough(propertiesOf(graph), place)
  const id: Column = { name: idColumn, type: graph.source.type }
  const items = [...hashes(output, new Map([['with_node_id', id]]), planner), ...properties]
  if (items.length === 0)
    planner.refuse('bad-argument', 'the nodes have no properties', output, 'make-graph … with_node_id=id')
  return projected(graph.nodes, items, place)
}

function edgesTable(graph: GraphNode, output: TreeNode, planner: Planner): PlanNode {
  const place = planner.place(output)
  const ends = new Map([
    ['with_source_id', graph.source],
    ['with_target_id', graph.target],
  ])
  const items = [...hashes(output, ends, planner), ...passThrough(graph.edges.columns, place)]
  return projected(graph.edges, items, place)
}

/** The columns that the parameters name: a hash of the id, as `hash()` gives it. */
function hashes(
  output: TreeNode,
  columns: ReadonlyMap<string, Column>,
  planner: Planner,
): readonly NamedExpression[] {
  return childItems(output, 'Parameters').map((parameter) => {
    const column = columns.get(nameOf(child(parameter, 'Name')))
    const place = planner.place(parameter)
    if (!column) return planner.refuse('unsupported-argument', 'this parameter is not known', parameter)
    const expression = called('hash', [columnNamed(column, place)], 'long', place)
    return { name: nameOf(child(parameter, 'Expression')), expression }
  })
}
