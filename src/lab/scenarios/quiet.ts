import type { Random } from '../random.ts'
import type { World } from '../world.ts'

/** Nothing happens: benign life and its look-alikes, and no step to find. */
export function quiet(_world: World, _random: Random): void {}
