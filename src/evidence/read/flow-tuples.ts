const key = Buffer.from('"flowTuples"')
/** A list that is not closed within this is damage. */
const maxPendingBytes = 2 ** 26

/**
 * Counts flow tuples in bytes that come in chunks, without parsing: the strings between the brackets after each
 * `"flowTuples"`. A tuple that is cut off counts.
 */
export class TupleCounter {
  tuples = 0
  #rest: Buffer = Buffer.alloc(0)

  /** Counts the lists that are closed in this chunk. */
  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#rest, chunk])
    let done = Math.max(0, bytes.length - key.length + 1)
    for (let at = bytes.indexOf(key); at !== -1;) {
      const open = bytes.indexOf(91, at)
      const close = open === -1 ? -1 : bytes.indexOf(93, open)
      if (close === -1) {
        done = at
        break
      }
      this.tuples += quotes(bytes, open, close) / 2
      at = bytes.indexOf(key, close)
      done = Math.max(done, close)
    }
    const rest = bytes.subarray(done)
    this.#rest = Buffer.from(rest.length > maxPendingBytes ? rest.subarray(0, 0) : rest)
  }

  finish(): void {
    const open = this.#rest.indexOf(key) === -1 ? -1 : this.#rest.indexOf(91)
    if (open !== -1) this.tuples += Math.ceil(quotes(this.#rest, open, this.#rest.length) / 2)
    this.#rest = Buffer.alloc(0)
  }
}

/** The flow tuples in a record, whole or cut off. */
export function countTuples(record: Uint8Array): number {
  const counter = new TupleCounter()
  counter.push(record)
  counter.finish()
  return counter.tuples
}

function quotes(bytes: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(34, start); at !== -1 && at < end; at = bytes.indexOf(34, at + 1)) count += 1
  return count
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
