import type { Place } from '../diagnostic.ts'
import { edgeId, edgesWithIds } from '../operators/graph-edges.ts'
import type { Column, Expression, PlanNode } from '../plan.ts'
import { passThrough } from '../planner.ts'
import { idColumn, type GraphNode } from './graph.ts'
import type { Pattern, PatternEdge } from './pattern.ts'
import { called, columnNamed, filtered, joined, projected, renamed, together } from './steps.ts'

export type Cycles = 'all' | 'none' | 'unique_edges'

/** The column of a match that holds a property of one of its elements. */
export function propertyColumn(element: string, property: string): string {
  return `${element}\u0000${property}`
}

/**
 * The matches of a pattern whose edges are single ones: a row each, with the properties of all edges and of the nodes
 * that are asked for. Nothing where the pattern falls apart.
 */
export function matches(
  graph: GraphNode,
  { edges, nodes }: Pattern,
  described: ReadonlySet<string>,
  cycles: Cycles,
  place: Place,
): PlanNode | undefined {
  const bound = new Map<string, string>()
  const isTold = cycles === 'unique_edges' && edges.length > 1
  const source = isTold ? edgesWithIds(graph.edges) : graph.edges
  let plan: PlanNode | undefined
  const left = [...edges]
  if (left.length === 0) {
    const [only] = nodes
    if (only === undefined || nodes.length > 1) return undefined
    bound.set(only, propertyColumn(only, '\u0000at'))
    plan = projected(
      graph.nodes,
      [{ name: propertyColumn(only, '\u0000at'), expression: idOf(graph, place) }],
      place,
    )
  }
  while (left.length > 0) {
    const index = plan ? left.findIndex((edge) => bound.has(edge.left) || bound.has(edge.right)) : 0
    const [edge] = left.splice(index, 1)
    if (index < 0 || !edge) return undefined
    plan = withEdge(plan, edgePlan(graph, source, edge, place), edge, bound, graph, place)
  }
  if (!plan || nodes.some((name) => !bound.has(name))) return undefined
  for (const name of nodes) {
    if (!described.has(name)) continue
    const properties = renamed(graph.nodes, (property) => propertyColumn(name, property), place)
    const keys = [{ left: bound.get(name) ?? '', right: propertyColumn(name, idColumn) }]
    plan = joined(plan, properties, keys, 'inner', place)
  }
  const different = (names: readonly string[], type: Column['type']): readonly Expression[] =>
    names.flatMap((one, index) =>
      names
        .slice(index + 1)
        .map((other) =>
          called(
            '!=',
            [columnNamed({ name: one, type }, place), columnNamed({ name: other, type }, place)],
            'bool',
            place,
          ),
        ),
    )
  const conditions = [
    ...(isTold
      ? different(
          edges.map(({ name }) => propertyColumn(name, edgeId)),
          'string',
        )
      : []),
    ...(cycles === 'none' ? different([...bound.values()], graph.source.type) : []),
  ]
  return conditions.reduce((input, condition) => filtered(input, condition, place), plan)
}

function idOf(graph: GraphNode, place: Place): Expression {
  return columnNamed({ name: idColumn, type: graph.source.type }, place)
}

const ends = { left: '\u0000left', right: '\u0000right' }

/** The edges that an edge of the pattern may stand for, with their ends as the pattern has them. */
function edgePlan(graph: GraphNode, source: PlanNode, edge: PatternEdge, place: Place): PlanNode {
  const [from, to] = [columnNamed(graph.source, place), columnNamed(graph.target, place)]
  const between = (input: PlanNode, first: Expression, second: Expression): PlanNode =>
    projected(
      input,
      [
        ...passThrough(input.columns, place),
        { name: ends.left, expression: first },
        { name: ends.right, expression: second },
      ],
      place,
    )
  const forward = between(source, from, to)
  const isNoLoop = called('!=', [from, to], 'bool', place)
  const plans = {
    forward: () => [forward],
    backward: () => [between(source, to, from)],
    // A loop leads back to its node in both directions, and is one match.
    any: () => [forward, between(filtered(source, isNoLoop, place), to, from)],
  }[edge.direction]()
  return renamed(together(plans, place), (name) => propertyColumn(edge.name, name), place)
}

function withEdge(
  plan: PlanNode | undefined,
  edges: PlanNode,
  edge: PatternEdge,
  bound: Map<string, string>,
  graph: GraphNode,
  place: Place,
): PlanNode {
  const sides = [
    [edge.left, propertyColumn(edge.name, ends.left)],
    [edge.right, propertyColumn(edge.name, ends.right)],
  ] as const
  const keys = sides.flatMap(([node, own]) => {
    const known = bound.get(node)
    return known === undefined ? [] : [{ left: known, right: own }]
  })
  for (const [node, own] of sides) if (!bound.has(node)) bound.set(node, own)
  const next = plan ? joined(plan, edges, keys, 'inner', place) : edges
  if (edge.left !== edge.right) return next
  const [first, second] = sides.map(([, own]) => columnNamed({ name: own, type: graph.source.type }, place))
  return first && second && keys.length < 2
    ? filtered(next, called('==', [first, second], 'bool', place), place)
    : next
}
