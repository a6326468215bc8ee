import type { Place } from './diagnostic.ts'
import type { Emitter } from './emitter.ts'
import type { Column } from './plan.ts'
import { quotedText } from './quoted.ts'
import type { Relation } from './relation.ts'

/** Rows of a compiled query: every cell is text or null. */
export type TextRows = readonly (readonly (string | null)[])[]

/** What the rows said: the columns that an operator gives, and those among them that were found in the rows. */
export interface Discovery {
  readonly columns: readonly Column[]
  readonly found: readonly Column[]
}

/**
 * Some plugins' columns depend on rows (`bag_unpack`, `pivot`). Planning one of them whose text does not declare its
 * columns ends with this question; once it is answered, the answer is written into the text as Kusto's own
 * `evaluate plugin(…) : (name: type, …)`, so that the official binder knows the columns too, and all begins again.
 */
export class ColumnsUnknown extends Error {
  readonly plugin: string
  readonly place: Place
  /** Where the declaration goes in the text; nothing where the operator stands in another text, such as a function's. */
  readonly position: { readonly start: number; readonly end: number } | undefined
  readonly question: (emitter: Emitter) => Relation
  readonly answer: (rows: TextRows) => Discovery

  constructor(
    plugin: string,
    place: Place,
    position: ColumnsUnknown['position'],
    question: ColumnsUnknown['question'],
    answer: ColumnsUnknown['answer'],
  ) {
    super(`the columns of ${plugin} depend on rows`)
    this.plugin = plugin
    this.place = place
    this.position = position
    this.question = question
    this.answer = answer
  }
}

/** A query's text with the columns that were found so far written into it. */
export class DiscoveredText {
  readonly #original: string
  #text: string
  #insertions: readonly { readonly at: number; readonly length: number }[] = []
  #discoveries: ReadonlyMap<number, Discovery> = new Map()

  constructor(text: string) {
    this.#original = text
    this.#text = text
  }

  get original(): string {
    return this.#original
  }

  get text(): string {
    return this.#text
  }

  /** Answers by the start of their operators in the text as it is now. */
  get discoveries(): ReadonlyMap<number, Discovery> {
    return this.#discoveries
  }

  add(position: { readonly start: number; readonly end: number }, discovery: Discovery): void {
    const declared = discovery.columns.map(({ name, type }) => `[${quotedText(name)}]: ${type}`)
    const declaration = ` : (${declared.join(', ')})`
    this.#text = this.#text.slice(0, position.end) + declaration + this.#text.slice(position.end)
    const moved = (offset: number): number => (offset >= position.end ? offset + declaration.length : offset)
    this.#insertions = [
      ...this.#insertions.map(({ at, length }) => ({ at: moved(at), length })),
      { at: position.end, length: declaration.length },
    ]
    const kept = [...this.#discoveries].map(([start, found]) => [moved(start), found] as const)
    this.#discoveries = new Map([...kept, [position.start, discovery]])
  }

  /** A place in the text that was given, for one in the text as it is now. */
  placeOf({ start, end }: Place): Place {
    return { start: this.#originalOffset(start), end: this.#originalOffset(end) }
  }

  #originalOffset(offset: number): number {
    return this.#insertions.reduce(
      (sum, { at, length }) => sum - Math.max(0, Math.min(length, offset - at)),
      offset,
    )
  }
}
