import type { Place } from './diagnostic.ts'
import type { KqlType } from './types.ts'

/** A column of a plan node's result. */
export interface Column {
  readonly name: string
  readonly type: KqlType
}

/**
 * One operator of a query, as plain data that survives JSON. Each operator's file in `operators/` extends it with
 * its own fields; `columns` is what the operator gives, in order.
 */
export interface PlanNode {
  readonly kind: string
  readonly columns: readonly Column[]
  readonly place: Place
}

/** A scalar expression. Operators are calls too (`==`, `has`, `in~`), as are dynamic paths (`member`, `element`). */
export type Expression =
  | ColumnExpression
  | LiteralExpression
  | CallExpression
  | AggregateExpression
  | { readonly kind: 'scalar'; readonly plan: PlanNode; readonly type: KqlType; readonly place: Place }
  | { readonly kind: 'rows'; readonly plan: PlanNode; readonly type: KqlType; readonly place: Place }

export interface ColumnExpression {
  readonly kind: 'column'
  readonly name: string
  readonly type: KqlType
  readonly place: Place
  /** Inside `scan`: not this row's value but that of the last row which this step matched. */
  readonly step?: string
}

export interface LiteralExpression {
  readonly kind: 'literal'
  readonly type: KqlType
  readonly value: LiteralValue
  readonly place: Place
}

export interface CallExpression {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly type: KqlType
  readonly place: Place
}

/** An aggregate function's call; columns in its arguments are the input's. */
export interface AggregateExpression {
  readonly kind: 'aggregate'
  readonly name: string
  readonly args: readonly Expression[]
  readonly type: KqlType
  readonly place: Place
}

/**
 * Integers, timespans (ticks) and datetimes (ticks since 1970) are decimal text; reals are numbers or the text of
 * NaN and the infinities; dynamics are JSON text; null is null.
 */
export type LiteralValue = string | number | boolean | null

/** An expression with the name of the column it fills. */
export interface NamedExpression {
  readonly name: string
  readonly expression: Expression
}

/** Walks an expression's columns, without those of the plans inside it. */
export function* columnsOf(expression: Expression): Generator<ColumnExpression> {
  if (expression.kind === 'column') yield expression
  if (expression.kind === 'call' || expression.kind === 'aggregate') {
    for (const argument of expression.args) yield* columnsOf(argument)
  }
}

/** The aggregate calls in an expression. */
export function* aggregatesOf(expression: Expression): Generator<AggregateExpression> {
  if (expression.kind === 'aggregate') yield expression
  if (expression.kind === 'call') for (const argument of expression.args) yield* aggregatesOf(argument)
}
