import { Readable } from 'node:stream'

/** The data of an insert. It can be cut off, and knows a failure of its source from a lost connection. */
export class InsertBody {
  readonly stream: Readable
  #failure: unknown
  #sentBytes = 0
  #isUnwanted = false
  #isCut = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.stream = Readable.from(this.#read(source), { objectMode: false })
  }

  /** What the source threw, if it did. */
  get failure(): unknown {
    return this.#failure
  }

  /** Whether data was held back. */
  get isCut(): boolean {
    return this.#isCut
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  /** Ends the data with the next chunk, which is not sent. */
  cut(): void {
    this.#isUnwanted = true
  }

  async *#read(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#watch(source)) {
      if (this.#isUnwanted) {
        this.#isCut = true
        return
      }
      this.#sentBytes += chunk.length
      yield chunk
    }
  }

  /** Apart from `#read`, into which a lost connection is thrown. */
  async *#watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source
    } catch (error) {
      this.#failure = error
      throw error
    }
  }
}
