import { createHash, randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomReader, streamHandle } from './bytes.ts'
import type { ByteRange, ByteSource } from './bytes.ts'

interface Spooled {
  readonly handle: FileHandle
  readonly sizeBytes: number
  readonly sha256: string
}

const idleMs = 5_000

/**
 * Unpacked bytes of an archive within an archive, kept in a nameless temporary file so that they can be read at any
 * position. The file is made when it is needed, again if need be, and let go when nobody has used it for a while.
 */
export class Spool {
  readonly #content: ByteSource
  readonly #folder: string
  #spooled: Promise<Spooled> | undefined
  #users = 0
  #timer: NodeJS.Timeout | undefined

  constructor(content: ByteSource, folder = tmpdir()) {
    this.#content = content
    this.#folder = folder
  }

  /** Makes the file, and says what is in it. */
  async describe(): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
    const { sizeBytes, sha256 } = await this.#acquire()
    this.#release()
    return { sizeBytes, sha256 }
  }

  /** The spooled bytes as a source, whose length `describe` told. */
  source(sizeBytes: number): Required<ByteSource> {
    const stream = async function* (spool: Spool, range: ByteRange): AsyncIterable<Uint8Array> {
      const { start = 0, end = sizeBytes } = range
      const { handle } = await spool.#acquire()
      try {
        yield* streamHandle(handle, start, Math.min(end, sizeBytes), range)
      } finally {
        spool.#release()
      }
    }
    return {
      sizeBytes,
      stream: (range = {}) => stream(this, range),
      openRandom: async () => {
        const { handle } = await this.#acquire()
        return randomReader(handle, sizeBytes, async () => this.#release())
      },
    }
  }

  async #acquire(): Promise<Spooled> {
    clearTimeout(this.#timer)
    this.#users += 1
    try {
      this.#spooled ??= fill(this.#content, this.#folder)
      return await this.#spooled
    } catch (error) {
      this.#spooled = undefined
      this.#users -= 1
      throw error
    }
  }

  #release(): void {
    this.#users -= 1
    if (this.#users > 0) return
    this.#timer = setTimeout(() => {
      const spooled = this.#spooled
      this.#spooled = undefined
      void spooled?.then(({ handle }) => handle.close())
    }, idleMs).unref()
  }
}

async function fill(content: ByteSource, folder: string): Promise<Spooled> {
  const path = join(folder, `azimuth-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    const hash = createHash('sha256')
    let sizeBytes = 0
    for await (const chunk of content.stream()) {
      hash.update(chunk)
      await handle.writev([chunk], sizeBytes)
      sizeBytes += chunk.length
    }
    return { handle, sizeBytes, sha256: hash.digest('hex') }
  } catch (error) {
    await handle.close()
    throw error
  }
}
