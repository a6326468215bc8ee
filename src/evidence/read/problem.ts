import { AzimuthError } from '../../error.ts'

/** Everything that can be wrong with evidence while it is found, unpacked and split. */
export type ProblemCode =
  | 'evidence-missing'
  | 'unreadable'
  | 'changed'
  | 'link'
  | 'special-file'
  | 'path-traversal'
  | 'nested-too-deep'
  | 'too-many-members'
  | 'bomb'
  | 'encrypted'
  | 'unsupported-container'
  | 'corrupt'
  | 'truncated'
  | 'too-large'
  | 'encoding'
  | 'not-an-object'
  | 'not-json'
  | 'table-columns'
  | 'field-count'
  | 'header'
  | 'localised-header'
  | 'time-zone'
  | 'date-order'
  | 'engine'
  | 'unrecognised'

/** An expected problem with a file, a member or a record: what it is and what can be done about it. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  readonly hint?: string
}

export function problem(code: ProblemCode, message: string, hint?: string): Problem {
  return hint === undefined ? { code, message } : { code, message, hint }
}

/** The same, for code that cannot go on: thrown by readers, turned back into a value by `toProblem`. */
export function refuse(code: ProblemCode, message: string, hint?: string): ReadError {
  return new ReadError(problem(code, message, hint))
}

export class ReadError extends AzimuthError {
  readonly problem: Problem

  constructor(found: Problem, cause?: unknown) {
    super(found.code, found.message, { ...(found.hint !== undefined && { hint: found.hint }), cause })
    this.problem = found
  }
}

/** Turns what a reader threw into a problem. Anything that is not about the evidence (a bug, an abort) is thrown on. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ReadError) return error.problem
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    if (error.code === 'Z_BUF_ERROR') return problem('truncated', 'the compressed data ends too early')
    if (/^(?:Z_|ZSTD_)/u.test(error.code))
      return problem('corrupt', `the compressed data is damaged (${error.message})`)
    if (error.code === 'ENOSPC') return problem('unreadable', 'no space is left to unpack the archive')
    if (error.code === 'ELOOP') return problem('changed', 'the file became a link while it was being read')
    if (/^E[A-Z]+$/u.test(error.code)) return problem('unreadable', `it cannot be read (${error.code})`)
  }
  throw error
}
