import {
  integer,
  aggregate,
  array,
  call,
  column,
  lambda,
  text,
  when,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert, jsonArray, toJsonElement } from '../convert.ts'
import { Refusal } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import { operand } from '../operand.ts'
import { operator, required } from '../operator.ts'
import { child, childItems, nameOf, type TreeNode } from '../parser/tree.ts'
import type { Column, Expression, NamedExpression, PlanNode } from '../plan.ts'
import { aggregatesOf } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { unnamed } from '../projection.ts'
import { innerScope, naturalOrder, physicalName, withWhere, type Relation } from '../relation.ts'
import type { KqlType } from '../types.ts'
import { axisOf, limited, longest, noColumns, point, type Axis, type AxisBounds } from './series-axis.ts'
import { groupPlaces, planAggregates } from './summarize.ts'

interface MakeSeriesNode extends PlanNode, AxisBounds {
  readonly kind: 'make-series'
  readonly input: PlanNode
  readonly keys: readonly NamedExpression[]
  readonly series: readonly {
    readonly names: readonly string[]
    readonly expression: Expression
    readonly fallback: Expression | undefined
  }[]
  readonly isNonempty: boolean
}

export const makeSeries = operator<MakeSeriesNode>({
  kind: 'make-series',
  syntax: ['MakeSeriesOperator'],
  doc: 'Aggregates over equal steps of an axis, as arrays; steps without rows get the default.',
  example: {
    query:
      'datatable(t: long, v: long)[0, 1, 4, 5] | make-series s = sum(v) default = -1 on t from 0 to 6 step 2',
    rows: [
      [
        [1, -1, 5],
        [0, 2, 4],
      ],
    ],
  },
  plan: planMakeSeries,
  emit: emitMakeSeries,
})

function planMakeSeries(node: TreeNode, input: PlanNode | undefined, planner: Planner): MakeSeriesNode {
  const from = required(input)
  const bound = planner.columns(node)
  const keys = (node.children['ByClause'] ? childItems(child(node, 'ByClause'), 'Expressions') : []).map(
    (item, index) => ({
      name: bound[index]?.name ?? '',
      expression: planner.scalar(unnamed(item, planner)),
    }),
  )
  const items = childItems(node, 'Aggregates')
  const aggregates = planAggregates(
    items.map((item) => child(item, 'Expression')),
    bound.slice(keys.length, -1),
    keys,
    from,
    planner,
  )
  const series = aggregates.map(({ names, expression }, index) => {
    const fallback = items[index]?.children['DefaultExpression']
    return {
      names,
      expression,
      fallback: fallback ? planner.scalar(child(fallback, 'Expression')) : undefined,
    }
  })
  const parameters = new Map(
    childItems(node, 'Parameters').map((item) => [nameOf(child(item, 'Name')), item]),
  )
  const kind = parameters.get('kind')
  const range = planRange(child(node, 'RangeClause'), planner)
  const isNonempty = kind !== undefined && nameOf(child(kind, 'Expression')) === 'nonempty'
  if (isNonempty && (range.from === undefined || range.to === undefined)) {
    planner.refuse('unsupported-argument', 'kind=nonempty needs both from and to', node)
  }
  return {
    kind: 'make-series',
    input: from,
    keys,
    series,
    axis: {
      name: bound.at(-1)?.name ?? '',
      expression: planner.scalar(unnamed(child(child(node, 'OnClause'), 'Expression'), planner)),
    },
    ...range,
    isNonempty,
    columns: bound.map(({ name, type }, index): Column => ({
      name,
      type: index < keys.length ? type : 'dynamic',
    })),
    place: planner.place(node),
  }
}

function planRange(node: TreeNode, planner: Planner): Omit<AxisBounds, 'axis'> {
  if (node.kind === 'MakeSeriesInRangeClause') {
    const [from, to, step] = childItems(child(node, 'Arguments'), 'Expressions').map((item) =>
      planner.scalar(item),
    )
    if (!step) return planner.refuse('bad-argument', 'a range has a start, an end and a step', node)
    return { from, to, step, isInRange: true }
  }
  const value = (clause: string): Expression | undefined => {
    const found = node.children[clause]
    return found ? planner.scalar(child(found, 'Expression')) : undefined
  }
  const step = value('MakeSeriesStepClause')
  if (!step) return planner.refuse('bad-argument', 'a series has a step', node)
  return { from: value('MakeSeriesFromClause'), to: value('MakeSeriesToClause'), step, isInRange: false }
}

function emitMakeSeries(node: MakeSeriesNode, emitter: Emitter): Relation {
  const args = node.series.flatMap(({ expression }) =>
    [...aggregatesOf(expression)].flatMap((item) => item.args),
  )
  const input = emitter.ready(emitter.relation(node.input), [
    ...node.keys.map(({ expression }) => expression),
    ...args,
    node.axis.expression,
  ])
  const axis = axisOf(node, input, emitter)
  const rows = withWhere(input, axis.inside)
  return arrange(node, bins(node, rows, axis, emitter), axis, emitter)
}

interface Bins {
  readonly relation: Relation
  readonly keys: readonly string[]
  readonly bin: string
  readonly values: readonly string[]
  readonly place: readonly string[]
}

/** One row for each group and bin, with the aggregates as JSON. */
function bins(node: MakeSeriesNode, rows: Relation, axis: Axis, emitter: Emitter): Bins {
  const scope = innerScope(rows)
  const keys = node.keys.map(({ name, expression }) => ({
    name,
    value: emitter.expression(expression, scope),
  }))
  const columns = keys.map(({ name, value }) => ({
    name,
    type: value.type,
    physical: physicalName(name),
    nullable: value.nullable,
  }))
  const bin = emitter.hidden('bin')
  const values = node.series.flatMap(({ names, expression }) => {
    const types = names.map((): KqlType => expression.type)
    return emitter.aggregateColumns(expression, scope, types, false).map((value): SelectColumn => {
      if (!['int', 'long', 'real', 'decimal'].includes(value.type)) {
        throw new Refusal(
          'bad-argument',
          `a series holds numbers, not values of type ${value.type}`,
          expression.place,
        )
      }
      return { name: emitter.hidden('value'), expression: toJsonElement(value) }
    })
  })
  const { places } = groupPlaces(rows, emitter)
  const { from, where } = rows.select
  const select = {
    columns: [
      ...keys.map(({ name, value }) => ({ name: physicalName(name), expression: value.sql })),
      { name: bin, expression: axis.bin },
      ...values,
      ...places,
    ],
    from,
    ...(where ? { where } : {}),
    groupBy: [...keys.map(({ value }) => value.sql), axis.bin],
  }
  return {
    relation: emitter.bracket({ select, columns, order: [], sealed: true }),
    keys: columns.map(({ physical }) => physical),
    bin,
    values: values.map(({ name }) => name),
    place: places.map(({ name }) => name),
  }
}

/** One row for each group: the bins' values in their order, the gaps filled. */
function arrange(
  node: MakeSeriesNode,
  { relation, keys, bin, values, place }: Bins,
  axis: Axis,
  emitter: Emitter,
): Relation {
  const alias = relation.select.from.kind === 'select' ? relation.select.from.alias : undefined
  const at = (name: string): SqlExpression => column(name, alias)
  const found = call(
    'arraySort',
    aggregate('groupArray', [call('tuple', at(bin), ...values.map((name) => at(name)))]),
  )
  const part = (index: number): SqlExpression =>
    call(
      'arrayMap',
      lambda(['p'], (pair) => call('tupleElement', pair, index)),
      found,
    )
  const indexes = part(1)
  const first = axis.first ?? aggregate('min', [at(bin)])
  const last = axis.last ?? aggregate('max', [at(bin)])
  const size = limited(call('plus', call('minus', last, first), 1), axis.invalid)
  const before = call('minus', first, 1)
  const previous = call(
    'arraySlice',
    call('arrayConcat', array([before]), indexes),
    1,
    call('length', indexes),
  )
  const end = when(call('empty', indexes), before, call('arrayElement', indexes, -1))
  const fallbacks = node.series.flatMap(({ names, expression, fallback }) => {
    const zero = operand(integer(0), 'long')
    const value = fallback ? emitter.expression(fallback, noColumns(fallback.place)) : zero
    // A series of reals has no longs in its gaps.
    const fitting = expression.type === 'real' ? operand(convert(value, 'real'), 'real') : value
    return names.map(() => toJsonElement(fitting))
  })
  const gap = (from: SqlExpression, to: SqlExpression, filler: SqlExpression): SqlExpression =>
    call('arrayWithConstant', call('least', call('greatest', call('minus', to, from), 0), longest), filler)
  const filled = values.map((_name, index) => {
    const filler = fallbacks[index] ?? text('0')
    const steps = lambda(['i', 'j', 'v'], (position, earlier, value) =>
      call('arrayPushBack', gap(call('plus', earlier, 1), position, filler), value),
    )
    const known = call('arrayFlatten', call('arrayMap', steps, indexes, previous, part(index + 2)))
    return jsonArray(call('arrayConcat', known, gap(end, last, filler)))
  })
  const points = jsonArray(
    call(
      'arrayMap',
      lambda(['i'], (position) =>
        point(
          call('plus', axis.origin, call('multiply', call('plus', position, first), axis.step)),
          axis.type,
        ),
      ),
      call('range', size),
    ),
  )
  const made = [...filled, points]
  const names = node.columns.slice(keys.length).map(({ name }) => name)
  const rows = place.map((name) => ({
    name: emitter.hidden('row'),
    expression: aggregate('min', [at(name)]),
  }))
  const select = {
    columns: [
      ...keys.map((name) => ({ name, expression: at(name) })),
      ...made.map((expression, index) => ({ name: physicalName(names[index] ?? ''), expression })),
      ...rows,
    ],
    from: relation.select.from,
    ...(keys.length > 0 ? { groupBy: keys.map((name) => at(name)) } : {}),
    ...(keys.length === 0 && !node.isNonempty ? { having: call('greater', aggregate('count', []), 0) } : {}),
  }
  const columns = [
    ...relation.columns,
    ...names.map((name) => ({ name, type: 'dynamic' as const, physical: physicalName(name) })),
  ]
  return emitter.bracket({ select, columns, order: rows.map(({ name }) => naturalOrder(name)), sealed: true })
}
