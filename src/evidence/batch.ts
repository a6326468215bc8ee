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
/** Where all of a batch's records are held in memory at once, or each becomes many rows: these take memory. */
const maxHeavyBatchBytes = 128 * 2 ** 20
const maxBatchFiles = 4000
/** How far a batch may go beyond what is full, rather than leave a small one behind. */
const overfull = 1.25

interface OpenBatch {
  readonly files: PreparedFile[]
  readonly dayFirst: boolean
  bytes: number
}

/** Gathers prepared files into batches: as large as may be, but so that the engine need not wait for its next. */
export class Batcher {
  readonly #open = new Map<string, OpenBatch>()

  add(file: PreparedFile): void {
    const { dayFirst } = file
    const key = JSON.stringify([dayFirst, ...file.shapes.map((shape) => shape.id).toSorted()])
    const open = this.#open.get(key) ?? { files: [], bytes: 0, dayFirst }
    this.#open.set(key, open)
    open.files.push(file)
    open.bytes += file.sizeBytes
  }

  /**
   * The next batch to land, if there is one: one that is full or, where the engine has places free, the largest that is
   * worth one. Places that are free at once get alike much to do, so that none is left alone with the end.
   */
  next(freePlaces: number): Batch | undefined {
    const bySize = [...this.#open.values()].toSorted((one, other) => other.bytes - one.bytes)
    const full = bySize.find(isFull)
    const largest = bySize.find(({ bytes }) => freePlaces > 0 && bytes >= worthBytes)
    const open = full ?? largest
    return open && this.#cut(open, this.#partsOf(open, freePlaces))
  }

  /** What is left at the end, for so many places. */
  *rest(places: number): Generator<Batch> {
    const parts = new Map(Array.from(this.#open.values(), (open) => [open, this.#partsOf(open, places)]))
    for (const [open, count] of parts) {
      for (let left = count; left > 0 && open.files.length > 0; left -= 1) yield this.#cut(open, left)
      while (open.files.length > 0) yield this.#cut(open, 1)
    }
  }

  /** Into how many parts to cut what is most of all there is, so that each place has one. */
  #partsOf({ files, bytes }: OpenBatch, places: number): number {
    const all = this.#open.values().reduce((sum, open) => sum + open.bytes, 0)
    const isMost = bytes > (1.5 * all) / places
    const forPlaces = isMost ? Math.min(places, Math.floor(bytes / worthBytes)) : 1
    const largest = overfull * limitOf(files[0]?.shapes ?? [])
    return Math.max(1, forPlaces, Math.ceil(bytes / largest))
  }

  /** Takes a part of the files, such as a third of their bytes. */
  #cut(open: OpenBatch, parts: number): Batch {
    const { files, dayFirst } = open
    const shapes = files[0]?.shapes ?? []
    const wanted = open.bytes / parts
    let count = 0
    let bytes = 0
    while (count < Math.min(files.length, maxBatchFiles) && (count === 0 || bytes < wanted)) {
      bytes += files[count]?.sizeBytes ?? 0
      count += 1
    }
    open.bytes -= bytes
    return { files: files.splice(0, count), shapes, dayFirst }
  }
}

function isFull({ files, bytes }: OpenBatch): boolean {
  return bytes >= limitOf(files[0]?.shapes ?? []) || files.length >= maxBatchFiles
}

function limitOf(shapes: readonly Shape[]): number {
  const isHeavy = shapes.some((shape) => shape.unit !== 'record' || comparesRecords(shape))
  return isHeavy ? maxHeavyBatchBytes : maxBatchBytes
}
