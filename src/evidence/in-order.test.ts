import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

describe('work in order', () => {
  test('gives results in the order of the items, with at most so many at once', async () => {
    let running = 0
    let most = 0
    const results = inOrder([30, 1, 20, 2, 10], 3, async (ms) => {
      most = Math.max(most, ++running)
      await delay(ms)
      running -= 1
      return ms
    })
    expect(await Array.fromAsync(results)).toEqual([30, 1, 20, 2, 10])
    expect(most).toBe(3)
  })

  test('gives a result before the next item comes', async () => {
    const given: string[] = []
    const items = (async function* () {
      yield 'one'
      while (!given.includes('ONE')) await delay(1)
      yield 'two'
    })()
    const results = inOrder(items, 4, (item) => Promise.resolve(item.toUpperCase()))
    for await (const result of results) given.push(result)
    expect(given).toEqual(['ONE', 'TWO'])
  })

  test('waits for the others where one fails', async () => {
    const ended: number[] = []
    const results = inOrder([2, 1, 3], 3, async (number) => {
      await delay(number)
      if (number !== 3) throw new Error(number === 2 ? 'one' : 'two')
      ended.push(number)
    })
    await expect(Array.fromAsync(results)).rejects.toThrow('one')
    expect(ended).toEqual([3])
  })
})
