import { afterAll, expect, test } from 'vitest'
import { Random } from '../src/lab/random.ts'
import { takeMutated } from './mutated-evidence.ts'
import { makeWholeCase, removeFolder, temporaryFolder } from './whole-case.ts'

const folder = temporaryFolder()

afterAll(() => removeFolder(folder))

test('damaged evidence of every shape and container gets its verdict, and every count adds up', async () => {
  await using whole = await makeWholeCase(`${folder}/case`)
  const { verdicts } = await takeMutated(whole, folder, new Random('damage'), 120)
  expect(Object.keys(verdicts).toSorted()).toEqual(['parsed', 'partial', 'skipped'])
}, 300_000)
