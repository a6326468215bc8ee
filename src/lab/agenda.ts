interface Item {
  readonly time: number
  readonly order: number
  readonly run: (time: number) => void
}

/** Things to do at a time, in order of time and then of entry (a binary heap). An action may enter others. */
export class Agenda {
  readonly #heap: Item[] = []
  #entered = 0

  at(time: number, run: (time: number) => void): void {
    const item = { time: Math.floor(time), order: (this.#entered += 1), run }
    let index = this.#heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#heap[parent] as Item
      if (!before(item, above)) break
      this.#heap[index] = above
      index = parent
    }
    this.#heap[index] = item
  }

  /** Runs all that falls before `until`. */
  runUntil(until: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.time < until; first = this.#heap[0]) {
      this.#removeFirst()
      first.run(first.time)
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop() as Item
    const size = this.#heap.length
    if (size === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      if (child + 1 < size && before(this.#heap[child + 1] as Item, this.#heap[child] as Item)) child += 1
      if (!before(this.#heap[child] as Item, last)) break
      this.#heap[index] = this.#heap[child] as Item
      index = child
    }
    this.#heap[index] = last
  }
}

function before(left: Item, right: Item): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order)
}
