import {
  aggregate,
  and,
  array,
  call,
  cast,
  column,
  when,
  type Select,
  type SelectColumn,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert } from '../convert.ts'
import type { Emitter } from '../emitter.ts'
import { child, childItems } from '../parser/tree.ts'
import { argumentOf, columnOf, plugin, type EvaluateNode, type PluginCall } from '../plugin.ts'
import type { Expression } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { timelineOf, type Timeline } from './timeline.ts'

interface SequenceDetectNode extends EvaluateNode {
  readonly timeline: string
  readonly stepWindow: Expression
  readonly span: Expression
  /** The conditions of the steps, in order. */
  readonly steps: readonly Expression[]
  readonly dimensions: readonly Expression[]
}

const mostSteps = 16

export const sequenceDetect = plugin<SequenceDetectNode>({
  name: 'sequence_detect',
  doc: 'Times at which rows met conditions one after the other, within a time from step to step and in all.',
  approximate:
    'a step follows the latest row before it that had come as far; where sequences overlap, Kusto may give others',
  example: {
    query:
      'datatable(t: long, what: string)[1, "in", 2, "in", 4, "out", 9, "out"] | extend t = datetime(2020-01-01) + t * 1m | evaluate sequence_detect(t, 5m, 10m, a = what == "in", b = what == "out") | project Duration',
    rows: [['00:02:00']],
  },
  plan: planSequence,
  emit: emitSequence,
})

function planSequence(invocation: PluginCall, planner: Planner): SequenceDetectNode {
  const { node, input } = invocation
  const list = child(child(node, 'FunctionCall'), 'ArgumentList')
  const values = childItems(list, 'Expressions')
    .slice(3)
    .map((item) => planner.scalar(item.kind === 'SimpleNamedExpression' ? child(item, 'Expression') : item))
  const steps = values.filter(({ type }) => type === 'bool')
  if (steps.length === 0 || steps.length > mostSteps)
    planner.refuse('bad-argument', `sequence_detect takes 1 to ${mostSteps} conditions`, node)
  return {
    kind: 'evaluate',
    plugin: 'sequence_detect',
    input,
    timeline: columnOf(invocation, 0, planner),
    stepWindow: planner.scalar(argumentOf(invocation, 1, planner)),
    span: planner.scalar(argumentOf(invocation, 2, planner)),
    steps,
    dimensions: values.filter(({ type }) => type !== 'bool'),
    columns: planner.columns(node),
    place: planner.place(node),
  }
}

/** A path is the array of the times of the steps that a row has come through; it is empty where the row met none. */
const pathType = 'Array(Int64)'
const noPath = cast(array([]), pathType)

function emitSequence(node: SequenceDetectNode, emitter: Emitter): Relation {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const time = timelineOf(scope(node.timeline), emitter, node.place)
  const dimensions = node.dimensions.map((expression, index): SelectColumn => ({
    name: `dimension${index}`,
    expression: emitter.expression(expression, scope).sql,
  }))
  const met = node.steps.map((step) => call('ifNull', convert(emitter.expression(step, scope), 'bool'), 0))
  const flags = met.map((expression, index): SelectColumn => ({ name: `met${index}`, expression }))
  const position = call('assumeNotNull', time.position)
  const place: SelectColumn = {
    name: 'place',
    expression: {
      kind: 'window',
      call: aggregate('row_number', []),
      window: { partitionBy: [], orderBy: orderOf(base) },
    },
  }
  const first = met[0] ?? call('toUInt8', 0)
  const rows: Select = {
    columns: [
      ...dimensions,
      ...flags,
      place,
      { name: 'at', expression: position },
      { name: 'path0', expression: when(first, array([call('toInt64', position)]), noPath) },
    ],
    from: base.select.from,
    where: and(call('isNotNull', time.position), call('or', ...met, call('toUInt8', 0))),
  }
  const found = node.steps
    .slice(1)
    .reduce((inner, _step, index) => withStep(inner, index + 1, node, time, emitter), rows)
  return resultOf(found, node, time, emitter)
}

function orderOf(
  relation: Relation,
): { expression: SqlExpression; descending: boolean; nullsFirst: boolean }[] {
  const expressions = new Map(relation.select.columns.map(({ name, expression }) => [name, expression]))
  return relation.order.flatMap(({ physical, descending, nullsFirst }) => {
    const expression = expressions.get(physical)
    return expression ? [{ expression, descending, nullsFirst }] : []
  })
}

/** The paths of a step: those of the step before, as the latest row left them, with this row's time. */
function withStep(
  inner: Select,
  index: number,
  node: SequenceDetectNode,
  time: Timeline,
  emitter: Emitter,
): Select {
  const before = `path${index - 1}`
  const [alias, outer] = [emitter.alias(), emitter.alias()]
  const at = (name: string, source: string): SqlExpression => column(name, source)
  const latest: SqlExpression = {
    kind: 'window',
    call: aggregate('anyLastIf', [at(before, alias), call('notEmpty', at(before, alias))]),
    window: {
      partitionBy: node.dimensions.map((_item, dimension) => at(`dimension${dimension}`, alias)),
      orderBy: ['at', 'place'].map((name) => ({
        expression: at(name, alias),
        descending: false,
        nullsFirst: false,
      })),
      rows: ['unbounded preceding', -1],
    },
  }
  const looking: Select = {
    columns: [
      ...inner.columns.map(({ name }) => ({ name, expression: at(name, alias) })),
      { name: 'latest', expression: latest },
    ],
    from: { kind: 'select', select: inner, alias },
  }
  const path = at('latest', outer)
  const now = at('at', outer)
  const within = (from: SqlExpression, width: SqlExpression): SqlExpression =>
    call('lessOrEquals', call('minus', now, from), width)
  const follows = and(
    at(`met${index}`, outer),
    call('notEmpty', path),
    within(call('arrayElement', path, -1), time.width(node.stepWindow)),
    within(call('arrayElement', path, 1), time.width(node.span)),
  )
  return {
    columns: [
      ...inner.columns.map(({ name }) => ({ name, expression: at(name, outer) })),
      { name: `path${index}`, expression: when(follows, call('arrayPushBack', path, now), noPath) },
    ],
    from: { kind: 'select', select: looking, alias: outer },
  }
}

function resultOf(found: Select, node: SequenceDetectNode, time: Timeline, emitter: Emitter): Relation {
  const alias = emitter.alias()
  const path = column(`path${node.steps.length - 1}`, alias)
  const order = emitter.hidden('order')
  const values = [
    ...node.dimensions.map((_item, index) => column(`dimension${index}`, alias)),
    ...node.steps.map((_step, index) => time.value(call('arrayElement', path, index + 1))),
    call('minus', call('arrayElement', path, -1), call('arrayElement', path, 1)),
  ]
  const columns = node.columns.map((item, index): SelectColumn => {
    const expression = values[index]
    if (!expression) throw new Error('sequence_detect has more columns than values')
    return { name: physicalName(item.name), expression }
  })
  return emitter.bracket({
    select: {
      columns: [...columns, { name: order, expression: column('place', alias) }],
      from: { kind: 'select', select: found, alias },
      where: call('notEmpty', path),
    },
    columns: node.columns.map((item) => ({ ...item, physical: physicalName(item.name) })),
    order: [naturalOrder(order)],
    sealed: true,
  })
}
