import type { SqlExpression } from '../sql/node.ts'
import type { CallSite, ScalarFunction } from './function.ts'
import type { Operand } from './operand.ts'
import type { Example } from './operator.ts'
import type { KqlType } from './types.ts'

/** One aggregate function. */
export interface AggregateFunction {
  readonly name: string
  readonly doc: string
  /** A query whose `summarize` uses it, and its rows; run as a test. */
  readonly example: Example
  /** The type where the real engine differs from the official binder. */
  readonly type?: KqlType
  /** Its result depends on the order of rows. */
  readonly ordered?: boolean
  /** SQL of the physical type of `call.type`, for use in a SELECT with GROUP BY. */
  readonly emit: (args: readonly Operand[], call: CallSite) => SqlExpression
  /** Gives several columns, one an element (`arg_max`, `percentiles`); the types are those of the binder's columns. */
  readonly emitColumns?: (args: readonly Operand[], call: CallSite) => readonly SqlExpression[]
  readonly total?: boolean
}

export type AnyFunction = ScalarFunction | AggregateFunction
