import { Worker } from 'node:worker_threads'

/** How far it may run ahead, from which file on it is worth a thread, and the size up to which files are read. */
export const lookAhead = { files: 1000, worthFiles: 500, bytesOfFile: 2 ** 19 } as const

const filesAtOnce = 100

export interface LookAheadData {
  readonly root: string
  readonly maxFolderDepth: number
  /** How many files the walk has met, and how many were read ahead of it. */
  readonly counts: Int32Array<SharedArrayBuffer>
}

/**
 * Of thousands of small files the system must look for each in turn, and a walk waits for it. A thread goes the same way
 * some files ahead and reads them, so that the system holds what the walk comes to. It tells nothing and changes nothing.
 */
export class LookAhead {
  readonly #data: LookAheadData
  #thread: Worker | undefined

  constructor(root: string, maxFolderDepth: number) {
    this.#data = { root, maxFolderDepth, counts: new Int32Array(new SharedArrayBuffer(8)) }
  }

  /** To be called for each file that the walk comes to. */
  pass(): void {
    const { counts } = this.#data
    const before = Atomics.add(counts, 0, 1)
    if (before === lookAhead.worthFiles) this.#begin()
    // It has enough to do meanwhile, and waking it takes time.
    if (before % filesAtOnce === 0) Atomics.notify(counts, 0)
  }

  get filesRead(): number {
    return Atomics.load(this.#data.counts, 1)
  }

  #begin(): void {
    const file = new URL(import.meta.url.replace(/look-ahead(\.\w+)$/, 'look-ahead-thread$1'))
    // Without it the walk is only slower: where there may be no more threads, or it fails later.
    try {
      this.#thread = new Worker(file, { workerData: this.#data, stdin: false, stdout: true, stderr: true })
    } catch {
      return
    }
    this.#thread.on('error', () => {})
    this.#thread.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.terminate()
  }
}
