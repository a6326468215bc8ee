import { crc32, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { AvroCursor, compileCaptureSchema, damagedAvro } from './avro-schema.ts'
import { bomb } from './budget.ts'
import type { Budget } from './budget.ts'
import { cutStream } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { refuse } from './problem.ts'
import { unpackSnappy } from './snappy.ts'

const newline = Buffer.from('\n')
const maxBlockBytes = 128 * 2 ** 20
const maxHeaderBytes = 2 ** 20
const syncBytes = 16

/**
 * The events of an Avro file that Event Hubs Capture wrote: the body of each, as it stands there, and a line end after
 * it. Format: Apache Avro 1.11, "Object Container Files"; codecs null, deflate, snappy and zstandard.
 */
export function capturedBodies(packed: ByteSource, budget: Budget): ByteSource {
  let charged = 0
  const read = async function* (): AsyncIterable<Uint8Array> {
    let total = 0
    for await (const chunk of readBodies(packed)) {
      total += chunk.length
      if (total > charged) {
        budget.spendBytes(total - charged)
        charged = total
      }
      yield chunk
    }
  }
  return { stream: (range) => cutStream(read(), range) }
}

async function* readBodies(packed: ByteSource): AsyncIterable<Uint8Array> {
  const input = new Input(packed.stream())
  try {
    yield* readBlocks(input)
  } finally {
    await input.close()
  }
}

async function* readBlocks(input: Input): AsyncIterable<Uint8Array> {
  const { codec, schema, sync } = await readHeader(input)
  const readBody = compileCaptureSchema(schema)
  while (await input.has(1)) {
    const count = await input.readLong()
    const sizeBytes = await input.readLong()
    if (!(count >= 0) || !(sizeBytes >= 0) || sizeBytes > maxBlockBytes) throw damagedAvro()
    const cursor = new AvroCursor(unpackBlock(await input.take(sizeBytes), codec))
    if (count > cursor.bytes.length) throw damagedAvro()
    const bodies: Buffer[] = []
    for (let index = 0; index < count; index += 1) {
      const body = readBody(cursor)
      if (body && body.length > 0) bodies.push(body, newline)
    }
    yield Buffer.concat(bodies)
    if (!sync.equals(await input.take(syncBytes))) throw damagedAvro()
  }
}

async function readHeader(input: Input): Promise<{ codec: string; schema: string; sync: Buffer }> {
  await input.take(4)
  const fields = new Map<string, Buffer>()
  for (let count = await input.readLong(); count !== 0; count = await input.readLong()) {
    if (count < 0) await input.readLong()
    for (let index = 0; index < Math.abs(count); index += 1)
      fields.set((await input.readBytes()).toString('utf8'), await input.readBytes())
  }
  const codec = fields.get('avro.codec')?.toString('utf8') ?? 'null'
  return {
    codec,
    schema: fields.get('avro.schema')?.toString('utf8') ?? '',
    sync: await input.take(syncBytes),
  }
}

function unpackBlock(packed: Buffer, codec: string): Buffer {
  const options = { maxOutputLength: maxBlockBytes }
  try {
    if (codec === 'null') return packed
    if (codec === 'deflate') return inflateRawSync(packed, options)
    if (codec === 'zstandard') return zstdDecompressSync(packed, options)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw bomb(maxBlockBytes)
    throw error
  }
  if (codec !== 'snappy')
    throw refuse('unsupported-container', `the Avro codec ${JSON.stringify(codec)} is not known here`)
  if (packed.length < 4) throw damagedAvro()
  const unpacked = unpackSnappy(packed.subarray(0, -4), maxBlockBytes)
  if (crc32(unpacked) !== packed.readUInt32BE(packed.length - 4)) throw damagedAvro()
  return unpacked
}

/** A stream that is taken piece by piece. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>
  #buffer: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async has(length: number): Promise<boolean> {
    if (this.#buffer.length >= length) return true
    const parts: Uint8Array[] = [this.#buffer]
    let total = this.#buffer.length
    while (total < length) {
      const next = await this.#chunks.next()
      if (next.done === true) break
      parts.push(next.value)
      total += next.value.length
    }
    this.#buffer = Buffer.concat(parts)
    return total >= length
  }

  async take(length: number): Promise<Buffer> {
    if (!(await this.has(length))) throw refuse('truncated', 'the Avro file ends too early')
    const taken = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length)
    return taken
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async readBytes(): Promise<Buffer> {
    const length = await this.readLong()
    if (!(length >= 0) || length > maxHeaderBytes) throw damagedAvro()
    return this.take(length)
  }

  async readLong(): Promise<number> {
    const bytes: number[] = []
    while (bytes.length < 10) {
      const byte = (await this.take(1))[0] ?? 0
      bytes.push(byte)
      if (byte < 0x80) break
    }
    return new AvroCursor(Buffer.from(bytes)).readLong()
  }
}
