import { afterAll, expect, test } from 'vitest'
import { canMount, fillDisks } from './disk-full.ts'
import { removeFolder, temporaryFolder } from './whole-case.ts'

const folder = temporaryFolder()

afterAll(() => removeFolder(folder))

test.skipIf(!canMount)(
  'an ingest whose disk is full says so, loses nothing, and goes on when there is room',
  async () => {
    await fillDisks(folder, [6])
    expect.hasAssertions()
  },
  5 * 60_000,
)
