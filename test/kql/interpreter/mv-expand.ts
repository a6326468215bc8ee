import { child, childItems, nameOf, type TreeNode } from '../../../src/kql/parser/tree.ts'
import { kqlTypeOf, type KqlType } from '../../../src/kql/types.ts'
import { convert, emptyOf } from './convert.ts'
import { columnsOf, parameter } from './rows.ts'
import { applied, evaluate, type Scope } from './scope.ts'
import { Undetermined, Unknown, isAnyOrder, isArray, isBag, tableOf } from './value.ts'
import type { Row, Table, Value } from './value.ts'

interface Expansion {
  readonly name: string
  readonly expression: TreeNode
  readonly type: KqlType
}

/** A row for each element; several expansions go side by side. */
export function mvExpand(node: TreeNode, input: Table, scope: Scope): Table {
  const columns = columnsOf(node)
  const indexName = indexColumn(node)
  const asArrays = (parameter(node, 'bagexpansion') ?? parameter(node, 'kind')) === 'array'
  const limitNode = node.children['RowLimitClause']
  const limit = limitNode ? Number(evaluate(child(limitNode, 'RowLimit'), scope)) : Infinity
  const expansions = expansionsOf(node)
  const rows = input.rows.flatMap((row) => {
    return expanded(expansions, row, scope, asArrays)
      .slice(0, limit)
      .map((element, index): Row => {
        const values = new Map<string, Value>([
          ...row,
          ...element,
          ...(indexName ? [[indexName, BigInt(index)] as const] : []),
        ])
        return new Map(columns.map(({ name }) => [name, values.get(name) ?? null]))
      })
  })
  return tableOf(columns, rows)
}

function indexColumn(node: TreeNode): string | undefined {
  const found = childItems(node, 'Parameters').find(
    (item) => nameOf(child(item, 'Name')) === 'with_itemindex',
  )
  return found ? nameOf(child(found, 'Expression')) : undefined
}

function expansionsOf(node: TreeNode): readonly Expansion[] {
  return childItems(node, 'Expressions').map((item) => {
    const inner = child(item, 'Expression')
    const isNamed = inner.kind === 'SimpleNamedExpression'
    const expression = isNamed ? child(inner, 'Expression') : inner
    const name = isNamed ? nameOf(child(inner, 'Name')) : (inner.resultName ?? nameOf(inner))
    const typeName = item.children['ToTypeOf'] ? typeText(child(item, 'ToTypeOf')) : undefined
    const type = typeName === undefined ? 'dynamic' : kqlTypeOf(typeName)
    if (!type) throw new Unknown(`type ${typeName}`)
    return { name, expression, type }
  })
}

function typeText(clause: TreeNode): string {
  return childItems(child(clause, 'TypeOf'), 'Types')[0]?.children['Type']?.text ?? ''
}

/** The elements of one row, by name of column. */
function expanded(
  expansions: readonly Expansion[],
  row: Row,
  scope: Scope,
  asArrays: boolean,
): readonly (readonly (readonly [string, Value])[])[] {
  const lists = expansions.map(({ expression, type }) => {
    return elementsOf(evaluate(expression, { ...scope, row }), asArrays).map((value) =>
      elementAs(value, type),
    )
  })
  const length = Math.max(...lists.map((list) => list.length))
  return Array.from({ length }, (_item, index) =>
    expansions.map(({ name, type }, at) => [name, lists[at]?.[index] ?? emptyOf(type)] as const),
  )
}

function elementsOf(value: Value, asArrays: boolean): readonly Value[] {
  if (isAnyOrder(value)) throw new Undetermined('order of a set')
  if (isArray(value)) return value
  if (!isBag(value)) return [value]
  return [...value].map(([key, item]) => (asArrays ? [key, item] : new Map([[key, item]])))
}

/** An element that is not of the type is null; text is never read as something else. */
export function elementAs(value: Value, type: KqlType): Value {
  if ((type === 'datetime' || type === 'timespan') && typeof value !== 'string') return null
  return type === 'dynamic' ? value : convert(value, 'dynamic', type)
}

/** A subquery over the elements of each row for itself. */
export function mvApply(node: TreeNode, input: Table, scope: Scope): Table {
  const expansions = expansionsOf(node)
  const columns = columnsOf(node)
  const subquery = child(child(node, 'Subquery'), 'Expression')
  const indexName = indexColumn(node)
  const limitNode = node.children['RowLimitClause']
  if (limitNode) throw new Unknown('mv-apply with a limit')
  const inside = [
    ...input.columns.filter(({ name }) => !expansions.some((expansion) => expansion.name === name)),
    ...expansions.map(({ name, type }) => ({ name, type })),
    ...(indexName ? [{ name: indexName, type: 'long' as const }] : []),
  ]
  const rows = input.rows.flatMap((row) => {
    const elements = expanded(expansions, row, scope, false)
    // Without elements there is no subtable, and nothing is asked of it.
    if (elements.length === 0) return []
    const inner = elements.map((element, index): Row => {
      return new Map([...row, ...element, ...(indexName ? [[indexName, BigInt(index)] as const] : [])])
    })
    const table: Table = {
      columns: inside,
      rows: inner,
      ranks: inner.map((_row, index) => index),
      sorted: true,
    }
    const result = run(subquery, table, scope)
    return result.rows.map((found): Row => {
      return new Map(columns.map(({ name }) => [name, found.get(name) ?? row.get(name) ?? null]))
    })
  })
  return tableOf(columns, rows)
}

/** The first operator of a subquery stands without a pipe before it. */
function run(node: TreeNode, input: Table, scope: Scope): Table {
  if (node.kind === 'ParenthesizedExpression') return run(child(node, 'Expression'), input, scope)
  if (node.kind === 'PipeExpression')
    return applied(child(node, 'Operator'), run(child(node, 'Expression'), input, scope), scope)
  return applied(node, input, scope)
}
