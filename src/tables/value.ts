import type { Condition } from './condition.ts'

export type Path = readonly string[]

/** Where a column's value comes from: data, compiled to SQL by `compile.ts`. */
export type Value =
  | { readonly kind: 'at'; readonly path: Path }
  | { readonly kind: 'first'; readonly values: readonly Value[] }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'context'; readonly name: 'tenantId' }
  | { readonly kind: 'lower'; readonly value: Value }
  | { readonly kind: 'segment'; readonly value: Value; readonly after: string }
  | { readonly kind: 'lastSegment'; readonly value: Value }
  | { readonly kind: 'extract'; readonly value: Value; readonly pattern: string }
  | { readonly kind: 'translate'; readonly value: Value; readonly words: Readonly<Record<string, string>> }
  | { readonly kind: 'join'; readonly values: readonly Value[]; readonly separator: string }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Value>> }
  | { readonly kind: 'list'; readonly values: readonly Value[] }
  | { readonly kind: 'when'; readonly condition: Condition; readonly met: Value; readonly otherwise: Value }
  | { readonly kind: 'bag'; readonly style: BagStyle; readonly without: readonly string[] }

/** `diagnostics`: Azure Diagnostics' suffixed names from an envelope. `columns`: an export's own column names. */
export type BagStyle = 'diagnostics' | 'columns'

/** The text of the value at a path: strings as they are, other values as JSON text, null and absent as nothing. */
export function at(...path: readonly [string, ...string[]]): Value {
  return { kind: 'at', path }
}

/** The first of several values that is not empty. */
export function first(...values: readonly Value[]): Value {
  return { kind: 'first', values }
}

export function constant(text: string): Value {
  return { kind: 'constant', text }
}

export const caseTenantId: Value = { kind: 'context', name: 'tenantId' }

export function lower(value: Value): Value {
  return { kind: 'lower', value }
}

/** The segment of a resource id that follows another, whatever their case: `segment(id, 'resourcegroups')`. */
export function segment(value: Value, after: string): Value {
  return { kind: 'segment', value, after }
}

/** What follows the last `/`. */
export function lastSegment(value: Value): Value {
  return { kind: 'lastSegment', value }
}

/** The first group of a regular expression (RE2). */
export function extract(value: Value, pattern: string): Value {
  return { kind: 'extract', value, pattern }
}

/** Puts one word for another; a word that is not listed stands as it is. */
export function translate(value: Value, words: Readonly<Record<string, string>>): Value {
  return { kind: 'translate', value, words }
}

export function join(values: readonly Value[], separator: string): Value {
  return { kind: 'join', values, separator }
}

/** A JSON object of those fields that are not empty; nothing where all are. */
export function object(fields: Readonly<Record<string, Value>>): Value {
  return { kind: 'object', fields }
}

/** A JSON array of those objects that are not empty; nothing where all are. */
export function list(...values: readonly Value[]): Value {
  return { kind: 'list', values }
}

export function when(condition: Condition, met: Value, otherwise: Value): Value {
  return { kind: 'when', condition, met, otherwise }
}

/** A JSON object of all that has no column of its own. */
export function bag(style: BagStyle, without: readonly string[]): Value {
  return { kind: 'bag', style, without }
}
