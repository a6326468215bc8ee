/** Where in a file of rules, counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Why a rule is refused: thrown where the reason is found, caught once for each document in `read.ts`. */
export class SigmaProblem extends Error {
  readonly position: Position | undefined
  readonly hint: string | undefined

  constructor(message: string, position?: Position, hint?: string) {
    super(message)
    this.name = 'SigmaProblem'
    this.position = position
    this.hint = hint
  }

  /** The problem in one line: place, what, and what to do. */
  get reason(): string {
    const place = this.position ? `line ${this.position.line}, column ${this.position.column}: ` : ''
    return `${place}${this.message}${this.hint === undefined ? '' : `; ${this.hint}`}`
  }
}
