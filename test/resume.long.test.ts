import { afterAll, beforeAll, expect, test } from 'vitest'
import { KilledIngest, victims } from './killed-ingest.ts'
import { removeFolder, temporaryFolder } from './whole-case.ts'

const kills = 25
const timeout = 4 * 3_600_000
const folder = temporaryFolder()
let ingest: KilledIngest

beforeAll(async () => {
  ingest = await KilledIngest.prepare(folder)
}, timeout)

afterAll(() => removeFolder(folder), timeout)

test.each(victims)(
  `an ingest whose %s ends at ${kills} moments ends where an undisturbed one ends when it is run again`,
  async (victim) => {
    const moments = ingest.moments(kills)
    for (const moment of moments) await ingest.killAt(moment, victim)
    expect(moments).toHaveLength(kills)
  },
  timeout,
)

test(
  `an engine killed ${kills} times under two commands leaves the case as good as before`,
  async () => {
    const moments = ingest.moments(kills)
    for (const moment of moments) await ingest.killUnderTwo(moment)
    expect(moments).toHaveLength(kills)
  },
  timeout,
)
