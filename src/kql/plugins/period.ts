import { and, call, column, type Select, type SelectColumn, type SqlExpression } from '../../sql/node.ts'
import type { Emitter } from '../emitter.ts'
import type { Example } from '../operator.ts'
import {
  argumentOf,
  columnOf,
  columnsFrom,
  plugin,
  type EvaluateNode,
  type Plugin,
  type PluginCall,
} from '../plugin.ts'
import type { Column, Expression } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { innerScope, naturalOrder, physicalName, type Relation } from '../relation.ts'
import { timelineOf, wholeWidths, type Timeline } from './timeline.ts'

/** Plugins that count the ids that were active in each step of a period. */
export interface ActivityNode extends EvaluateNode {
  readonly id: string
  readonly timeline: string
  readonly start: Expression
  readonly end: Expression
  /** The plugin's own constants, in the order of its call. */
  readonly constants: readonly Expression[]
  readonly dimensions: readonly string[]
}

export function planActivity(constants: number): (invocation: PluginCall, planner: Planner) => ActivityNode {
  return (invocation, planner) => {
    const { name, node, input } = invocation
    const constant = (index: number): Expression => {
      const value = planner.scalar(argumentOf(invocation, index, planner))
      if (value.type !== 'string') return value
      return planner.refuse('unsupported-argument', `${name} by calendar periods is not supported`, node)
    }
    return {
      kind: 'evaluate',
      plugin: name,
      input,
      id: columnOf(invocation, 0, planner),
      timeline: columnOf(invocation, 1, planner),
      start: constant(2),
      end: constant(3),
      constants: Array.from({ length: constants }, (_item, index) => constant(4 + index)),
      dimensions: columnsFrom(invocation, 4 + constants, planner),
      columns: planner.columns(node),
      place: planner.place(node),
    }
  }
}

export interface Period {
  readonly base: Relation
  readonly time: Timeline
  readonly start: SqlExpression
  readonly end: SqlExpression
  readonly id: SqlExpression
  readonly dimensions: readonly SelectColumn[]
}

export function periodOf(node: ActivityNode, emitter: Emitter): Period {
  const base = emitter.bracket(emitter.relation(node.input))
  const scope = innerScope(base)
  const time = timelineOf(scope(node.timeline), emitter, node.place)
  const dimensions = node.dimensions.map((name, index) => ({
    name: `dimension${index}`,
    expression: scope(name).sql,
  }))
  return {
    base,
    time,
    start: time.bound(node.start),
    end: time.bound(node.end),
    id: scope(node.id).sql,
    dimensions,
  }
}

export function constantOf(node: ActivityNode, index: number): Expression {
  const found = node.constants[index]
  if (!found) throw new Error(`${node.plugin} has no constant ${index}`)
  return found
}

/** A SELECT over another one; its columns are named by `at`. */
export function over(
  inner: Select,
  emitter: Emitter,
  build: (at: (name: string) => SqlExpression) => Omit<Select, 'from'>,
): Select {
  const alias = emitter.alias()
  return { ...build((name) => column(name, alias)), from: { kind: 'select', select: inner, alias } }
}

/** The result: the step's time, the dimensions, and the counts under the binder's names; in the order of time. */
export function resultOf(
  node: ActivityNode,
  counted: Select,
  { time, start, dimensions }: Period,
  step: SqlExpression,
  counts: readonly string[],
  emitter: Emitter,
): Relation {
  const [first, ...others] = node.columns
  if (!first) throw new Error('an activity has columns')
  const names = [...dimensions.map(({ name }) => name), ...counts]
  const select = over(counted, emitter, (at) => ({
    columns: [
      {
        name: physicalName(first.name),
        expression: time.value(call('plus', start, call('multiply', at('bin'), step))),
      },
      ...others.map((item, index) => ({ name: physicalName(item.name), expression: at(names[index] ?? '') })),
    ],
  }))
  const columns = node.columns.map((item: Column) => ({ ...item, physical: physicalName(item.name) }))
  const order = node.columns
    .slice(0, 1 + dimensions.length)
    .map(({ name }) => naturalOrder(physicalName(name)))
  return emitter.bracket({ select, columns, order, sealed: true })
}

export function between(position: SqlExpression, low: SqlExpression, high: SqlExpression): SqlExpression {
  return call('ifNull', and(call('greaterOrEquals', position, low), call('lessOrEquals', position, high)), 0)
}

export function long(value: SqlExpression): SqlExpression {
  return call('toInt64', value)
}

/** The step that a row is in, counted from the start. */
export function stepOf({ time, start }: Period, step: SqlExpression): SqlExpression {
  return wholeWidths(call('assumeNotNull', call('minus', time.position, start)), step)
}

/** The last step of the period. */
export function lastStep({ start, end }: Period, step: SqlExpression): SqlExpression {
  return wholeWidths(call('minus', end, start), step)
}

/** The rows of the period; both its bounds are in it. */
export function inPeriod({ time, start, end }: Period): SqlExpression {
  return between(time.position, start, end)
}

/** A SELECT's columns as they are. */
export function kept(names: readonly string[], at: (name: string) => SqlExpression): SelectColumn[] {
  return names.map((name) => ({ name, expression: at(name) }))
}

/** A plugin that counts the ids of each step. */
export function activity(
  definition: {
    readonly name: string
    readonly doc: string
    readonly approximate?: string
    /** How many constants its call has after the start and the end. */
    readonly constants: number
    readonly example: Example
  },
  emit: (node: ActivityNode, emitter: Emitter) => Relation,
): Plugin {
  const { constants, ...described } = definition
  return plugin<ActivityNode>({ ...described, plan: planActivity(constants), emit })
}
