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
/** Where each record becomes many rows, and where all of a batch are held and sorted: these take memory. */
const maxManyRowsBytes = 128 * 2 ** 20
const maxComparedBytes = 80 * 2 ** 20
const maxBatchFiles = 4000

interface OpenBatch {
  readonly files: PreparedFile[]
  readonly shapes: readonly Shape[]
  readonly limitBytes: number
  readonly dayFirst: boolean
  bytes: number
}

/** Gathers prepared files into batches: as large as may be, but so that the engine need not wait for its next. */
export class Batcher {
  readonly #open = new Map<string, OpenBatch>()

  add(file: PreparedFile): void {
    const { dayFirst, shapes } = file
    const key = JSON.stringify([dayFirst, ...shapes.map((shape) => shape.id).toSorted()])
    let open = this.#open.get(key)
    if (open === undefined) {
      const limitBytes = Math.min(maxBatchBytes, ...shapes.map(limitOf))
      open = { files: [], shapes, limitBytes, bytes: 0, dayFirst }
      this.#open.set(key, open)
    }
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
    return open && cut(open, Math.min(open.limitBytes, open.bytes / this.#placesFor(open, freePlaces)))
  }

  /** What is left at the end, for so many places. */
  *rest(places: number): Generator<Batch> {
    for (const open of [...this.#open.values()]) {
      const parts = Math.max(this.#placesFor(open, places), Math.ceil(open.bytes / open.limitBytes))
      const wantedBytes = isHeavy(open) ? open.limitBytes : open.bytes / parts
      while (open.files.length > 0) yield cut(open, wantedBytes)
    }
  }

  /**
   * All of them, for what is most of all there is and worth a statement in each. What takes memory goes unevenly, since
   * statements that are alike take the most at the same moment.
   */
  #placesFor(open: OpenBatch, places: number): number {
    const { bytes } = open
    const all = this.#open.values().reduce((sum, each) => sum + each.bytes, 0)
    const isMost = !isHeavy(open) && bytes > (1.5 * all) / places
    return isMost ? Math.max(1, Math.min(places, Math.floor(bytes / worthBytes))) : 1
  }
}

/** Takes files until they have so many bytes. */
function cut(open: OpenBatch, wantedBytes: number): Batch {
  const { files, shapes, dayFirst } = open
  let count = 0
  let bytes = 0
  while (count < Math.min(files.length, maxBatchFiles) && (count === 0 || bytes < wantedBytes)) {
    bytes += files[count]?.sizeBytes ?? 0
    count += 1
  }
  open.bytes -= bytes
  return { files: files.splice(0, count), shapes, dayFirst }
}

function isFull(open: OpenBatch): boolean {
  return open.bytes >= open.limitBytes || open.files.length >= maxBatchFiles
}

function isHeavy(open: OpenBatch): boolean {
  return open.limitBytes < maxBatchBytes
}

function limitOf(shape: Shape): number {
  return Math.min(
    shape.unit === 'record' ? maxBatchBytes : maxManyRowsBytes,
    comparesRecords(shape) ? maxComparedBytes : maxBatchBytes,
  )
}
