import { call, integer, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { Refusal, type Place } from '../diagnostic.ts'
import type { Emitter } from '../emitter.ts'
import type { Operand } from '../operand.ts'
import type { Expression } from '../plan.ts'
import type { Scope } from '../relation.ts'
import { datetimeToTicks, ticksToDatetime, unixEpochTicks, type KqlType } from '../types.ts'

/** A column that time runs along, as whole numbers: ticks since 0001 of datetimes, ticks of timespans, or integers. */
export interface Timeline {
  readonly type: KqlType
  /** NULL where the row has no time. */
  readonly position: SqlExpression
  /** A bound, as a position. */
  readonly bound: (expression: Expression) => SqlExpression
  /** A width, as the number of positions. */
  readonly width: (expression: Expression) => SqlExpression
  /** A position as a value of the column's type. */
  readonly value: (position: SqlExpression) => SqlExpression
}

export function timelineOf(column: Operand, emitter: Emitter, place: Place): Timeline {
  const { type } = column
  if (!['datetime', 'timespan', 'int', 'long'].includes(type)) {
    throw new Refusal('unsupported-argument', `a timeline of type ${type} is not supported`, place)
  }
  const constant = (expression: Expression, wanted: KqlType): SqlExpression => {
    const value = emitter.expression(expression, withoutColumns(expression.place))
    if (value.type === wanted || (wanted === 'long' && value.type === 'int'))
      return position({ ...value, sql: convert(value, wanted), type: wanted })
    throw new Refusal(
      'unsupported-argument',
      `a ${value.type} does not fit a timeline of type ${type}`,
      expression.place,
    )
  }
  const whole: KqlType = type === 'int' ? 'long' : type
  return {
    type,
    position: position(column),
    bound: (expression) => call('assumeNotNull', constant(expression, whole)),
    width: (expression) =>
      call('assumeNotNull', constant(expression, type === 'datetime' ? 'timespan' : whole)),
    value: (at) => {
      if (type === 'datetime') return ticksToDatetime(call('minus', at, unixEpochTicks))
      return type === 'int' ? call('toInt32', at) : at
    },
  }
}

function position(value: Operand): SqlExpression {
  if (value.type === 'datetime') return call('plus', datetimeToTicks(value.sql), unixEpochTicks)
  return value.type === 'int' ? convert(value, 'long') : value.sql
}

/** The number of whole widths in a distance, rounded down. */
export function wholeWidths(distance: SqlExpression, width: SqlExpression): SqlExpression {
  return call('intDiv', call('minus', distance, call('positiveModulo', distance, width)), width)
}

const mostSteps = 10_000

/** The number of steps in a window; the query stops where that is no whole number, or a mistake. */
export function stepsIn(window: SqlExpression, step: SqlExpression): SqlExpression {
  const steps = call('intDiv', window, step)
  const unfit = call(
    'or',
    call('notEquals', call('modulo', window, step), 0),
    call('less', steps, 1),
    call('greater', steps, mostSteps),
  )
  const message = `a window must be a whole number of steps, from 1 to ${mostSteps}`
  return when(call('equals', call('throwIf', unfit, message), 0), steps, integer(0))
}

export function withoutColumns(place: Place): Scope {
  return () => {
    throw new Refusal('not-constant', 'a value is needed here that does not depend on the row', place)
  }
}
