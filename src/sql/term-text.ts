import { call, when, type SqlExpression } from './node.ts'

/**
 * A text in the form in which an index keeps its terms: small letters, and a blank for all that is not ASCII, since the
 * index takes runs of ASCII letters, digits and any other bytes for a term. The index and what looks into it must agree.
 */
export function termText(value: SqlExpression): SqlExpression {
  const lowered = call('lower', value)
  const isAscii = call('equals', call('lengthUTF8', value), call('length', value))
  return when(isAscii, lowered, call('replaceRegexpAll', lowered, '[^\\x00-\\x7F]', ' '))
}
