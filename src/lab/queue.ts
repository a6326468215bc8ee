/** Records that wait for their turn: their bytes in one buffer, so that no string outlives the moment it is made. */
export class Queue {
  #bytes = Buffer.allocUnsafe(1 << 14)
  #used = 0
  #times: number[] = []
  #starts: number[] = []
  #counts: number[] = []
  #placed = new Map<number, Placed>()
  /** Entries of a later hour, kept as text until they come near. */
  #distant: Entry[] = []
  #nextDistant = Infinity
  #horizon = -Infinity

  add(entry: Entry): void {
    if (entry.time >= this.#horizon) {
      this.#distant.push(entry)
      this.#nextDistant = Math.min(this.#nextDistant, entry.time)
      return
    }
    this.#append(entry)
  }

  /** Hands over all entries before `until` in order of time; entries before `horizon` will be taken in from now on. */
  take(until: number, horizon: number, use: (record: TakenRecord) => void): void {
    this.#horizon = horizon
    if (this.#nextDistant < horizon) this.#admit()
    const times = this.#times
    if (times.length === 0) return
    const due: number[] = []
    const kept: number[] = []
    for (let index = 0; index < times.length; index += 1)
      ((times[index] ?? 0) < until ? due : kept).push(index)
    due.sort((left, right) => (times[left] ?? 0) - (times[right] ?? 0))
    for (const index of due) {
      const start = this.#starts[index] ?? 0
      const bytes = this.#bytes.subarray(start, this.#starts[index + 1] ?? this.#used)
      use({
        time: times[index] ?? 0,
        bytes,
        count: this.#counts[index] ?? 0,
        placed: this.#placed.get(index),
      })
    }
    this.#keep(kept)
  }

  #append(entry: Entry): void {
    const most = this.#used + 3 * entry.text.length
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * most)
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    if (entry.placed !== undefined) this.#placed.set(this.#times.length, entry.placed)
    this.#times.push(entry.time)
    this.#starts.push(this.#used)
    this.#counts.push(entry.count)
    this.#used += this.#bytes.write(entry.text, this.#used)
  }

  #admit(): void {
    const waiting = this.#distant
    this.#distant = []
    this.#nextDistant = Infinity
    for (const entry of waiting) this.add(entry)
  }

  #keep(kept: readonly number[]): void {
    const { times, starts, counts, placed, used } = {
      times: this.#times,
      starts: this.#starts,
      counts: this.#counts,
      placed: this.#placed,
      used: this.#used,
    }
    this.#times = []
    this.#starts = []
    this.#counts = []
    if (placed.size > 0) this.#placed = new Map()
    this.#used = 0
    for (const index of kept) {
      const start = starts[index] ?? 0
      const end = starts[index + 1] ?? used
      const known = placed.get(index)
      if (known !== undefined) this.#placed.set(this.#times.length, known)
      this.#bytes.copyWithin(this.#used, start, end)
      this.#times.push(times[index] ?? 0)
      this.#starts.push(this.#used)
      this.#counts.push(counts[index] ?? 0)
      this.#used += end - start
    }
  }
}

/** Told where a record came to stand. */
export type Placed = (file: string, record: number) => void

export interface Entry {
  /** The time by which the record is filed and ordered. */
  readonly time: number
  readonly text: string
  /** How many records it counts for: tuples in a flow record, otherwise 1. */
  readonly count: number
  readonly placed?: Placed | undefined
}

export interface TakenRecord {
  readonly time: number
  /** Good until the next record is handed over. */
  readonly bytes: Uint8Array
  readonly count: number
  readonly placed: Placed | undefined
}
