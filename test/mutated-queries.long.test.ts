import { expect, test } from 'vitest'
import { compileMutated } from './mutated-queries.ts'

const first = Number(process.env['AZIMUTH_SEED'] ?? 11)
// One compiler a core would do; two keep a small machine busy.
const seeds = [first, first + 1]
const each = 50_000

test(
  '100,000 mutated queries are refused or become one SELECT of listed functions',
  async () => {
    const tallies = await Promise.all(
      seeds.map((seed) =>
        compileMutated(each, seed, (asked) => {
          if (asked % 5000 === 0) console.log(`seed ${seed}: ${asked} asked`)
        }),
      ),
    )
    expect(tallies.flatMap(({ faults }) => faults)).toEqual([])
    for (const { asked, compiled, slow } of tallies) {
      expect(asked).toBe(each)
      expect(compiled).toBeGreaterThan(asked / 50)
      expect(slow).toBeLessThan(asked / 100)
    }
  },
  6 * 3_600_000,
)
