import { and, call, or, type SqlExpression } from '../sql/node.ts'
import { termText } from '../sql/term-text.ts'
import type { ColumnExpression, Expression } from './plan.ts'
import type { Relation } from './relation.ts'
import type { Schema } from './schema.ts'

/**
 * What a condition implies about terms of columns whose terms are indexed: the engine then skips rows by the index. It
 * changes no answer, and is nothing where the condition implies nothing of the kind.
 */
export function termHint(
  condition: Expression,
  relation: Relation,
  schema: Schema,
): SqlExpression | undefined {
  if (condition.kind !== 'call') return undefined
  const { name, args } = condition
  const [subject, ...needles] = args
  const parts = (items: readonly Expression[]): readonly (SqlExpression | undefined)[] =>
    items.map((item) => termHint(item, relation, schema))
  switch (name) {
    case 'and':
      return all(parts(args))
    case 'or':
      return any(parts(args))
    case 'has':
    case 'has_cs':
    case 'has_all':
    case 'has_any': {
      const text = subject?.kind === 'column' ? indexedText(subject, relation, schema) : undefined
      if (!text) return undefined
      const hints = needles
        .flatMap(needlesOf)
        .map((needle) => (needle === undefined ? undefined : termsOf(needle, text)))
      return name === 'has_any' ? any(hints) : all(hints)
    }
    default:
      return undefined
  }
}

function all(hints: readonly (SqlExpression | undefined)[]): SqlExpression | undefined {
  const known = hints.filter((hint) => hint !== undefined)
  return known.length > 0 ? and(...known) : undefined
}

function any(hints: readonly (SqlExpression | undefined)[]): SqlExpression | undefined {
  const known = hints.filter((hint) => hint !== undefined)
  return known.length > 0 && known.length === hints.length ? or(...known) : undefined
}

/** The texts that an argument stands for, as far as they are known; nothing in place of one that is not. */
function needlesOf(argument: Expression): readonly (string | undefined)[] {
  if (argument.kind !== 'literal' || typeof argument.value !== 'string') return [undefined]
  if (argument.type === 'string') return [argument.value]
  const parsed: unknown =
    argument.type === 'dynamic' && argument.value !== '' ? JSON.parse(argument.value) : undefined
  const elements: readonly unknown[] = Array.isArray(parsed) ? parsed : [undefined]
  return elements.map((element) => (typeof element === 'string' ? element : undefined))
}

/**
 * The terms that a text has where it has the needle. Beyond ASCII, a letter may stand for another: the Kelvin sign is
 * a k.
 */
function termsOf(needle: string, text: SqlExpression): SqlExpression | undefined {
  if (!/^\p{ASCII}*$/u.test(needle)) return undefined
  const terms = needle.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return all([...new Set(terms)].map((term) => call('hasToken', text, term)))
}

/** The text of a column as its index has it, where the rows come straight from a table that has the index. */
function indexedText(
  { name, type }: ColumnExpression,
  relation: Relation,
  schema: Schema,
): SqlExpression | undefined {
  const { select, columns } = relation
  const { from } = select
  if (from.kind !== 'table' || type !== 'string') return undefined
  const physical = columns.find((item) => item.name === name)?.physical
  const found = select.columns.find((item) => item.name === physical)?.expression
  if (found?.kind !== 'column') return undefined
  const table = schema.tables.find(
    ({ database, source }) => database === from.database && source === from.name,
  )
  const isIndexed = table?.columns.some((column) => column.name === found.name && column.terms === true)
  return isIndexed === true ? termText(found) : undefined
}
