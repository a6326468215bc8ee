import { setImmediate } from 'node:timers/promises'

const turnMs = 20
let begun = performance.now()

/**
 * Called between one piece of work and the next: what reads small files never waits for anything, and would let nobody
 * else have a turn, such as answers of the engine or an interrupt.
 */
export async function giveWay(): Promise<void> {
  if (performance.now() - begun < turnMs) return
  await setImmediate()
  begun = performance.now()
}
