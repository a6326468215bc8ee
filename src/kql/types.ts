import { boolean, call, cast, integer, nothing, text, type SqlExpression } from '../sql/node.ts'

export type KqlType =
  | 'bool'
  | 'int'
  | 'long'
  | 'real'
  | 'decimal'
  | 'string'
  | 'datetime'
  | 'timespan'
  | 'guid'
  | 'dynamic'

/**
 * How KQL's values lie in ClickHouse. This is the one place that says so:
 * - string: `String`, never null; `''` is both empty and missing.
 * - dynamic: `String` with compact JSON text; `''` is null (JSON's `null` at the top never occurs).
 * - timespan: `Nullable(Int64)`, ticks of 100 ns. datetime: `DateTime64(7)` in UTC, 0001 to 9999.
 * - all other types: Nullable, NULL being KQL's null.
 */
export const physicalTypes: Readonly<Record<KqlType, string>> = {
  bool: 'Nullable(Bool)',
  int: 'Nullable(Int32)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  decimal: 'Nullable(Decimal(76, 38))',
  string: 'String',
  datetime: "Nullable(DateTime64(7, 'UTC'))",
  timespan: 'Nullable(Int64)',
  guid: 'Nullable(UUID)',
  dynamic: 'String',
}

const names: ReadonlySet<string> = new Set(Object.keys(physicalTypes))

export function isKqlType(name: string): name is KqlType {
  return names.has(name)
}

const aliases: Readonly<Record<string, KqlType>> = {
  boolean: 'bool',
  date: 'datetime',
  double: 'real',
  int64: 'long',
  time: 'timespan',
  uniqueid: 'guid',
  uuid: 'guid',
}

/** A type by any of its names. */
export function kqlTypeOf(name: string): KqlType | undefined {
  return isKqlType(name) ? name : aliases[name]
}

/** Strings and dynamics have no NULL of their own: their missing value is `''`. */
export function isText(type: KqlType): boolean {
  return type === 'string' || type === 'dynamic'
}

/** The missing value of a type, typed as its column is. */
export function nullOf(type: KqlType): SqlExpression {
  return isText(type) ? text('') : cast(nothing, physicalTypes[type])
}

/** Whether a value is KQL's null. Strings are never null. */
export function isNullValue(value: SqlExpression, type: KqlType): SqlExpression {
  if (type === 'string') return boolean(false)
  return type === 'dynamic' ? call('empty', value) : call('isNull', value)
}

/** Ticks between 0001-01-01 and 1970-01-01. */
export const unixEpochTicks = 621_355_968_000_000_000n
export const ticksPerSecond = 10_000_000n
export const ticksPerDay = 864_000_000_000n

/** Ticks since 1970-01-01 of a datetime; the inverse of `ticksToDatetime`. */
export function datetimeToTicks(value: SqlExpression): SqlExpression {
  return call('reinterpretAsInt64', value)
}

/** A datetime from ticks since 1970-01-01; null outside the years 0001 to 9999. */
export function ticksToDatetime(ticks: SqlExpression): SqlExpression {
  const lowest = integer(-unixEpochTicks)
  const highest = integer(2_534_023_008_000_000_000n)
  const isInside = call('and', call('greaterOrEquals', ticks, lowest), call('less', ticks, highest))
  return asDatetime(call('if', isInside, ticks, nothing))
}

/** A datetime from ticks since 1970-01-01 that are known to lie in the years 0001 to 9999. */
export function asDatetime(ticks: SqlExpression): SqlExpression {
  return call('reinterpret', ticks, "DateTime64(7, 'UTC')")
}
