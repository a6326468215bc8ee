import { call, column, lambda, when, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import { arrayElements, bagPairs } from '../json-parts.ts'
import { convert, quoteJson } from '../convert.ts'
import { withoutNull } from '../path-value.ts'
import type { Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, tableColumns, type TreeNode } from '../parser/tree.ts'
import type { Expression, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { unnamed } from '../projection.ts'
import {
  innerScope,
  naturalOrder,
  naturalOrders,
  partitionOf,
  physicalName,
  type Relation,
} from '../relation.ts'
import { kqlTypeOf, type KqlType } from '../types.ts'
import { planCount } from './take.ts'

export interface Expansion {
  readonly name: string
  readonly expression: Expression
  /** The type that each element is converted to. */
  readonly type: KqlType
}

interface MvExpandNode extends PlanNode {
  readonly kind: 'mv-expand'
  readonly input: PlanNode
  readonly expansions: readonly Expansion[]
  readonly bagsAsArrays: boolean
  readonly index: string | undefined
  readonly limit: number | undefined
}

export const mvExpand = operator<MvExpandNode>({
  kind: 'mv-expand',
  syntax: ['MvExpandOperator'],
  doc: 'A row for each element of arrays and bags; several columns go side by side, the shorter padded with null.',
  example: {
    query: 'print a = dynamic([1, "x"]), b = 2 | mv-expand a',
    rows: [
      [1, 2],
      ['x', 2],
    ],
  },
  plan: (node, input, planner): MvExpandNode => {
    const from = required(input)
    const parameters = new Map(
      childItems(node, 'Parameters').map((item) => [
        nameOf(child(item, 'Name')),
        nameOf(child(item, 'Expression')),
      ]),
    )
    const expansions = childItems(node, 'Expressions').map((item) => planExpansion(item, node, planner))
    const limit = node.children['RowLimitClause']
    const index = parameters.get('with_itemindex')
    const made = [...expansions.map(({ name }) => name), ...(index === undefined ? [] : [index])]
    return {
      kind: 'mv-expand',
      input: from,
      expansions,
      bagsAsArrays: (parameters.get('bagexpansion') ?? parameters.get('kind')) === 'array',
      index,
      limit: limit ? planCount(child(limit, 'RowLimit'), planner) : undefined,
      columns: planner.columnsOver(node, from, made),
      place: planner.place(node),
    }
  },
  emit: (node, emitter) => {
    const input = emitter.relation(node.input)
    const expanded = expandRelation(input, node.expansions, node, emitter)
    const order = new Map(expanded.columns.map((item) => [item.name, item]))
    const columns = node.columns.map(({ name }) => order.get(name)).filter((item) => item !== undefined)
    return { ...expanded, columns }
  },
})

/** `x`, `y = x.z`, each with an optional `to typeof(T)`. */
export function planExpansion(item: TreeNode, node: TreeNode, planner: Planner): Expansion {
  const inner =
    item.children['Expression'] && /^Mv(Expand|Apply)Expression$/.test(item.kind)
      ? child(item, 'Expression')
      : item
  const value = unnamed(inner, planner)
  const expression = planner.scalar(value)
  const typed = item.children['ToTypeOf']
  const typeName = kqlTypeOf(typed ? typeText(typed) : 'dynamic')
  if (!typeName) return planner.refuse('unsupported-type', 'elements of this type are not supported', item)
  const name =
    inner.kind === 'SimpleNamedExpression'
      ? nameOf(child(inner, 'Name'))
      : value.kind === 'NameReference'
        ? nameOf(value)
        : (tableColumns(node).find(({ source }) => source === value.id)?.name ?? value.resultName)
  if (name === undefined)
    return planner.refuse('unsupported-syntax', 'the name of this column is not known', item, 'name it')
  return { name, expression, type: typeName }
}

function typeText(node: TreeNode): string {
  if (node.kind === 'PrimitiveTypeExpression') return node.children['Type']?.text ?? ''
  for (const inner of [...Object.values(node.children), ...(node.items ?? [])]) {
    const found = typeText(inner)
    if (found !== '') return found
  }
  return ''
}

/** Puts a row for each element; the expanded columns replace those of the same name. */
export function expandRelation(
  input: Relation,
  expansions: readonly Expansion[],
  options: Pick<MvExpandNode, 'bagsAsArrays' | 'index' | 'limit'>,
  emitter: Emitter,
): Relation {
  const base = emitter.bracket(input)
  const scope = innerScope(base)
  const arrays = expansions.map(({ expression }) => {
    const value = emitter.expression(expression, scope)
    const elements = elementsOf(convert(value, 'dynamic'), options.bagsAsArrays)
    return options.limit === undefined ? elements : call('arraySlice', elements, 1, options.limit)
  })
  const names = expansions.map(() => emitter.hidden('item'))
  const size =
    arrays.length > 1 ? call('greatest', ...arrays.map((array) => call('length', array))) : undefined
  const arrayJoin: SelectColumn[] = arrays.map((array, index) => ({
    name: names[index] ?? '',
    expression: size ? call('arrayResize', array, size, '') : array,
  }))
  const isPlaced = naturalOrders(base).length > 0
  const indexName = options.index === undefined && !isPlaced ? undefined : emitter.hidden('index')
  const [firstArray] = arrayJoin
  if (indexName !== undefined && firstArray) {
    arrayJoin.push({ name: indexName, expression: call('arrayEnumerate', firstArray.expression) })
  }
  const replaced = new Map(
    expansions.map(({ name, type }, index) => {
      const element = operand(column(names[index] ?? ''), 'dynamic')
      return [name, { type, sql: convert(element, type) }]
    }),
  )
  if (indexName !== undefined && options.index !== undefined) {
    const position = call('toInt64', call('minus', call('toInt64', column(indexName)), 1))
    replaced.set(options.index, { type: 'long', sql: position })
  }
  return replaceColumns(base, replaced, arrayJoin, isPlaced ? indexName : undefined, emitter)
}

function replaceColumns(
  base: Relation,
  replaced: ReadonlyMap<string, { readonly type: KqlType; readonly sql: SqlExpression }>,
  arrayJoin: readonly SelectColumn[],
  place: string | undefined,
  emitter: Emitter,
): Relation {
  const kept = base.columns.map((item) => {
    const found = replaced.get(item.name)
    return found ? { name: item.name, type: found.type, physical: item.physical } : item
  })
  const known = new Set(base.columns.map(({ name }) => name))
  const added = [...replaced].filter(([name]) => !known.has(name))
  const columns = [
    ...kept,
    ...added.map(([name, { type }]) => ({ name, type, physical: physicalName(name) })),
  ]
  const visible = new Set(base.columns.map(({ physical }) => physical))
  const hidden = base.select.columns.filter(({ name }) => !visible.has(name))
  const byPhysical = new Map(base.select.columns.map((item) => [item.name, item.expression]))
  const moved = new Map<string, string>()
  for (const { physical } of base.order) {
    const owner = base.columns.find((item) => item.physical === physical)
    if (owner && replaced.has(owner.name)) moved.set(physical, emitter.hidden('order'))
  }
  const selected = columns.map((item): SelectColumn => {
    const expression = replaced.get(item.name)?.sql ?? byPhysical.get(item.physical)
    if (!expression) throw new Error(`the column ${item.name} is lost`)
    return { name: item.physical, expression }
  })
  const carried = [...moved].map(([from, to]): SelectColumn => {
    const expression = byPhysical.get(from)
    if (!expression) throw new Error(`the order's column ${from} is lost`)
    return { name: to, expression }
  })
  const order = base.order.map((item) => ({ ...item, physical: moved.get(item.physical) ?? item.physical }))
  const placed = place === undefined ? [] : [{ name: place, expression: column(place) }]
  const select = { ...base.select, columns: [...selected, ...hidden, ...carried, ...placed], arrayJoin }
  const full = place === undefined ? order : [...order, naturalOrder(place)]
  const ingested = base.ingested === undefined ? {} : { ingested: base.ingested }
  return emitter.bracket({ select, columns, order: full, sealed: true, ...partitionOf(base), ...ingested })
}

/** An array's elements, a bag's pairs, or the value itself; null gives one row, an empty array none. */
export function elementsOf(json: SqlExpression, bagsAsArrays: boolean): SqlExpression {
  const key = (pair: SqlExpression): SqlExpression => quoteJson(call('tupleElement', pair, 1))
  const value = (pair: SqlExpression): SqlExpression => call('tupleElement', pair, 2)
  const pairs = lambda(['p'], (pair) =>
    bagsAsArrays
      ? call('concat', '[', key(pair), ',', value(pair), ']')
      : call('concat', '{', key(pair), ':', value(pair), '}'),
  )
  const isBag = call('startsWith', json, '{')
  return when(
    call('startsWith', json, '['),
    call(
      'arrayMap',
      lambda(['e'], (element) => withoutNull(element)),
      arrayElements(json),
    ),
    when(isBag, call('arrayMap', pairs, bagPairs(json)), call('array', json)),
  )
}
