import { child, childItems, nameOf, tableColumns, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { evaluate, tableValue, type Scope } from './scope.ts'
import { Unknown, type Column, type Row, type Table, type Value } from './value.ts'

/** The columns that the binder gives a node. */
export function columnsOf(node: TreeNode): readonly Column[] {
  return tableColumns(node).map(({ name, type }) => ({ name, type: type ?? 'dynamic' }))
}

/** Values under the names of columns. */
export function rowOf(columns: readonly Column[], values: readonly Value[]): Row {
  if (columns.length !== values.length) {
    throw new Unknown(`${values.length} values for ${columns.map(({ name }) => name).join(', ')}`)
  }
  return new Map(columns.map(({ name }, index) => [name, values[index] ?? null]))
}

/** The scope of an expression about one row of several. */
export function around(input: Table, index: number, scope: Scope): Scope {
  const row = input.rows[index]
  return { ...scope, ...(row ? { row } : {}), input, index }
}

/** What an operator's parameter says: `kind=inner`. */
export function parameter(node: TreeNode, name: string): string | undefined {
  const found = childItems(node, 'Parameters').find((item) => nameOf(child(item, 'Name')) === name)
  return found?.children['Expression']?.children['Token']?.text
}

/** The scope of a function's body: parameters by name. */
export function withArguments(
  node: TreeNode,
  nodes: readonly TreeNode[],
  scope: Scope,
  first?: Scope['input'],
): Scope {
  const names = new Map(scope.names)
  const parameters = node.parameters ?? []
  const given: readonly (TreeNode | undefined)[] = first ? [undefined, ...nodes] : nodes
  for (const [index, parameter] of parameters.entries()) {
    const argument = given[index] ?? parameter.fallback
    if (index === 0 && first) names.set(parameter.name, { kind: 'table', table: first })
    else if (!argument) throw new Unknown(`argument ${parameter.name}`)
    else if (argument.type?.kind === 'table')
      names.set(parameter.name, { kind: 'table', table: tableValue(argument, scope) })
    else names.set(parameter.name, { kind: 'scalar', value: evaluate(argument, scope) })
  }
  return { ...scope, names }
}
