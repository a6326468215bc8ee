/** Where in the query's text: offset and length in UTF-16 units, line and column from 1. */
export interface Span {
  readonly start: number
  readonly length: number
  readonly line: number
  readonly column: number
}

/**
 * Codes of our own. Beside them stand the official binder's, which begin with `KS`:
 * - `unsupported-operator`, `unsupported-function`, `unsupported-aggregate`, `unsupported-plugin`, `unsupported-syntax`:
 *   valid KQL that is not translated.
 * - `unsupported-argument`: a function or operator that is translated, but not with this argument.
 * - `not-constant`: an argument must be known before the query runs.
 * - `bad-argument`, `bad-literal`: Kusto would refuse the value as well.
 * - `approximate`, `absent-table`: warnings. The answer may differ from Kusto's in the way that the message says; a table
 *   that is known holds no rows here.
 * - `too-large`, `too-deep`, `too-slow`: the text, or the query after its functions are put in, is beyond our limits.
 */
export type DiagnosticCode =
  | `KS${number}`
  | 'syntax'
  | 'unsupported-operator'
  | 'unsupported-function'
  | 'unsupported-aggregate'
  | 'unsupported-plugin'
  | 'unsupported-syntax'
  | 'unsupported-argument'
  | 'unsupported-type'
  | 'not-constant'
  | 'bad-argument'
  | 'bad-literal'
  | 'missing-file'
  | 'missing-watchlist'
  | 'approximate'
  | 'absent-table'
  | 'too-large'
  | 'too-deep'
  | 'too-slow'

export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly message: string
  readonly severity: 'error' | 'warning'
  readonly span: Span
  readonly hint?: string
}

/** A place in the text, before lines are counted. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** Ends a compilation: thrown where the reason is found, caught once in `compile.ts`. */
export class Refusal extends Error {
  readonly code: DiagnosticCode
  readonly place: Place
  readonly hint: string | undefined

  constructor(code: DiagnosticCode, message: string, place: Place, hint?: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.place = place
    this.hint = hint
  }
}

/** Counts lines and columns for a place; one outside the text is drawn in to it. */
export function spanOf(source: string, place: Place): Span {
  const start = Math.max(0, Math.min(place.start, source.length))
  const end = Math.max(start, Math.min(place.end, source.length))
  const before = source.slice(0, start)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  return { start, length: end - start, line, column: start - lineStart + 1 }
}
