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
    const head = Buffer.allocUnsafe(65 + 8 + 10)
    head[0] = 64
    head.write(evidence, 1, 64, 'latin1')
    if (record !== undefined) head.writeBigUInt64LE(BigInt(record), 65)
    const length = writeVarint(head, record === undefined ? 65 : 73, text.byteLength)
    this.#pending.push(head.subarray(0, length), text)
    this.#pendingBytes += length + text.byteLength
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

  async close(): Promise<void> {
    await this.#file?.close()
  }
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
