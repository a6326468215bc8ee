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

  test('waits for the others where one fails', async () => {
    const ended: number[] = []
    const results = inOrder([1, 2, 3], 3, async (number) => {
      await delay(number)
      if (number === 1) throw new Error('one')
      ended.push(number)
    })
    await expect(Array.fromAsync(results)).rejects.toThrow('one')
    expect(ended).toEqual([2, 3])
  })
})
