import { expect, test } from 'vitest'
import { compareDetections } from './compare-detections.ts'

test('480 pairs of a random rule and a random event match as the specification says', async () => {
  expect(await compareDetections(3, 8)).toBeGreaterThan(20)
})
