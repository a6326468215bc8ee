import type { Transform } from 'node:stream'
import { crc32, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { bomb, boundFor } from './budget.ts'
import type { Budget } from './budget.ts'
import { cutStream } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { refuse } from './problem.ts'

export type Compression = 'gz' | 'zst' | 'deflate'

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
  const stream = createDecompressor(compression)
  let ready: Uint8Array[] = []
  let packedBytes = 0
  let unpackedBytes = 0
  let failure: unknown
  stream.on('error', (error) => (failure ??= error))
  stream.on('data', (chunk: Buffer) => {
    unpackedBytes += chunk.length
    const bound = boundFor(budget.limits, packedBytes)
    if (unpackedBytes <= bound) ready.push(chunk)
    else if (!failure) stream.destroy((failure = bomb(bound)))
  })
  try {
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length; at += inputBytes) {
        const piece = chunk.subarray(at, at + inputBytes)
        packedBytes += piece.length
        await settled(stream, (done) => stream.write(piece, done))
        yield* ready
        ready = []
        if (failure) throw failure
      }
    }
    await settled(stream, (done) => stream.once('end', done).end())
    yield* ready
    if (failure) throw failure
  } finally {
    stream.destroy()
  }
}

function settled(stream: Transform, act: (done: () => void) => void): Promise<void> {
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

function createDecompressor(compression: Compression): Transform {
  const options = { chunkSize: 2 ** 17 }
  if (compression === 'gz') return createGunzip(options)
  if (compression === 'zst') return createZstdDecompress(options)
  return createInflateRaw(options)
}
