import { assertNever } from '../error.ts'
import type { JsonObject, JsonValue } from './types.ts'
import type { Path } from './value.ts'

/** How a record is told from others: data, read by JavaScript on a sample and by the engine on every line. */
export type Condition =
  | { readonly kind: 'has'; readonly path: Path }
  | { readonly kind: 'hasKey'; readonly path: Path }
  | { readonly kind: 'oneOf'; readonly path: Path; readonly words: readonly string[] }
  | { readonly kind: 'is'; readonly path: Path; readonly text: string }
  | { readonly kind: 'contains'; readonly path: Path; readonly text: string }
  | { readonly kind: 'startsWith'; readonly path: Path; readonly text: string }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'all'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'any'; readonly conditions: readonly Condition[] }

/** The value at the path is not empty. */
export function has(...path: readonly [string, ...string[]]): Condition {
  return { kind: 'has', path }
}

/** The key is there and not null, though it may be empty. */
export function hasKey(...path: readonly [string, ...string[]]): Condition {
  return { kind: 'hasKey', path }
}

/** The text at the path is one of these words (written in lower case), whatever its case. */
export function oneOf(path: Path, ...words: readonly string[]): Condition {
  return { kind: 'oneOf', path, words }
}

/** The text at the path is this one, in this case. */
export function is(path: Path, text: string): Condition {
  return { kind: 'is', path, text }
}

/** The text at the path contains this one (written in lower case), whatever its case. */
export function contains(path: Path, text: string): Condition {
  return { kind: 'contains', path, text }
}

/** The text at the path starts with this one (written in lower case), whatever its case. */
export function startsWith(path: Path, text: string): Condition {
  return { kind: 'startsWith', path, text }
}

export function not(condition: Condition): Condition {
  return { kind: 'not', condition }
}

export function all(...conditions: readonly Condition[]): Condition {
  return { kind: 'all', conditions }
}

export function any(...conditions: readonly Condition[]): Condition {
  return { kind: 'any', conditions }
}

/** Decides on a parsed record as the engine decides on its text. */
export function holds(condition: Condition, record: JsonObject): boolean {
  switch (condition.kind) {
    case 'has':
      return textAt(record, condition.path) !== ''
    case 'hasKey':
      return (valueAt(record, condition.path) ?? null) !== null
    case 'oneOf':
      return condition.words.includes(lowerAscii(textAt(record, condition.path)))
    case 'is':
      return textAt(record, condition.path) === condition.text
    case 'contains':
      return lowerAscii(textAt(record, condition.path)).includes(condition.text)
    case 'startsWith':
      return lowerAscii(textAt(record, condition.path)).startsWith(condition.text)
    case 'not':
      return !holds(condition.condition, record)
    case 'all':
      return condition.conditions.every((part) => holds(part, record))
    case 'any':
      return condition.conditions.some((part) => holds(part, record))
    default:
      return assertNever(condition)
  }
}

/** Decides by a record's outer keys alone, where they tell: nothing else can be at a path that begins with none of them. */
export function holdsByKeys(condition: Condition, keys: ReadonlySet<string>): boolean | undefined {
  switch (condition.kind) {
    case 'not': {
      const told = holdsByKeys(condition.condition, keys)
      return told === undefined ? undefined : !told
    }
    case 'all':
    case 'any': {
      const decisive = condition.kind === 'any'
      const told = new Set(condition.conditions.map((part) => holdsByKeys(part, keys)))
      if (told.has(decisive)) return decisive
      return told.has(undefined) ? undefined : !decisive
    }
    default:
      return keys.has(condition.path[0] ?? '') ? undefined : holds(condition, {})
  }
}

/** As the engine's `lower`: letters beyond ASCII stay. */
export function lowerAscii(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase()
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const beyondAscii = /[\u0080-\uffff]/

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(record: JsonObject, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = record
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

/** The text at the path: nothing where it is absent or null, other values as JSON text. */
export function textAt(record: JsonObject, path: Path): string {
  const value = valueAt(record, path) ?? null
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
