import { expect, test } from 'vitest'
import { compareCorrelations } from './compare-correlations.ts'

test('random correlations hit where the specification says', async () => {
  expect(await compareCorrelations(7, 8)).toBeGreaterThan(4)
})
