const comma = 0x2c
const zero = 0x30
const quote = 0x22
/** More than any tuple is long. */
const longest = 160

/** The tuples of a rule as they stand in a record, `…","…`: bytes in one buffer, written without making strings. */
export class TupleList {
  #bytes = Buffer.allocUnsafe(2 * longest)
  #used = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Begins a tuple; its fields follow, a comma after each but the last. */
  begin(): void {
    if (this.#used + longest > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * (this.#used + longest))
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    if (this.#count > 0) {
      this.#bytes[this.#used] = quote
      this.#bytes[this.#used + 1] = comma
      this.#bytes[this.#used + 2] = quote
      this.#used += 3
    }
    this.#count += 1
  }

  comma(): void {
    this.#bytes[this.#used] = comma
    this.#used += 1
  }

  ascii(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) this.#bytes[this.#used + index] = bytes[index] ?? 0
    this.#used += bytes.length
  }

  /** An integer from 0 to 2^31 - 1. */
  integer(value: number): void {
    let digits = 1
    for (let limit = 10; digits < 10 && value >= limit; limit *= 10) digits += 1
    this.padded(value, digits)
  }

  /** The last so many digits of an integer. */
  padded(value: number, digits: number): void {
    let rest = value | 0
    for (let place = this.#used + digits - 1; place >= this.#used; place -= 1) {
      const tenth = (rest / 10) | 0
      this.#bytes[place] = zero + rest - tenth * 10
      rest = tenth
    }
    this.#used += digits
  }

  push(tuple: string): void {
    this.begin()
    this.#used += this.#bytes.write(tuple, this.#used, 'latin1')
  }

  /** Puts tuples into the order of their texts, which begin with the time. */
  sort(): void {
    const sorted = this.list().toSorted()
    this.#used = 0
    this.#count = 0
    for (const tuple of sorted) this.push(tuple)
  }

  list(): readonly string[] {
    return this.#count === 0 ? [] : this.text().split('","')
  }

  text(): string {
    return this.#bytes.toString('latin1', 0, this.#used)
  }
}
