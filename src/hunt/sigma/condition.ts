import type { Condition } from './detection.ts'
import { SigmaProblem, type Position } from './problem.ts'

interface Token {
  readonly text: string
  readonly offset: number
}

const deepest = 100

/**
 * A condition over the names of searches. From the loosest to the tightest: `or`, `and`, `not`, `1 of`/`all of`, brackets.
 * `them` stands for all names that do not begin with an underscore; `*` in a pattern for any number of characters.
 */
export function parseCondition(text: string, names: readonly string[], position: Position): Condition {
  return new ConditionParser(text, names, position).parse()
}

class ConditionParser {
  readonly #tokens: readonly Token[]
  readonly #names: readonly string[]
  readonly #position: Position
  #next = 0
  #depth = 0
  #isNegated = false

  constructor(text: string, names: readonly string[], position: Position) {
    this.#names = names
    this.#position = position
    this.#tokens = [...text.matchAll(/\(|\)|[^\s()]+/g)].map((match) => ({
      text: match[0],
      offset: match.index,
    }))
  }

  parse(): Condition {
    const condition = this.#or()
    const rest = this.#tokens[this.#next]
    if (rest) this.#refuse(`${rest.text} is not expected here`, rest, 'join searches with and, or')
    return condition
  }

  #or(): Condition {
    const parts = [this.#and()]
    while (this.#take('or')) parts.push(this.#and())
    return joined('or', parts)
  }

  #and(): Condition {
    const parts = [this.#not()]
    while (this.#take('and')) parts.push(this.#not())
    return joined('and', parts)
  }

  #not(): Condition {
    if (!this.#take('not')) return this.#primary()
    this.#isNegated = !this.#isNegated
    const part = this.#deeper(() => this.#not())
    this.#isNegated = !this.#isNegated
    return { kind: 'not', part }
  }

  #primary(): Condition {
    const token = this.#tokens[this.#next]
    if (!token) return this.#refuse('the condition ends too early')
    if (this.#take('(')) {
      const inner = this.#deeper(() => this.#or())
      if (!this.#take(')')) this.#refuse('a bracket is not closed', token)
      return inner
    }
    const quantifier = /^(1|any|all)$/i.exec(token.text)
    if (quantifier && /^of$/i.test(this.#tokens[this.#next + 1]?.text ?? '')) return this.#quantified(token)
    this.#next += 1
    if (!this.#names.includes(token.text)) {
      return this.#refuse(`there is no search ${token.text}`, token, `searches are ${this.#names.join(', ')}`)
    }
    return { kind: 'search', name: token.text }
  }

  #quantified(quantifier: Token): Condition {
    this.#next += 2
    const pattern = this.#tokens[this.#next]
    if (!pattern) return this.#refuse('of needs the name of searches, or them', quantifier)
    this.#next += 1
    const names = this.#namesOf(pattern.text)
    const kind = quantifier.text.toLowerCase() === 'all' ? 'and' : 'or'
    // Rules say `not 1 of filter_*` before there is such a filter; anywhere else they would never match, or always.
    if (names.length === 0 && !(this.#isNegated && kind === 'or'))
      this.#refuse(`no search has a name like ${pattern.text}`, pattern)
    return joined(
      kind,
      names.map((name) => ({ kind: 'search', name })),
    )
  }

  #namesOf(pattern: string): readonly string[] {
    if (/^them$/i.test(pattern)) return this.#names.filter((name) => !name.startsWith('_'))
    const pieces = pattern.split('*')
    return this.#names.filter((name) => fits(name, pieces))
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#next]?.text.toLowerCase() !== text) return false
    this.#next += 1
    return true
  }

  #deeper<Result>(parse: () => Result): Result {
    this.#depth += 1
    if (this.#depth > deepest) this.#refuse('the condition is nested too deep')
    const result = parse()
    this.#depth -= 1
    return result
  }

  #refuse(message: string, token?: Token, hint?: string): never {
    const { line, column } = this.#position
    throw new SigmaProblem(message, { line, column: column + (token?.offset ?? 0) }, hint)
  }
}

function joined(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  const [only] = parts
  return only && parts.length === 1 ? only : { kind, parts }
}

/** Whether a name consists of the pieces in their order, with anything between them. */
function fits(name: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return name === first
  const last = pieces.at(-1) ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, from)
    if (found < 0) return false
    from = found + piece.length
  }
  return from <= name.length - last.length
}
