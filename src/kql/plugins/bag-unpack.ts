import { aggregate, call, column, integer, text, type SqlExpression } from '../../sql/node.ts'
import { bagPairs } from '../json-parts.ts'
import { convert } from '../convert.ts'
import { Refusal } from '../diagnostic.ts'
import { ColumnsUnknown, type Discovery, type TextRows } from '../discovery.ts'
import type { Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import { columnOf, plugin, type EvaluateNode, type PluginCall } from '../plugin.ts'
import type { TreeNode } from '../parser/tree.ts'
import type { Column, PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, type Relation, type RelationColumn } from '../relation.ts'
import { isKqlType, type KqlType } from '../types.ts'
import { replaceRelation } from './replace.ts'

interface BagUnpackNode extends EvaluateNode {
  readonly bag: string
  readonly prefix: string
  /** The columns whose values come from the bag. */
  readonly unpacked: readonly Column[]
}

/** More distinct keys than this make no table. */
const mostKeys = 1000

const options: ReadonlySet<string> = new Set(['column_prefix', 'columnsConflict', 'ignoredProperties'])

export const bagUnpack = plugin<BagUnpackNode>({
  name: 'bag_unpack',
  doc: 'A column for each key of a property bag, typed by the values found, or as declared.',
  example: {
    query: 'datatable(d: dynamic)[dynamic({"a": 1, "b": "x"}), dynamic({"a": 2})] | evaluate bag_unpack(d)',
    rows: [
      [1, 'x'],
      [2, ''],
    ],
  },
  plan: planBagUnpack,
  emit: (node, emitter) => {
    const base = emitter.bracket(emitter.relation(node.input))
    const bag = innerScope(base)(node.bag)
    const values = node.unpacked.map(({ name, type }) => {
      const key = operand(text(name.slice(node.prefix.length)), 'string', false)
      const literal = {
        kind: 'literal',
        type: 'string',
        value: name.slice(node.prefix.length),
        place: node.place,
      } as const
      const value = emitter.call('member', [bag, { ...key, literal }], 'dynamic', node.place)
      return { name, type, sql: convert(value, type) }
    })
    return replaceRelation(base, node.columns, values, emitter)
  },
})

function planBagUnpack(invocation: PluginCall, planner: Planner): BagUnpackNode {
  const { node, input, args, named } = invocation
  const bag = columnOf(invocation, 0, planner)
  const unknownOption = [...named.keys()].find((name) => !options.has(name))
  if (unknownOption !== undefined || args.length > 4) {
    planner.refuse('bad-argument', `bag_unpack takes a column and ${[...options].join(', ')}`, node)
  }
  const prefixNode = named.get('column_prefix') ?? args[1]
  const prefix = prefixNode ? textOf(prefixNode, planner) : ''
  const conflictNode = named.get('columnsConflict') ?? args[2]
  const conflict = conflictNode ? textOf(conflictNode, planner) : 'error'
  if (!['error', 'replace_source', 'keep_source'].includes(conflict)) {
    planner.refuse(
      'bad-argument',
      'columnsConflict is error, replace_source or keep_source',
      conflictNode ?? node,
    )
  }
  const ignored = ignoredKeys(named.get('ignoredProperties') ?? args[3], planner)
  const sources = new Set(input.columns.map(({ name }) => name).filter((name) => name !== bag))
  const place = planner.place(node)
  const discovery = planner.options.discoveries?.get(node.start)
  const make = (columns: readonly Column[], unpacked: readonly Column[]): BagUnpackNode => ({
    kind: 'evaluate',
    plugin: 'bag_unpack',
    input,
    bag,
    prefix,
    unpacked,
    columns,
    place,
  })
  if (discovery) return make(discovery.columns, discovery.found)
  if (invocation.declared) {
    const fromBag = invocation.declared.filter(
      ({ name }) => !sources.has(name) || conflict === 'replace_source',
    )
    const unknown = fromBag.find(({ name }) => !name.startsWith(prefix))
    if (unknown) planner.refuse('bad-argument', `the column ${unknown.name} cannot come out of the bag`, node)
    return make(invocation.declared, fromBag)
  }
  const isHere = place.start === node.start && place.end === node.end
  throw new ColumnsUnknown(
    'bag_unpack',
    place,
    isHere ? { start: node.start, end: node.end } : undefined,
    (emitter) => keysOf(input, bag, emitter),
    (rows) =>
      resultColumns(
        rows.filter(([name]) => !ignored.has(name ?? '')),
        input,
        bag,
        prefix,
        conflict,
        place,
      ),
  )
}

/** The binder does not check these, so that more of them can be said than it knows. */
function textOf(node: TreeNode, planner: Planner): string {
  const value = planner.scalar(node)
  if (value.kind === 'literal' && value.type === 'string' && value.value !== null) return String(value.value)
  return planner.refuse('bad-argument', 'a literal text is needed here', node)
}

/** The keys of a literal array that are left out. */
function ignoredKeys(node: TreeNode | undefined, planner: Planner): ReadonlySet<string> {
  if (!node) return new Set()
  const value = planner.scalar(node)
  const keys: unknown =
    value.kind === 'literal' && value.type === 'dynamic' && value.value !== ''
      ? JSON.parse(String(value.value))
      : undefined
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    return planner.refuse('not-constant', 'ignoredProperties must be a literal array of texts', node)
  }
  return new Set(keys)
}

/** Each key of the bags, with the kinds of its values. */
function keysOf(input: PlanNode, bag: string, emitter: Emitter): Relation {
  const base = emitter.bracket(emitter.relation(input))
  const pair = emitter.hidden('pair')
  const item = column(pair)
  const key = call('tupleElement', item, 1)
  const kinds = call('arraySort', aggregate('groupUniqArray', [kindOf(call('tupleElement', item, 2))]))
  const select = {
    columns: [
      { name: 'name', expression: key },
      { name: 'kinds', expression: call('arrayStringConcat', kinds, ',') },
    ],
    from: base.select.from,
    arrayJoin: [{ name: pair, expression: bagPairs(innerScope(base)(bag).sql) }],
    groupBy: [key],
    limit: integer(mostKeys + 1),
  }
  const columns: RelationColumn[] = ['name', 'kinds'].map((name) => ({
    name,
    type: 'string',
    physical: name,
  }))
  return { select, columns, order: [], sealed: true }
}

function kindOf(json: SqlExpression): SqlExpression {
  return call(
    'multiIf',
    call('startsWith', json, '"'),
    text('string'),
    call('in', json, call('tuple', 'true', 'false')),
    text('bool'),
    call('equals', json, 'null'),
    text('null'),
    call('isNotNull', call('toInt64OrNull', json)),
    text('long'),
    call('isNotNull', call('toFloat64OrNull', json)),
    text('real'),
    text('dynamic'),
  )
}

/** The source's columns without the bag, then those of its keys by name; a key takes the place of a column it replaces. */
function resultColumns(
  rows: TextRows,
  input: PlanNode,
  bag: string,
  prefix: string,
  conflict: string,
  place: PlanNode['place'],
): Discovery {
  if (rows.length > mostKeys)
    throw new Refusal('too-large', `the bags have more than ${mostKeys} different keys`, place)
  const keys = rows.map(([name, kinds]): Column => ({
    name: `${prefix}${name ?? ''}`,
    type: typeOf(kinds ?? ''),
  }))
  const odd = keys.find(({ name }) => !/^[\p{L}\p{N}_ .-]+$/u.test(name))
  if (odd)
    throw new Refusal(
      'unsupported-argument',
      `the key ${JSON.stringify(odd.name)} cannot be a column's name`,
      place,
    )
  const sources = new Set(input.columns.map(({ name }) => name).filter((name) => name !== bag))
  const clash = keys.find(({ name }) => sources.has(name))
  if (clash && conflict === 'error') {
    const hint = "say columnsConflict='replace_source' or 'keep_source', or give a prefix"
    throw new Refusal('bad-argument', `the key ${clash.name} is a column already`, place, hint)
  }
  const found = keys.filter(({ name }) => conflict === 'replace_source' || !sources.has(name))
  const byName = new Map(found.map((item) => [item.name, item]))
  const kept = input.columns.flatMap((item) => byName.get(item.name) ?? (item.name === bag ? [] : [item]))
  const known = new Set(kept.map(({ name }) => name))
  const added = found.filter(({ name }) => !known.has(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const columns = [...kept, ...added]
  if (columns.length === 0)
    throw new Refusal('unsupported-argument', 'the bags have no keys, so no column is left', place)
  return { columns, found }
}

/** One kind of values gives its type; several, or none, a dynamic. */
function typeOf(kinds: string): KqlType {
  const [only, ...others] = kinds.split(',').filter((kind) => kind !== 'null' && kind !== '')
  return only !== undefined && others.length === 0 && isKqlType(only) ? only : 'dynamic'
}
