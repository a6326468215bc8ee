import type { SqlExpression } from '../sql/node.ts'
import type { LiteralExpression } from './plan.ts'
import type { JsonPath } from './path-value.ts'
import { isText, type KqlType } from './types.ts'

/** A KQL value as SQL: the expression, its KQL type, and what is known about it before the query runs. */
export interface Operand {
  readonly sql: SqlExpression
  readonly type: KqlType
  /** Whether it can be NULL; strings and dynamics never are. */
  readonly nullable: boolean
  readonly literal?: LiteralExpression
  /** Dynamics: the path that it was read by. */
  readonly path?: JsonPath
}

export function operand(sql: SqlExpression, type: KqlType, nullable = !isText(type)): Operand {
  return { sql, type, nullable: nullable && !isText(type) }
}
