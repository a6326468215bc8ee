import {
  aggregate,
  call,
  column,
  integer,
  nothing,
  text,
  when,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { aggregateFunction } from '../aggregates.ts'
import { convert, toText } from '../convert.ts'
import { Refusal } from '../diagnostic.ts'
import { ColumnsUnknown, type Discovery, type TextRows } from '../discovery.ts'
import type { Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import { groupPlaces } from '../operators/summarize.ts'
import { columnOf, columnsFrom, plugin, type EvaluateNode, type PluginCall } from '../plugin.ts'
import { columnsOf, type Column, type Expression, type PlanNode } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { isText, nullOf, type KqlType } from '../types.ts'

interface PivotNode extends EvaluateNode {
  readonly pivot: string
  readonly cell: Expression
  readonly keys: readonly string[]
  /** The values that have become columns. */
  readonly values: readonly Column[]
}

const mostValues = 1000

/** What an aggregate gives where no row has the key and the value; others are refused when that happens. */
const emptyCells: Readonly<Record<string, 'zero' | 'null'>> = {
  count: 'zero',
  sum: 'zero',
  dcount: 'zero',
  min: 'null',
  max: 'null',
  take_any: 'null',
  any: 'null',
}

export const pivot = plugin<PivotNode>({
  name: 'pivot',
  doc: 'Makes a column of each value of a column, filled with an aggregate over the remaining columns.',
  example: {
    query: 'datatable(k: string, c: string)["a", "x", "a", "x", "b", "y"] | evaluate pivot(c)',
    rows: [
      ['a', 2, 0],
      ['b', 0, 1],
    ],
  },
  plan: planPivot,
  emit: emitPivot,
})

function planPivot(invocation: PluginCall, planner: Planner): PivotNode {
  const { node, input, args } = invocation
  const name = columnOf(invocation, 0, planner)
  const place = planner.place(node)
  const cell: Expression = args[1]
    ? planner.aggregating().scalar(args[1])
    : { kind: 'aggregate', name: 'count', args: [], type: 'long', place }
  if (cell.kind !== 'aggregate' || aggregateFunction(cell.name)?.emitColumns) {
    return planner.refuse('bad-argument', 'pivot takes one aggregate function', args[1] ?? node)
  }
  const used = new Set([name, ...[...columnsOf(cell)].map((item) => item.name)])
  const keys =
    args.length > 2
      ? columnsFrom(invocation, 2, planner)
      : input.columns.map((item) => item.name).filter((item) => !used.has(item))
  const make = (columns: readonly Column[], values: readonly Column[]): PivotNode => ({
    kind: 'evaluate',
    plugin: 'pivot',
    input,
    pivot: name,
    cell,
    keys,
    values,
    columns,
    place,
  })
  const discovery = planner.options.discoveries?.get(node.start)
  if (discovery) return make(discovery.columns, discovery.found)
  if (invocation.declared) {
    const declared = invocation.declared.filter((item) => !keys.includes(item.name))
    const shown = invocation.declared.filter((item) => keys.includes(item.name))
    if (shown.length !== keys.length)
      planner.refuse('bad-argument', 'the declared columns leave out a column of pivot', node)
    return make(invocation.declared, declared)
  }
  const isHere = place.start === node.start && place.end === node.end
  const grouped = keys.flatMap((key) => input.columns.filter((item) => item.name === key))
  throw new ColumnsUnknown(
    'pivot',
    place,
    isHere ? { start: node.start, end: node.end } : undefined,
    (emitter) => valuesOf(input, name, emitter),
    (rows) => resultColumns(rows, grouped, cell.type, place),
  )
}

/** The values, in the order of literal rows, else by name. */
function valuesOf(input: PlanNode, name: string, emitter: Emitter): Relation {
  const base = emitter.bracket(emitter.relation(input))
  const value = toText(innerScope(base)(name))
  const { order, places } = groupPlaces(base, emitter)
  const select = {
    columns: [{ name: 'value', expression: value }, ...places],
    from: base.select.from,
    groupBy: [value],
    limit: integer(mostValues + 1),
  }
  const named = order.length > 0 ? order : [{ physical: 'value', descending: false, nullsFirst: false }]
  return {
    select,
    columns: [{ name: 'value', type: 'string', physical: 'value' }],
    order: named,
    sealed: true,
  }
}

function resultColumns(
  rows: TextRows,
  keys: readonly Column[],
  type: KqlType,
  place: PlanNode['place'],
): Discovery {
  if (rows.length > mostValues)
    throw new Refusal('too-large', `the pivot has more than ${mostValues} different values`, place)
  const found = rows.map(([value]): Column => ({ name: value ?? '', type }))
  const known = new Set(keys.map(({ name }) => name))
  const odd = found.find(({ name }) => name === '' || known.has(name))
  if (odd)
    throw new Refusal(
      'unsupported-argument',
      `the value ${JSON.stringify(odd.name)} cannot be a column's name here`,
      place,
    )
  if (keys.length + found.length === 0)
    throw new Refusal('unsupported-argument', 'the pivot has no values, so no column is left', place)
  return { columns: [...keys, ...found], found }
}

function emitPivot(node: PivotNode, emitter: Emitter): Relation {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const keys = node.keys.map((name) => ({ name, value: scope(name) }))
  const value = toText(scope(node.pivot))
  const cell = emitter.expression(node.cell, scope)
  const names = { value: emitter.hidden('value'), cell: emitter.hidden('cell') }
  const { places } = groupPlaces(base, emitter)
  const inner = emitter.bracket({
    select: {
      columns: [
        ...keys.map((key) => ({ name: physicalName(key.name), expression: key.value.sql })),
        { name: names.value, expression: value },
        { name: names.cell, expression: cell.sql },
        ...places,
      ],
      from: base.select.from,
      groupBy: [...keys.map((key) => key.value.sql), value],
    },
    columns: [],
    order: [],
    sealed: true,
  })
  const alias = inner.select.from.kind === 'select' ? inner.select.from.alias : undefined
  const at = (name: string): SqlExpression => column(name, alias)
  const cells = new Map(
    node.values.map(({ name, type }) => {
      const isHere = call('equals', at(names.value), name)
      const found = aggregate('anyIf', [at(names.cell), isHere])
      const none = call('equals', aggregate('countIf', [isHere]), 0)
      const filled = when(none, emptyCell(node.cell, cell.type), found)
      return [name, convert(operand(filled, cell.type), type)] as const
    }),
  )
  const own = new Map(keys.map((key) => [key.name, key.value]))
  const rows = places.map(({ name }) => ({
    name: emitter.hidden('row'),
    expression: aggregate('min', [at(name)]),
  }))
  const selected = node.columns.map(({ name }): SelectColumn => {
    const expression = cells.get(name) ?? at(physicalName(name))
    return { name: physicalName(name), expression }
  })
  const select = {
    columns: [...selected, ...rows],
    from: inner.select.from,
    ...(keys.length > 0
      ? { groupBy: keys.map((key) => at(physicalName(key.name))) }
      : { having: call('greater', aggregate('count', []), 0) }),
  }
  return emitter.bracket({
    select,
    columns: node.columns.map(({ name, type }) => ({
      name,
      type: own.get(name)?.type ?? type,
      physical: physicalName(name),
    })),
    order: rows.map(({ name }) => naturalOrder(name)),
    sealed: true,
  })
}

function emptyCell(cell: Expression, type: KqlType): SqlExpression {
  const kind = cell.kind === 'aggregate' ? emptyCells[cell.name] : undefined
  if (kind === 'zero' && !isText(type)) return convert(operand(integer(0), 'long', false), type)
  if (kind === 'null') return nullOf(type)
  const stop = call(
    'throwIf',
    call('equals', aggregate('count', []), aggregate('count', [])),
    'what pivot puts into an empty cell is not known for this aggregate',
  )
  return when(call('equals', stop, 0), nullOf(type), isText(type) ? text('') : nothing)
}
