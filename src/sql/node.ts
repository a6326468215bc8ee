/** A SQL expression as data. Types are ClickHouse's; names are quoted when printed, whatever their content. */
export type SqlExpression =
  | { readonly kind: 'column'; readonly source: string | undefined; readonly name: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'real'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  /** A parameter of the statement, whose value is given when it runs. */
  | { readonly kind: 'binding'; readonly name: string; readonly type: string }
  | { readonly kind: 'array'; readonly elements: readonly SqlExpression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly SqlExpression[] }
  | {
      readonly kind: 'aggregate'
      readonly name: string
      readonly parameters: readonly SqlExpression[]
      readonly args: readonly SqlExpression[]
    }
  | { readonly kind: 'cast'; readonly value: SqlExpression; readonly type: string }
  | LambdaParameter
  | { readonly kind: 'lambda'; readonly parameters: readonly LambdaParameter[]; readonly body: SqlExpression }
  | { readonly kind: 'window'; readonly call: SqlExpression; readonly window: Window }
  | { readonly kind: 'scalar'; readonly select: Select }
  | { readonly kind: 'in'; readonly value: SqlExpression; readonly select: Select; readonly negated: boolean }

/** Known by its identity: the printer gives each parameter a name that no enclosing lambda has. */
export interface LambdaParameter {
  readonly kind: 'parameter'
  readonly name: string
}

export interface Window {
  readonly partitionBy: readonly SqlExpression[]
  readonly orderBy: readonly OrderItem[]
  readonly rows?: readonly [FrameBound, FrameBound]
}

export type FrameBound = 'unbounded preceding' | 'current row' | 'unbounded following' | number

export interface OrderItem {
  readonly expression: SqlExpression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export interface SelectColumn {
  readonly name: string
  readonly expression: SqlExpression
}

export type Source =
  | { readonly kind: 'one' }
  | { readonly kind: 'table'; readonly database: string; readonly name: string; readonly alias: string }
  | { readonly kind: 'select'; readonly select: Select; readonly alias: string }
  | {
      readonly kind: 'join'
      readonly join: JoinKind
      readonly left: Source
      readonly right: Source
      readonly on: SqlExpression
    }
  | { readonly kind: 'cross'; readonly left: Source; readonly right: Source }

export type JoinKind =
  | 'INNER'
  | 'LEFT'
  | 'RIGHT'
  | 'FULL'
  | 'LEFT SEMI'
  | 'RIGHT SEMI'
  | 'LEFT ANTI'
  | 'RIGHT ANTI'

/** One SELECT, or with `unionAll` several whose columns agree by position. */
export interface Select {
  readonly columns: readonly SelectColumn[]
  readonly from: Source
  readonly arrayJoin?: readonly SelectColumn[]
  readonly where?: SqlExpression
  readonly groupBy?: readonly SqlExpression[]
  readonly having?: SqlExpression
  readonly orderBy?: readonly OrderItem[]
  readonly limitBy?: { readonly count: number; readonly by: readonly SqlExpression[] }
  readonly limit?: SqlExpression
  readonly unionAll?: readonly Select[]
}

export const nothing: SqlExpression = { kind: 'null' }

export function column(name: string, source?: string): SqlExpression {
  return { kind: 'column', source, name }
}

export function text(value: string): SqlExpression {
  return { kind: 'string', value }
}

export function integer(value: bigint | number): SqlExpression {
  return { kind: 'integer', value: BigInt(value) }
}

export function real(value: number): SqlExpression {
  return { kind: 'real', value }
}

export function binding(name: string, type: string): SqlExpression {
  return { kind: 'binding', name, type }
}

export function boolean(value: boolean): SqlExpression {
  return { kind: 'boolean', value }
}

export function array(elements: readonly SqlExpression[]): SqlExpression {
  return { kind: 'array', elements }
}

/** A call of a listed function; JavaScript strings, numbers and bigints among the arguments become literals. */
export function call(
  name: string,
  ...args: readonly (SqlExpression | string | number | bigint)[]
): SqlExpression {
  return { kind: 'call', name, args: args.map((argument) => toExpression(argument)) }
}

export function aggregate(
  name: string,
  args: readonly SqlExpression[],
  parameters: readonly SqlExpression[] = [],
): SqlExpression {
  return { kind: 'aggregate', name, parameters, args }
}

export function cast(value: SqlExpression, type: string): SqlExpression {
  return { kind: 'cast', value, type }
}

/** `lambda(['x'], (x) => call('toString', x))`: the parameters arrive as expressions. */
export function lambda(
  names: readonly string[],
  body: (...parameters: readonly [SqlExpression, SqlExpression, SqlExpression]) => SqlExpression,
): SqlExpression {
  const parameters = names.map((name): LambdaParameter => ({ kind: 'parameter', name }))
  const [first, second, third] = parameters
  if (!first) throw new Error('a lambda needs a parameter')
  return { kind: 'lambda', parameters, body: body(first, second ?? first, third ?? first) }
}

/** Gives a value that is used many times a name, so that the text stays short: a lambda over one element. */
export function bound(value: SqlExpression, body: (value: SqlExpression) => SqlExpression): SqlExpression {
  if (['column', 'parameter', 'string', 'integer', 'null'].includes(value.kind)) return body(value)
  return call('arrayElement', call('arrayMap', lambda(['v'], body), array([value])), 1)
}

export function and(...conditions: readonly SqlExpression[]): SqlExpression {
  return conditions.length === 1 && conditions[0] ? conditions[0] : call('and', ...conditions)
}

export function or(...conditions: readonly SqlExpression[]): SqlExpression {
  return conditions.length === 1 && conditions[0] ? conditions[0] : call('or', ...conditions)
}

export function not(condition: SqlExpression): SqlExpression {
  return call('not', condition)
}

export function when(condition: SqlExpression, then: SqlExpression, otherwise: SqlExpression): SqlExpression {
  return call('if', condition, then, otherwise)
}

function toExpression(value: SqlExpression | string | number | bigint): SqlExpression {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'bigint') return integer(value)
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : real(value)
  return value
}

export function tupleOf(elements: readonly SqlExpression[]): SqlExpression {
  return call('tuple', ...elements)
}
