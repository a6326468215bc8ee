import { expect, test } from 'vitest'
import { compileMutated } from './mutated-queries.ts'

// One compiler a core would do; two keep a small machine busy.
test(
  '100,000 mutated queries are refused or become one SELECT of listed functions',
  async () => {
    const tallies = await Promise.all([11, 12].map((seed) => compileMutated(50_000, seed)))
    expect(tallies.flatMap(({ faults }) => faults)).toEqual([])
    for (const { asked, compiled, slow } of tallies) {
      expect(asked).toBe(50_000)
      expect(compiled).toBeGreaterThan(asked / 50)
      expect(slow).toBeLessThan(asked / 100)
    }
  },
  6 * 3_600_000,
)
