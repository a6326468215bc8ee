import { afterAll, expect, test } from 'vitest'
import { canMount, fillDisks } from './disk-full.ts'
import { removeFolder, temporaryFolder } from './whole-case.ts'

const folder = temporaryFolder()

afterAll(() => removeFolder(folder), 600_000)

test('disks of each size that is too small', async () => {
  expect(canMount).toBe(true)
  await fillDisks(
    folder,
    Array.from({ length: 25 }, (_, index) => 1 + index * 0.2),
  )
})
