/** What a document's open brackets are, from the outside in. Of brackets of one kind in a row only the number is kept. */
export class Nesting<Kind extends string> {
  readonly #outermost: Kind
  readonly #beyond: Kind
  readonly #runs: { kind: Kind; count: number }[] = []
  /** Brackets that are open beyond the most that are told apart. */
  #untold = 0
  /** The innermost; outside of all brackets the one that was given for that. */
  top: Kind

  /** `beyond` stands for brackets that lie deeper than any sound document has them. */
  constructor(outermost: Kind, beyond: Kind) {
    this.#outermost = outermost
    this.#beyond = beyond
    this.top = outermost
  }

  get isOutside(): boolean {
    return this.#runs.length === 0
  }

  open(kind: Kind): void {
    if (this.#untold > 0 || this.#runs.length >= maxRuns) {
      this.#untold += 1
      this.top = this.#beyond
      return
    }
    const last = this.#runs.at(-1)
    if (last?.kind === kind) last.count += 1
    else this.#runs.push({ kind, count: 1 })
    this.top = kind
  }

  /** Gives the innermost, which it closes. */
  close(): Kind | undefined {
    if (this.#untold > 0) {
      this.#untold -= 1
      if (this.#untold === 0) this.top = this.#runs.at(-1)?.kind ?? this.#outermost
      return this.#beyond
    }
    const last = this.#runs.at(-1)
    if (last === undefined) return undefined
    last.count -= 1
    if (last.count === 0) this.#runs.pop()
    this.top = this.#runs.at(-1)?.kind ?? this.#outermost
    return last.kind
  }

  /** Takes the innermost for something else. */
  become(kind: Kind): void {
    this.close()
    this.open(kind)
  }

  has(kind: Kind): boolean {
    return this.#runs.some((run) => run.kind === kind)
  }
}

const maxRuns = 100_000
