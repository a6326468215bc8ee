import { operator, required, type Operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { NamedExpression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { columnsFrom, planProjection, projectRelation } from '../projection.ts'

interface ProjectNode extends PlanNode {
  readonly kind: string
  readonly input: PlanNode
  readonly items: readonly NamedExpression[]
}

type PlanItems = (node: TreeNode, input: PlanNode, planner: Planner) => readonly NamedExpression[]

function projection(
  kind: string,
  syntax: readonly string[],
  doc: string,
  example: Operator['example'],
  planItems: PlanItems,
): Operator {
  return operator<ProjectNode>({
    kind,
    syntax,
    doc,
    example,
    plan: (node, input, planner): ProjectNode => {
      const from = required(input)
      const items = planItems(node, from, planner)
      return { kind, input: from, items, columns: columnsFrom(items), place: planner.place(node) }
    },
    emit: (node, emitter) => projectRelation(emitter.relation(node.input), node.items, emitter),
  })
}

/** The input's columns that the binder leaves, in its order. */
function remaining(node: TreeNode, input: PlanNode, planner: Planner): NamedExpression[] {
  const known = new Map(input.columns.map((column) => [column.name, column]))
  return planner.columns(node).map(({ name }) => {
    const column = known.get(name)
    if (!column) return planner.refuse('unsupported-syntax', `the column ${name} has no known source`, node)
    return { name, expression: { kind: 'column', ...column, place: planner.place(node) } }
  })
}

function renamed(node: TreeNode, input: PlanNode, planner: Planner): NamedExpression[] {
  const sources = new Map(
    childItems(node, 'Expressions').map((item) => {
      if (item.kind !== 'SimpleNamedExpression')
        return planner.refuse('unsupported-syntax', 'a rename needs one name', item)
      return [nameOf(child(item, 'Name')), nameOf(child(item, 'Expression'))]
    }),
  )
  const known = new Map(input.columns.map((column) => [column.name, column]))
  return planner.columns(node).map(({ name }) => {
    const column = known.get(sources.get(name) ?? name)
    if (!column) return planner.refuse('unsupported-syntax', `the column ${name} has no known source`, node)
    return { name, expression: { kind: 'column', ...column, place: planner.place(node) } }
  })
}

export const project = projection(
  'project',
  ['ProjectOperator'],
  'Only these columns, in this order.',
  { query: 'print a = 1, b = 2 | project b, c = a * 3', rows: [[2, 3]] },
  (node, _input, planner) => planProjection(node, 'Expressions', planner),
)

export const projectAway = projection(
  'project-away',
  ['ProjectAwayOperator'],
  'All columns but these; names may have wildcards.',
  { query: 'print a = 1, b = 2 | project-away a', rows: [[2]] },
  remaining,
)

export const projectKeep = projection(
  'project-keep',
  ['ProjectKeepOperator'],
  'Only these columns, in the order that they have.',
  { query: 'print a = 1, b = 2 | project-keep b', rows: [[2]] },
  remaining,
)

export const projectReorder = projection(
  'project-reorder',
  ['ProjectReorderOperator'],
  'These columns first.',
  { query: 'print a = 1, b = 2 | project-reorder b', rows: [[2, 1]] },
  remaining,
)

export const projectRename = projection(
  'project-rename',
  ['ProjectRenameOperator'],
  'Renames columns in their place.',
  { query: 'print a = 1, b = 2 | project-rename c = a', rows: [[1, 2]] },
  renamed,
)
