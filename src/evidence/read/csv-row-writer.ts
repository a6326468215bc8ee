/** What became of a row: the object, or how many fields it has where they are not those of the header. */
export type WrittenRow = { readonly json: Buffer } | { readonly fields: number }

const [quote, backslash] = [34, 92]
const hex = '0123456789abcdef'

/** Writes rows of CSV as JSON objects of strings, from bytes to bytes. A column without a key is left out. */
export class CsvRowWriter {
  readonly #delimiter: number
  readonly #prefixes: readonly (Buffer | undefined)[]
  readonly #prefixBytes: number
  #out: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(keys: readonly (string | undefined)[], delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0)
    const first = keys.findIndex((key) => key !== undefined)
    this.#prefixes = keys.map((key, index) =>
      key === undefined ? undefined : Buffer.from(`${index === first ? '{' : '",'}${JSON.stringify(key)}:"`),
    )
    this.#prefixBytes = this.#prefixes.reduce((total, prefix) => total + (prefix?.length ?? 0), 0)
  }

  /** A row must be one that `CsvRowFinder` found. Fields beyond the header's are ignored where they are empty. */
  write(row: Buffer): WrittenRow {
    const needed = this.#prefixBytes + 6 * row.length + 2
    if (this.#out.length < needed) this.#out = Buffer.allocUnsafe(2 * needed)
    this.#length = 0
    let fields = 0
    let extra = false
    for (let at = 0; at <= row.length; fields += 1) {
      const prefix = this.#prefixes[fields]
      const next = prefix ? this.#writeField(row, at, prefix) : this.#endOfField(row, at)
      extra ||= fields >= this.#prefixes.length && next > at + 1
      at = next
    }
    if (fields < this.#prefixes.length || extra) return { fields }
    this.#out[this.#length] = quote
    this.#out[this.#length + 1] = 125
    return { json: Buffer.from(this.#out.subarray(0, this.#length + 2)) }
  }

  /** Writes a field and gives the place after its delimiter. */
  #writeField(row: Buffer, start: number, prefix: Buffer): number {
    const out = this.#out
    let length = this.#length + prefix.copy(out, this.#length)
    let isQuoted = row[start] === quote
    let at = isQuoted ? start + 1 : start
    for (; at < row.length; at += 1) {
      const byte = row[at] ?? 0
      if (byte === quote && isQuoted) {
        if (row[at + 1] !== quote) {
          isQuoted = false
          continue
        }
        at += 1
      } else if (byte === this.#delimiter && !isQuoted) break
      if (byte === quote || byte === backslash) {
        out[length] = backslash
        out[length + 1] = byte
        length += 2
      } else if (byte >= 32) {
        out[length] = byte
        length += 1
      } else length += out.write(`\\u00${hex[byte >> 4]}${hex[byte & 15]}`, length, 'latin1')
    }
    this.#length = length
    return at + 1
  }

  #endOfField(row: Buffer, start: number): number {
    let isQuoted = row[start] === quote
    for (let at = isQuoted ? start + 1 : start; at < row.length; at += 1) {
      if (row[at] === quote && isQuoted) {
        if (row[at + 1] === quote) at += 1
        else isQuoted = false
      } else if (row[at] === this.#delimiter && !isQuoted) return at + 1
    }
    return row.length + 1
  }
}
