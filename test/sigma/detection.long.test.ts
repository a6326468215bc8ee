import { expect, test } from 'vitest'
import { compareDetections } from './compare-detections.ts'

test.each([1, 2])(
  '6,000 pairs of seed %i match as the specification says',
  { timeout: 600_000 },
  async (seed) => {
    expect(await compareDetections(seed, 100)).toBeGreaterThan(500)
  },
)
