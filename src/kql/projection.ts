import type { SelectColumn } from '../sql/node.ts'
import type { Emitter } from './emitter.ts'
import { child, childItems, nameOf, tableColumns, type TreeNode } from './parser/tree.ts'
import type { Column, NamedExpression, PlanNode } from './plan.ts'
import { passThrough, type Planner } from './planner.ts'
import { innerScope, physicalName, type Relation, type RelationColumn, type RowOrder } from './relation.ts'

/** The input's columns with some replaced or added, as `extend` and its kin make them. */
export function planExtension(node: TreeNode, list: string, input: PlanNode, planner: Planner): NamedExpression[] {
  const added = new Map(childItems(node, list).flatMap((item) => planNamed(item, node, planner)).map((item) => [item.name, item]))
  const kept = passThrough(input.columns, planner.place(node)).map((item) => added.get(item.name) ?? item)
  const names = new Set(kept.map(({ name }) => name))
  return inResultOrder([...kept, ...[...added.values()].filter(({ name }) => !names.has(name))], node, planner)
}

/** A list of expressions that make one column each, named as the binder names them. */
export function planProjection(node: TreeNode, list: string, planner: Planner): NamedExpression[] {
  const items = childItems(node, list)
  const columns = tableColumns(node)
  if (items.length !== columns.length) planner.refuse('unsupported-syntax', 'an expression that makes several columns', node)
  return items.map((item, index) => {
    const name = columns[index]?.name ?? ''
    return { name, expression: planner.scalar(unnamed(item, planner)) }
  })
}

/** The expression inside `name = expression`. */
export function unnamed(item: TreeNode, planner: Planner): TreeNode {
  if (item.kind === 'CompoundNamedExpression') planner.refuse('unsupported-syntax', 'several names for one expression', item)
  return item.kind === 'SimpleNamedExpression' ? child(item, 'Expression') : item
}

function planNamed(item: TreeNode, node: TreeNode, planner: Planner): NamedExpression[] {
  const value = unnamed(item, planner)
  if (item.kind === 'SimpleNamedExpression') {
    return [{ name: nameOf(child(item, 'Name')), expression: planner.scalar(value) }]
  }
  if (value.kind === 'NameReference' && value.symbol?.kind === 'column') return []
  const column = tableColumns(node).find(({ source }) => source === value.id)
  if (!column) return planner.refuse('unsupported-syntax', 'the name of this column is not known', item, 'name it')
  return [{ name: column.name, expression: planner.scalar(value) }]
}

function inResultOrder(items: readonly NamedExpression[], node: TreeNode, planner: Planner): NamedExpression[] {
  const byName = new Map(items.map((item) => [item.name, item]))
  const columns = tableColumns(node)
  return columns.map(({ name }) => {
    return byName.get(name) ?? planner.refuse('unsupported-syntax', `the column ${name} has no known source`, node)
  })
}

/** The types of named expressions, as a plan node's columns. */
export function columnsFrom(items: readonly NamedExpression[]): Column[] {
  return items.map(({ name, expression }) => ({ name, type: expression.type }))
}

/** Replaces a relation's columns; the order of its rows stays, in private columns where its own are dropped. */
export function projectRelation(input: Relation, items: readonly NamedExpression[], emitter: Emitter): Relation {
  const computed = items.flatMap(({ expression }) => (expression.kind === 'column' ? [] : [expression]))
  const base = emitter.ready(input, computed)
  const scope = innerScope(base)
  const columns: RelationColumn[] = []
  const selected: SelectColumn[] = []
  for (const { name, expression } of items) {
    const value = emitter.expression(expression, scope)
    const physical = physicalName(name)
    columns.push({ name, type: value.type, physical, nullable: value.nullable })
    selected.push({ name: physical, expression: value.sql })
  }
  const { order, carried } = carryOrder(base, selected, emitter)
  return {
    select: { ...base.select, columns: [...selected, ...carried] },
    columns,
    order,
    sealed: false,
  }
}

/** The order's columns under names that survive the projection. */
function carryOrder(
  base: Relation,
  selected: readonly SelectColumn[],
  emitter: Emitter,
): { readonly order: readonly RowOrder[]; readonly carried: readonly SelectColumn[] } {
  const carried: SelectColumn[] = []
  const order = base.order.map((item) => {
    const source = base.select.columns.find(({ name }) => name === item.physical)
    if (!source) throw new Error(`the order's column ${item.physical} is lost`)
    const kept = selected.find(({ name }) => name === item.physical)
    if (kept && kept.expression === source.expression) return item
    const name = item.physical.startsWith('__') && !kept ? item.physical : emitter.hidden('order')
    carried.push({ name, expression: source.expression })
    return { ...item, physical: name }
  })
  return { order, carried }
}
