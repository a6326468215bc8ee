/**
 * Works on several items at once and gives the results in the order of the items, each as soon as it is its turn, also
 * while the next item is not there yet.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const running: Promise<Result>[] = []
  const take = async () => ({ kind: 'item', item: await iterator.next() }) as const
  let next: ReturnType<typeof take> | undefined = observed(take())
  try {
    while (next !== undefined || running.length > 0) {
      const first = running[0]?.then((result) => ({ kind: 'result', result }) as const)
      const isFull = running.length >= atOnce
      const waited = [
        ...(first === undefined ? [] : [first]),
        ...(next === undefined || isFull ? [] : [next]),
      ]
      const event = await Promise.race(waited)
      if (event.kind === 'result') {
        void running.shift()
        yield event.result
      } else if (event.item.done === true) {
        next = undefined
      } else {
        running.push(observed(work(event.item.value)))
        next = observed(take())
      }
    }
  } finally {
    // Where one failed, the others are waited for, so that none goes on unseen.
    await Promise.allSettled(running)
    // Not waited for: it may stand in line behind an item that never comes.
    if (iterator.return !== undefined) void observed(Promise.resolve(iterator.return()))
  }
}

/** Waits for all to end, so that none goes on unseen, and throws the first failure. */
export async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  for (const work of await Promise.allSettled(works)) {
    if (work.status === 'rejected') throw work.reason
  }
}

/** Failures are seen when it is their turn; until then they must not count as unhandled. */
function observed<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  return promise
}
