import type { Anchor } from '../benign/look-alikes.ts'
import type { Random } from '../random.ts'
import type { World } from '../world.ts'
import { storyBegins, storyHour } from './choices.ts'

/** Nothing happens: benign life and its look-alikes, and no step to find. */
export function quiet(world: World, random: Random): Anchor {
  return {
    time: world.start + Math.floor((world.end - world.start) * (storyBegins + 0.1)),
    hour: storyHour(world),
    victimId: '',
    freeSlot: random.chance(0.5) ? 0 : 1,
    readerAddress: undefined,
  }
}
