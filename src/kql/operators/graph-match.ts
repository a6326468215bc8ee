import { graphOf, type GraphNode } from '../graph/graph.ts'
import { matches, propertyColumn, type Cycles } from '../graph/match.ts'
import { mostHops, readPatterns, type Pattern, type PatternEdge } from '../graph/pattern.ts'
import { called, filtered, projected, together } from '../graph/steps.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Expression, NamedExpression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { planProjection } from '../projection.ts'

const mostExpansions = 64

export const graphMatch = operator<PlanNode>({
  kind: 'graph-match',
  syntax: ['GraphMatchOperator'],
  doc: `A row for each match of a pattern of nodes and edges; an edge may stand for up to ${mostHops} of them.`,
  example: {
    query: `datatable(a: string, b: string)["x", "y", "y", "z", "z", "x"] | make-graph a --> b with_node_id=id
      | graph-match (n)-[e*1..2]->(m) where n.id == "x" project m.id, e.a | sort by m_id asc`,
    rows: [
      ['y', ['x']],
      ['z', ['x', 'y']],
    ],
  },
  plan: (node, input, planner): PlanNode => {
    const graph = graphOf(input, node, planner)
    const pattern = readPatterns(node, planner)
    const cycles = cyclesOf(node, planner)
    const inner = planner.inner()
    for (const name of [...pattern.nodes, ...pattern.edges.map((edge) => edge.name)])
      inner.environment.define(name, { kind: 'step' })
    const where = node.children['WhereClause']
    const project = node.children['ProjectClause']
    if (!project) return planner.refuse('unsupported-syntax', 'graph-match needs a project clause here', node)
    const predicate = where && inner.scalar(child(where, 'Condition'))
    const items = planProjection({ ...project, ...(node.type && { type: node.type }) }, 'Expressions', inner)
    const all = expansions(pattern)
    if (!all) return planner.refuse('too-large', `more than ${mostExpansions} patterns of single edges`, node)
    const plans = all.map((expansion) =>
      alternative(graph, expansion, predicate, items, cycles, node, planner),
    )
    return together(plans, planner.place(node))
  },
  emit: () => {
    throw new Error('graph-match is planned as joins')
  },
})

function cyclesOf(node: TreeNode, planner: Planner): Cycles {
  const parameters = new Map(
    childItems(node, 'Parameters').map((item) => [
      nameOf(child(item, 'Name')),
      nameOf(child(item, 'Expression')),
    ]),
  )
  const cycles = parameters.get('cycles') ?? 'unique_edges'
  if (cycles === 'all' || cycles === 'none' || cycles === 'unique_edges') return cycles
  return planner.refuse('bad-argument', 'cycles are all, none or unique_edges', node)
}

/** A pattern in which every edge is a single one, and what each edge of the original became. */
interface Expansion extends Pattern {
  readonly parts: ReadonlyMap<string, readonly string[]>
}

/** All patterns of single edges that a pattern stands for; nothing where they are too many. */
function expansions(pattern: Pattern): readonly Expansion[] | undefined {
  let all: readonly Expansion[] = [{ edges: [], nodes: pattern.nodes, parts: new Map() }]
  for (const edge of pattern.edges) {
    const { least, most } = edge.range ?? { least: 1, most: 1 }
    const lengths = Array.from({ length: most - least + 1 }, (_item, index) => least + index)
    if (all.length * lengths.length > mostExpansions) return undefined
    all = all.flatMap((expansion) => lengths.map((length) => withChain(expansion, edge, length)))
  }
  return all
}

function withChain(expansion: Expansion, edge: PatternEdge, length: number): Expansion {
  const { range, ...single } = edge
  if (!range) return { ...expansion, edges: [...expansion.edges, single] }
  const between = Array.from({ length: length - 1 }, (_item, index) => `${edge.name}\u0000between ${index}`)
  const nodes = [edge.left, ...between, edge.right]
  const chain = nodes.slice(1).map((right, index): PatternEdge => ({
    ...single,
    name: `${edge.name}\u0000${index}`,
    left: nodes[index] ?? '',
    right,
  }))
  return {
    edges: [...expansion.edges, ...chain],
    nodes: [...expansion.nodes, ...between],
    parts: new Map([...expansion.parts, [edge.name, chain.map(({ name }) => name)]]),
  }
}

function alternative(
  graph: GraphNode,
  expansion: Expansion,
  predicate: Expression | undefined,
  items: readonly NamedExpression[],
  cycles: Cycles,
  node: TreeNode,
  planner: Planner,
): PlanNode {
  const place = planner.place(node)
  const described = new Set(
    [...(predicate ? [predicate] : []), ...items.map(({ expression }) => expression)].flatMap(stepsOf),
  )
  const found = matches(graph, expansion, described, cycles, place)
  if (!found) return planner.refuse('unsupported-syntax', 'the parts of a pattern must be connected', node)
  const inWhere = (expression: Expression): Expression =>
    onColumns(expression, (element, name, column) => {
      if (!expansion.parts.has(element)) return { ...column, name: propertyColumn(element, name) }
      const hint = 'ask it of the arrays that the project clause gives'
      return planner.refuse('unsupported-syntax', 'a condition on an edge of several hops', node, hint)
    })
  const inProject = (expression: Expression): Expression =>
    onColumns(expression, (element, name, column) => {
      const parts = expansion.parts.get(element)
      if (!parts) return { ...column, name: propertyColumn(element, name) }
      const type = graph.edges.columns.find((item) => item.name === name)?.type ?? 'dynamic'
      const values = parts.map((part) => ({ ...column, name: propertyColumn(part, name), type }))
      return called('pack_array', values, 'dynamic', place)
    })
  const kept = predicate ? filtered(found, inWhere(predicate), place) : found
  return projected(
    kept,
    items.map(({ name, expression }) => ({ name, expression: inProject(expression) })),
    place,
  )
}

type PlainColumn = Extract<Expression, { kind: 'column' }>

/** The expression with what stands for properties of elements put in. */
function onColumns(
  expression: Expression,
  replace: (element: string, property: string, column: PlainColumn) => Expression,
): Expression {
  if (expression.kind === 'call' || expression.kind === 'aggregate')
    return { ...expression, args: expression.args.map((argument) => onColumns(argument, replace)) }
  if (expression.kind !== 'column' || expression.step === undefined) return expression
  const { step, ...column } = expression
  return replace(step, column.name, column)
}

function stepsOf(expression: Expression): readonly string[] {
  if (expression.kind === 'call' || expression.kind === 'aggregate') return expression.args.flatMap(stepsOf)
  return expression.kind === 'column' && expression.step !== undefined ? [expression.step] : []
}
