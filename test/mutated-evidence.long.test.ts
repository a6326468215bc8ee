import { afterAll, expect, test } from 'vitest'
import { Random } from '../src/lab/random.ts'
import { takeMutated } from './mutated-evidence.ts'
import { makeWholeCase, removeFolder, temporaryFolder } from './whole-case.ts'

const folder = temporaryFolder()
const mostMemoryBytes = 1.5e9

afterAll(() => removeFolder(folder), 600_000)

test('10,000 damaged files get their verdicts within bounded memory, and every count adds up', async () => {
  await using whole = await makeWholeCase(`${folder}/case`)
  const { verdicts, slowestMs } = await takeMutated(whole, folder, new Random('ten thousand'), 10_000)
  console.log(verdicts, `slowest 250 files ${(slowestMs / 1000).toFixed(1)} s`)
  expect(Object.keys(verdicts).toSorted()).toEqual(['parsed', 'partial', 'skipped'])
  expect(process.memoryUsage.rss()).toBeLessThan(mostMemoryBytes)
})
