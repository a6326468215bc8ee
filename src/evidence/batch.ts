import { comparesRecords } from '../tables/insert.ts'
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

/** What is worth a statement of its own while the engine has nothing else to do. */
const worthBytes = 32 * 2 ** 20
/** Each statement costs the engine a tenth of a second, whatever it reads. */
const maxBatchBytes = 256 * 2 ** 20
/** Where all of a batch's records are held in memory at once, or each becomes many rows. */
const maxHeavyBatchBytes = 128 * 2 ** 20
const maxBatchFiles = 4000

interface OpenBatch {
  readonly files: PreparedFile[]
  readonly dayFirst: boolean
  bytes: number
}

/** Gathers prepared files into batches: as large as may be, but so that the engine need not wait for its next. */
export class Batcher {
  readonly #open = new Map<string, OpenBatch>()
  readonly #full: OpenBatch[] = []

  add(file: PreparedFile): void {
    const { dayFirst } = file
    const key = JSON.stringify([dayFirst, ...file.shapes.map((shape) => shape.id).toSorted()])
    const open = this.#open.get(key) ?? { files: [], bytes: 0, dayFirst }
    this.#open.set(key, open)
    open.files.push(file)
    open.bytes += file.sizeBytes
    if (open.bytes < limitOf(file.shapes) && open.files.length < maxBatchFiles) return
    this.#open.delete(key)
    this.#full.push(open)
  }

  /** The next batch to land, if there is one: one that is full or, where the engine is idle, the largest that is worth it. */
  next(isIdle: boolean): Batch | undefined {
    const full = this.#full.shift()
    if (full !== undefined) return asBatch(full)
    if (!isIdle) return undefined
    const [largest] = [...this.#open].toSorted(([, one], [, other]) => other.bytes - one.bytes)
    if (largest === undefined || largest[1].bytes < worthBytes) return undefined
    this.#open.delete(largest[0])
    return asBatch(largest[1])
  }

  /** What is left at the end. */
  *rest(): Generator<Batch> {
    for (const open of [...this.#full.splice(0), ...this.#open.values()]) yield asBatch(open)
    this.#open.clear()
  }
}

function limitOf(shapes: readonly Shape[]): number {
  const isHeavy = shapes.some((shape) => shape.unit !== 'record' || comparesRecords(shape))
  return isHeavy ? maxHeavyBatchBytes : maxBatchBytes
}

function asBatch({ files, dayFirst }: OpenBatch): Batch {
  return { files, shapes: files[0]?.shapes ?? [], dayFirst }
}
