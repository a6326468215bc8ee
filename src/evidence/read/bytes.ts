import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { refuse, type ReadError } from './problem.ts'

/** A half-open span of bytes; what is left out is the beginning or the end. */
export interface ByteRange {
  readonly start?: number
  readonly end?: number
  /** Who reads needs each chunk only until it asks for the next: memory may be used again. */
  readonly passing?: boolean
}

/** Bytes at any position, while it is open. */
export interface RandomReader {
  readonly sizeBytes: number
  /** At most `length` bytes; fewer at the end. */
  read(position: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** Bytes that can be read from the beginning as often as one likes, and at any position where that is cheap. */
export interface ByteSource {
  readonly sizeBytes?: number
  readonly stream: (range?: ByteRange) => AsyncIterable<Uint8Array>
  readonly openRandom?: () => Promise<RandomReader>
}

/** A regular file as the walk saw it. Reading fails if another file has taken its place. */
export interface FileIdentity {
  readonly path: string | Buffer
  readonly device: bigint
  readonly inode: bigint
  readonly sizeBytes: number
}

export const chunkBytes = 2 ** 20

/** A file, opened read-only, never through a link, up to the length that it had when it was found. */
export function fileSource(file: FileIdentity): ByteSource {
  let begun: Buffer | undefined
  return {
    sizeBytes: file.sizeBytes,
    async *stream(range) {
      const { start = 0, end = file.sizeBytes } = range ?? {}
      const isBeginning = start === 0 && end < file.sizeBytes
      if (begun === undefined && isBeginning && file.sizeBytes <= firstChunkBytes)
        begun = readAtOnce(file, 0, file.sizeBytes)
      if (begun === undefined) {
        yield* streamFile(file, range)
        return
      }
      // Whoever looks at the beginning of a small file soon reads it: that is kept until then, and opened once.
      const whole = begun
      if (!isBeginning) begun = undefined
      if (start < end) yield whole.subarray(start, end)
    },
    openRandom: async () => randomReader(await openFile(file), file.sizeBytes),
  }
}

/** A span of a source that can be read at any position. */
export function sliceSource(
  parent: Required<ByteSource>,
  offset: number,
  sizeBytes: number,
): Required<ByteSource> {
  const clip = (range: ByteRange = {}): ByteRange & { readonly start: number; readonly end: number } => ({
    ...range,
    start: offset + Math.min(range.start ?? 0, sizeBytes),
    end: offset + Math.min(range.end ?? sizeBytes, sizeBytes),
  })
  return {
    sizeBytes,
    async *stream(range) {
      const clipped = clip(range)
      yield* parent.stream(clipped)
      if (clipped.end > parent.sizeBytes) throw refuse('truncated', 'the archive ends before its member does')
    },
    async openRandom() {
      const reader = await parent.openRandom()
      return {
        sizeBytes,
        read: (position, length) =>
          reader.read(offset + position, Math.max(0, Math.min(length, sizeBytes - position))),
        close: () => reader.close(),
      }
    },
  }
}

/** A random reader over an open file. Small reads are served from a window, so that headers cost one call for many. */
export function randomReader(
  handle: FileHandle,
  sizeBytes: number,
  close = () => handle.close(),
): RandomReader {
  const windowBytes = 2 ** 16
  let window: Buffer = Buffer.alloc(0)
  let windowStart = 0
  return {
    sizeBytes,
    async read(position, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - position))
      if (wanted >= windowBytes) return readFully(handle, position, wanted)
      if (position < windowStart || position + wanted > windowStart + window.length) {
        window = await readFully(handle, position, Math.min(windowBytes, sizeBytes - position))
        windowStart = position
      }
      return window.subarray(position - windowStart, position - windowStart + wanted)
    },
    close,
  }
}

/**
 * Streams an open file in chunks, reading the next while the last is being used. They begin small, for those who look at
 * the beginning only.
 */
export async function* streamHandle(
  handle: FileHandle,
  start: number,
  end: number,
  { passing = false }: Pick<ByteRange, 'passing'> = {},
): AsyncIterable<Uint8Array> {
  // New memory costs more than the reading: of two buffers one is filled while the other is used.
  const buffers = passing ? [spareBuffers.pop() ?? newChunk(), spareBuffers.pop() ?? newChunk()] : []
  let length = passing ? chunkBytes : firstChunkBytes
  let position = start
  const readAhead = (buffer: Buffer | undefined): Promise<Buffer> => {
    const reading = readFully(handle, position, Math.min(length, end - position), buffer)
    reading.catch(() => undefined) // who stops early never asks for it
    return reading
  }
  let pending = readAhead(buffers[0])
  try {
    for (let turn = 1; position < end; turn += 1) {
      const chunk = await pending
      if (chunk.length === 0) throw shortened()
      position += chunk.length
      length = Math.min(2 * length, chunkBytes)
      pending = readAhead(buffers[turn % 2])
      yield chunk
    }
  } finally {
    if (passing) {
      await pending.catch(() => undefined)
      spareBuffers.push(...buffers)
    }
  }
}

const firstChunkBytes = 2 ** 16

/** As many as were ever in use at once. */
const spareBuffers: Buffer[] = []

function newChunk(): Buffer {
  return Buffer.allocUnsafeSlow(chunkBytes)
}

/** The part of a stream that lies in a range; it stops reading at the end of it. */
export async function* cutStream(
  stream: AsyncIterable<Uint8Array>,
  range: ByteRange = {},
): AsyncIterable<Uint8Array> {
  const { start = 0, end = Number.POSITIVE_INFINITY } = range
  let position = 0
  if (end <= start) return
  for await (const chunk of stream) {
    const from = Math.max(0, start - position)
    const to = Math.min(chunk.length, end - position)
    position += chunk.length
    if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
    if (position >= end) return
  }
}

/** All bytes of a stream in one piece; what lies beyond `limitBytes` is left unread. */
export async function collect(stream: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of cutStream(stream, { end: limitBytes })) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] instanceof Buffer ? chunks[0] : Buffer.concat(chunks)
}

async function* streamFile(file: FileIdentity, range: ByteRange = {}): AsyncIterable<Uint8Array> {
  const start = range.start ?? 0
  const end = Math.min(range.end ?? file.sizeBytes, file.sizeBytes)
  if (end - start <= chunkBytes) {
    const bytes = readAtOnce(file, start, end)
    if (bytes.length > 0) yield bytes
    return
  }
  const handle = await openFile(file)
  try {
    yield* streamHandle(handle, start, end, range)
  } finally {
    await handle.close()
  }
}

/** Only to be read, never through a link, and without waiting for whoever writes to a pipe. */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

async function openFile(file: FileIdentity): Promise<FileHandle> {
  const handle = await open(file.path, openFlags)
  if (isSame(await handle.stat({ bigint: true }), file)) return handle
  await handle.close()
  throw replaced()
}

/** Of thousands of small files, each of four calls would cost more on a thread of its own than it takes. */
function readAtOnce(file: FileIdentity, start: number, end: number): Buffer {
  const descriptor = openSync(file.path, openFlags)
  try {
    if (!isSame(fstatSync(descriptor, { bigint: true }), file)) throw replaced()
    const buffer = Buffer.allocUnsafeSlow(end - start)
    let filled = 0
    while (filled < buffer.length) {
      const count = readSync(descriptor, buffer, filled, buffer.length - filled, start + filled)
      if (count === 0) throw shortened()
      filled += count
    }
    return buffer
  } finally {
    closeSync(descriptor)
  }
}

function isSame(found: BigIntStats, file: FileIdentity): boolean {
  return found.isFile() && found.dev === file.device && found.ino === file.inode
}

function replaced(): ReadError {
  return refuse('changed', 'another file took its place while it was being read')
}

function shortened(): ReadError {
  return refuse('changed', 'the file became shorter while it was being read')
}

async function readFully(
  handle: FileHandle,
  position: number,
  length: number,
  into?: Buffer,
): Promise<Buffer> {
  const buffer = into ?? Buffer.allocUnsafeSlow(Math.max(0, length))
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
