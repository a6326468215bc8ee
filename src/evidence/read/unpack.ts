import { crc32, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'
import type { Gunzip, InflateRaw, ZstdDecompress } from 'node:zlib'
import { bomb, boundFor } from './budget.ts'
import type { Budget } from './budget.ts'
import { cutStream } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { refuse } from './problem.ts'

export type Compression = 'gz' | 'zst' | 'deflate'

type Decompressor = Gunzip | InflateRaw | ZstdDecompress

const inputBytes = 2 ** 16

/** The content of a compressed source. Each opening unpacks it anew; its bytes are charged to the budget once. */
export function unpackedSource(packed: ByteSource, compression: Compression, budget: Budget): ByteSource {
  let charged = 0
  const unpack = async function* (): AsyncIterable<Uint8Array> {
    let total = 0
    for await (const chunk of decompress(packed.stream(), compression, budget)) {
      total += chunk.length
      if (total > charged) {
        budget.spendBytes(total - charged)
        charged = total
      }
      yield chunk
    }
  }
  return { stream: (range) => cutStream(unpack(), range) }
}

/** What a zip's directory says about a member's content. */
export interface DeclaredContent {
  readonly sizeBytes: number
  readonly crc32: number
}

/** The content of a zip's member, held to the size and checksum that the zip declares. */
export function declaredSource(
  packed: ByteSource,
  compression: Compression | undefined,
  declared: DeclaredContent,
  budget: Budget,
): ByteSource {
  const unpack = async function* (): AsyncIterable<Uint8Array> {
    const content = compression ? decompress(packed.stream(), compression, budget) : packed.stream()
    let sizeBytes = 0
    let checksum = 0
    for await (const chunk of content) {
      sizeBytes += chunk.length
      if (sizeBytes > declared.sizeBytes) throw refuse('bomb', 'it unpacks to more than the archive says')
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (sizeBytes < declared.sizeBytes) throw refuse('truncated', 'it unpacks to less than the archive says')
    if (checksum !== declared.crc32) throw refuse('corrupt', 'its checksum is not the one in the archive')
  }
  return { sizeBytes: declared.sizeBytes, stream: (range) => cutStream(unpack(), range) }
}

/**
 * Unpacks a stream, holding its output to the ratio that the budget allows. All that was unpacked before damage is
 * handed out before the error: zlib's streams as async iterables would drop it.
 */
async function* decompress(
  packed: AsyncIterable<Uint8Array>,
  compression: Compression,
  budget: Budget,
): AsyncIterable<Uint8Array> {
  const totals = { packed: 0, unpacked: 0 }
  let part = new Part(compression, budget, totals)
  try {
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length; at += inputBytes) {
        let rest = chunk.subarray(at, at + inputBytes)
        totals.packed += rest.length
        while (rest.length > 0) {
          if (part.ended && rest.every((byte) => byte === 0)) break // padding
          if (part.ended && compression !== 'zst')
            throw refuse('corrupt', 'other bytes follow the end of the compressed data')
          if (part.ended) {
            part.destroy()
            part = new Part(compression, budget, totals)
          }
          rest = rest.subarray(await part.write(rest))
          yield* part.take()
        }
      }
    }
    await part.end()
    yield* part.take()
  } finally {
    part.destroy()
  }
}

/** One compressed part. Node's streams go on to the next by themselves for gz, but not always for zstd. */
class Part {
  ended = false
  readonly #stream: Decompressor
  #ready: Uint8Array[] = []
  #written = 0
  #failure: unknown

  constructor(compression: Compression, budget: Budget, totals: { packed: number; unpacked: number }) {
    this.#stream = createDecompressor(compression)
    this.#stream.on('error', (error) => (this.#failure ??= error))
    this.#stream.on('end', () => (this.ended = true))
    this.#stream.on('data', (chunk: Buffer) => {
      totals.unpacked += chunk.length
      const bound = boundFor(budget.limits, totals.packed)
      if (totals.unpacked <= bound) this.#ready.push(chunk)
      else if (!this.#failure) this.#stream.destroy((this.#failure = bomb(bound)))
    })
  }

  /** How many of the bytes belonged to this part. */
  async write(bytes: Uint8Array): Promise<number> {
    await settled(this.#stream, (done) => this.#stream.write(bytes, done))
    const taken = this.#stream.bytesWritten - this.#written
    this.#written += taken
    if (taken === bytes.length || this.#failure) return bytes.length
    this.ended = true
    return taken
  }

  async end(): Promise<void> {
    if (!this.ended) await settled(this.#stream, (done) => this.#stream.once('end', done).end())
  }

  /** What came out; then the error, if there was one. */
  *take(): Iterable<Uint8Array> {
    yield* this.#ready
    this.#ready = []
    if (this.#failure) throw this.#failure
  }

  destroy(): void {
    this.#stream.destroy()
  }
}

function settled(stream: Decompressor, act: (done: () => void) => void): Promise<void> {
  if (stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      stream.off('close', done)
      resolve()
    }
    stream.once('close', done)
    act(done)
  })
}

function createDecompressor(compression: Compression): Decompressor {
  const options = { chunkSize: 2 ** 17 }
  if (compression === 'gz') return createGunzip(options)
  if (compression === 'zst') return createZstdDecompress(options)
  return createInflateRaw(options)
}
