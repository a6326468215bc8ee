import { ingestionColumn } from '../relation.ts'
import { operator } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import { columnsOf, type Column, type Expression, type NamedExpression, type PlanNode } from '../plan.ts'
import { passThrough, type Planner } from '../planner.ts'
import { columnsFrom } from '../projection.ts'
import { searchPredicate } from './search.ts'
import { unionNode, type Member } from './union.ts'

/** Planned as a union of filtered tables, whose first column names the table. */
export const find = operator<PlanNode>({
  kind: 'find',
  syntax: ['FindOperator'],
  doc: 'The rows of several tables that meet a condition, with columns that are named or that all the tables have.',
  example: {
    query:
      'let A = view () { datatable(k: string, v: long)["x", 1, "y", 2] }; let B = view () { print k = "x" }; find in (A, B) where k == "x" project k, v | sort by source_ asc',
    rows: [
      ['A', 'x', 1],
      ['B', 'x', null],
    ],
  },
  plan: (node, input, planner) => {
    if (input) planner.refuse('unsupported-syntax', 'find cannot follow a pipe', node)
    const columns = planner.columns(node)
    const [source, ...values] = columns
    if (!source) return planner.refuse('unsupported-syntax', 'the columns of this find are not known', node)
    const all = tables(node, planner)
    const members = all.flatMap((member) => filtered(member, child(node, 'Condition'), planner))
    if (members.length === 0)
      planner.refuse('bad-argument', 'none of the tables has the columns of the condition', node)
    const typed = new Set(
      childItems(node.children['Project'] ?? node, 'Columns').flatMap((item) =>
        item.kind === 'TypedColumnReference' ? [nameOf(child(item, 'Column'))] : [],
      ),
    )
    const placed = members.map(({ plan, label }): Member => {
      const items = values.map((column) => outputOf(column, plan, members, typed, node, planner))
      return { plan: extendNode(plan, items), label }
    })
    return unionNode(placed, columns, source.name, planner, node)
  },
  emit: () => {
    throw new Error('find is planned as a union')
  },
})

function tables(node: TreeNode, planner: Planner): readonly Member[] {
  const clause = node.children['InClause']
  if (!clause) return [...planner.views(), ...planner.everyTable(node)]
  return childItems(clause, 'Expressions').flatMap((item): Member[] => {
    if (item.kind === 'WildcardedNameReference')
      return planner.wildcard(item).map((plan) => ({ plan, label: plan.table }))
    const isView = planner.views().some(({ label }) => label === nameOf(item))
    if (item.kind !== 'NameReference' || !(item.symbol?.kind === 'table' || isView))
      planner.refuse(
        'unsupported-syntax',
        'find looks in tables and views',
        item,
        'name it: `let T = view () { … }`',
      )
    return [{ plan: planner.tabular(item), label: nameOf(item) }]
  })
}

/** The table's rows that meet the condition; nothing where it has no column of the condition. */
function filtered(member: Member, condition: TreeNode, planner: Planner): Member[] {
  const { plan, label } = member
  const predicate = searchPredicate(condition, plan.columns, false, planner)
  const named = [...columnsOf(predicate)].filter(({ name }) => name !== ingestionColumn)
  const used = new Map(named.map((column) => [column.name, column]))
  const own = new Map(plan.columns.map(({ name, type }) => [name, type]))
  if (used.size > 0 && ![...used.keys()].some((name) => own.has(name))) return []
  for (const { name, type } of used.values()) {
    if ((own.get(name) ?? type) !== type)
      planner.refuse('unsupported-type', `${name} has several types in these tables`, condition)
  }
  const missing = [...used.values()]
    .filter(({ name }) => !own.has(name))
    .map((column) => missingColumn(column, plan))
  const input =
    missing.length === 0 ? plan : extendNode(plan, [...passThrough(plan.columns, plan.place), ...missing])
  const where: PlanNode & Record<string, unknown> = {
    kind: 'where',
    input,
    predicate,
    columns: input.columns,
    place: plan.place,
  }
  return [{ plan: where, label }]
}

/** A column of the result, out of one table. */
function outputOf(
  { name, type }: Column,
  plan: PlanNode,
  members: readonly Member[],
  typed: ReadonlySet<string>,
  node: TreeNode,
  planner: Planner,
): NamedExpression {
  const found = plan.columns.find((column) => column.name === name)
  if (typed.has(name)) {
    if (!found || found.type === type) return found ? own(found, plan) : missingColumn({ name, type }, plan)
    return {
      name,
      expression: {
        kind: 'call',
        name: `to${type}`,
        args: [own(found, plan).expression],
        type,
        place: plan.place,
      },
    }
  }
  const sources = members.flatMap((member) => member.plan.columns.filter((column) => column.name === name))
  if (sources.length === 0 && name.startsWith('pack_'))
    planner.refuse(
      'unsupported-syntax',
      'find packs columns that not all the tables have',
      node,
      'name the columns: `project …`',
    )
  if (sources.some((column) => column.type !== type))
    planner.refuse(
      'unsupported-type',
      `${name} has several types in these tables`,
      node,
      `say which: project ${name}: string`,
    )
  return found ? own(found, plan) : missingColumn({ name, type }, plan)
}

function own(column: Column, { place }: PlanNode): NamedExpression {
  return { name: column.name, expression: { kind: 'column', ...column, place } }
}

function missingColumn({ name, type }: Column, { place }: PlanNode): NamedExpression {
  const value = type === 'string' ? '' : null
  const expression: Expression = { kind: 'literal', type, value, place }
  return { name, expression }
}

function extendNode(input: PlanNode, items: readonly NamedExpression[]): PlanNode & Record<string, unknown> {
  return { kind: 'extend', input, items, columns: columnsFrom(items), place: input.place }
}
