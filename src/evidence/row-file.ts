import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

const flushBytes = 1 << 20

/** A file in RowBinary that is written row by row: evidence, a record's number where there is one, text. */
export class RowFile {
  readonly #path: string
  #file: FileHandle | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Whether it has rows on disk. */
  get isUsed(): boolean {
    return this.#file !== undefined
  }

  add(evidence: string, record: number | undefined, text: Uint8Array): 'go on' | 'flush' {
    const head = rowHead(evidence, record, text.byteLength)
    this.#pending.push(head, text)
    this.#pendingBytes += head.byteLength + text.byteLength
    return this.#pendingBytes >= flushBytes ? 'flush' : 'go on'
  }

  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return
    this.#file ??= await open(this.#path, 'ax', 0o600)
    const chunk = Buffer.concat(this.#pending, this.#pendingBytes)
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.appendFile(chunk)
  }

  /** What was written, from its beginning. */
  async *read(): AsyncGenerator<Uint8Array> {
    if (this.isUsed) yield* createReadStream(this.#path)
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}

/** A row up to its text: evidence, a number where there is one, the length of the text. */
export function rowHead(evidence: string, number: number | undefined, textBytes: number): Uint8Array {
  const head = Buffer.allocUnsafe(65 + 8 + 10)
  head[0] = 64
  head.write(evidence, 1, 64, 'latin1')
  if (number !== undefined) head.writeBigUInt64LE(BigInt(number), 65)
  return head.subarray(0, writeVarint(head, number === undefined ? 65 : 73, textBytes))
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let position = start
  let rest = value
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[position++] = rest
  return position
}
