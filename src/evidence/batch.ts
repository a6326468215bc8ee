import type { Shape } from '../tables/types.ts'
import type { PreparedFile } from './prepare.ts'

/** Files that are landed together: all hold the same shapes, and their dates are read alike. */
export interface Batch {
  readonly shapes: readonly Shape[]
  readonly dayFirst: boolean
  readonly files: readonly PreparedFile[]
  /** Whether records are known to be of several shapes at once. */
  readonly isCareful?: boolean
}

// The first batches are small, so that the engine has work while the rest is still being hashed.
const firstBatchBytes = 32 * 2 ** 20
const maxBatchBytes = 256 * 2 ** 20
const maxBatchFiles = 4000

/** Gathers prepared files into batches, each handed out as soon as it is full. */
export class Batcher {
  readonly #open = new Map<string, { files: PreparedFile[]; bytes: number; dayFirst: boolean }>()
  #enoughBytes = firstBatchBytes

  /** The batch that this file fills, if it does. */
  add(file: PreparedFile): Batch | undefined {
    const { dayFirst } = file
    const key = JSON.stringify([dayFirst, ...file.shapes.map((shape) => shape.id).toSorted()])
    const open = this.#open.get(key) ?? { files: [], bytes: 0, dayFirst }
    this.#open.set(key, open)
    open.files.push(file)
    open.bytes += file.sizeBytes
    if (open.bytes < this.#enoughBytes && open.files.length < maxBatchFiles) return undefined
    this.#enoughBytes = Math.min(2 * this.#enoughBytes, maxBatchBytes)
    this.#open.delete(key)
    return asBatch(open)
  }

  /** What is left at the end. */
  *rest(): Generator<Batch> {
    for (const open of this.#open.values()) yield asBatch(open)
    this.#open.clear()
  }
}

function asBatch(open: { readonly files: readonly PreparedFile[]; readonly dayFirst: boolean }): Batch {
  return { files: open.files, shapes: open.files[0]?.shapes ?? [], dayFirst: open.dayFirst }
}
