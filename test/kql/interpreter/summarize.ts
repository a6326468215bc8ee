import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { columnsOf, rowOf } from './rows.ts'
import { evaluate, type Scope } from './scope.ts'
import { isArray, keyOf, tableOf, type Row, type Table, type Value } from './value.ts'

/** Keys first, then aggregates, as the binder names them. */
export function summarize(node: TreeNode, input: Table, scope: Scope): Table {
  const by = node.children['ByClause'] ? childItems(child(node, 'ByClause'), 'Expressions') : []
  const aggregates = childItems(node, 'Aggregates')
  const columns = columnsOf(node)
  const groups = grouped(by, input, scope)
  if (by.length === 0 && groups.length === 0) groups.push({ keys: [], rows: [] })
  const inner = withKeys(by, scope)
  const rows = groups.map(({ keys, rows: group }) => {
    const values = aggregates.flatMap((item) => parts(item, evaluate(item, { ...inner, input, group })))
    return rowOf(columns, [...keys, ...values])
  })
  return tableOf(columns, rows)
}

export interface Group {
  readonly keys: readonly Value[]
  readonly rows: Row[]
}

/** Rows by their keys, in the order in which they first occur; nulls are equal. */
export function grouped(by: readonly TreeNode[], input: Table, scope: Scope): Group[] {
  const groups = new Map<string, Group>()
  for (const row of input.rows) {
    const keys = by.map((item) => evaluate(item, { ...scope, row }))
    const text = JSON.stringify(keys.map((value) => keyOf(value)))
    const known = groups.get(text) ?? { keys, rows: [] }
    groups.set(text, known)
    known.rows.push(row)
  }
  return [...groups.values()]
}

/** `arg_max(x, *)` leaves the keys out; it finds them under a name that no query can have. */
function withKeys(by: readonly TreeNode[], scope: Scope): Scope {
  const names = by.filter(({ kind }) => kind === 'NameReference').map((item) => nameOf(item))
  return { ...scope, names: new Map([...scope.names, ['$by', { kind: 'scalar', value: names }]]) }
}

/** Aggregates of several columns give them as an array. */
function parts(item: TreeNode, value: Value): readonly Value[] {
  const call = item.kind.endsWith('NamedExpression') ? child(item, 'Expression') : item
  const isSeveral = call.type?.kind === 'other' && call.type.name === 'tuple'
  return isSeveral && isArray(value) ? value : [value]
}
