/** A problem that the user can act on: what, where, and what to do next. Invariants throw plain `Error` instead. */
export class AzimuthError extends Error {
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AzimuthError'
    this.code = code
    this.hint = options.hint
  }
}

/** Ends a `switch` over a union: a value that arrives here is a bug. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}
