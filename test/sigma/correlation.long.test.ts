import { expect, test } from 'vitest'
import { compareCorrelations } from './compare-correlations.ts'

test.each([1, 2])(
  '100 correlations of seed %i hit as the specification says',
  { timeout: 600_000 },
  async (seed) => {
    expect(await compareCorrelations(seed, 100)).toBeGreaterThan(100)
  },
)
