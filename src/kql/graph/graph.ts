import type { Place } from '../diagnostic.ts'
import type { Column, Expression, PlanNode } from '../plan.ts'
import { passThrough, type Planner } from '../planner.ts'
import type { TreeNode } from '../parser/tree.ts'
import { anyBy, called, columnNamed, distinctOf, joined, projected, together } from './steps.ts'

/** A graph as a plan: no table, but what operators on graphs make tables of. */
export interface GraphNode extends PlanNode {
  readonly kind: 'make-graph'
  readonly edges: PlanNode
  /** The edges' columns that hold the ids of the nodes. */
  readonly source: Column
  readonly target: Column
  /** A row for each node: its id, and its properties. */
  readonly nodes: PlanNode
}

/** The column of a graph's nodes that holds their ids; no column of KQL can have this name. */
export const idColumn = '\u0000id'
const presence = '\u0000present'

/** The graph that an operator works on; the binder lets nothing else through. */
export function graphOf(input: PlanNode | undefined, node: TreeNode, planner: Planner): GraphNode {
  if (input?.kind === 'make-graph') return input as GraphNode
  return planner.refuse('bad-argument', 'a graph is needed here', node)
}

/** The properties of a graph's nodes. */
export function propertiesOf({ nodes }: GraphNode): readonly Column[] {
  return nodes.columns.filter(({ name }) => name !== idColumn)
}

/** Nodes that have no properties, or their id as the only one. */
export function plainNodes(
  edges: PlanNode,
  ends: readonly Column[],
  name: string | undefined,
  place: Place,
): PlanNode {
  const ids = idsOf(edges, ends, place)
  if (name === undefined) return ids
  const id = columnNamed({ name: idColumn, type: ids.columns[0]?.type ?? 'string' }, place)
  return projected(ids, [...passThrough(ids.columns, place), { name, expression: id }], place)
}

/** Nodes with the properties that a table has; those that only edges name have their id alone. */
export function describedNodes(
  edges: PlanNode,
  ends: readonly Column[],
  table: PlanNode,
  key: Column,
  place: Place,
): PlanNode {
  const ids = idsOf(edges, ends, place)
  const id: Column = { name: idColumn, type: key.type }
  const present: Column = { name: presence, type: 'bool' }
  const yes: Expression = { kind: 'literal', type: 'bool', value: true, place }
  const marked = projected(
    ids,
    [...passThrough(ids.columns, place), { name: presence, expression: yes }],
    place,
  )
  const all = joined(
    marked,
    anyBy(table, key, place),
    [{ left: idColumn, right: key.name }],
    'fullouter',
    place,
  )
  const isNamed = called('isnotnull', [columnNamed(present, place)], 'bool', place)
  const known = called('iff', [isNamed, columnNamed(id, place), columnNamed(key, place)], key.type, place)
  return projected(
    all,
    [
      { name: idColumn, expression: known },
      ...table.columns.map((column) => ({
        name: column.name,
        expression: column.name === key.name ? known : columnNamed(column, place),
      })),
    ],
    place,
  )
}

function idsOf(edges: PlanNode, ends: readonly Column[], place: Place): PlanNode {
  const ids = ends.map((end) =>
    projected(edges, [{ name: idColumn, expression: columnNamed(end, place) }], place),
  )
  return distinctOf(together(ids, place), place)
}
