import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KilledIngest, victims } from './killed-ingest.ts'
import { removeFolder, temporaryFolder } from './whole-case.ts'

const timeout = 5 * 60_000
const folder = temporaryFolder()
let ingest: KilledIngest

beforeAll(async () => {
  ingest = await KilledIngest.prepare(folder)
}, timeout)

afterAll(() => removeFolder(folder))

describe('an ingest that is disturbed', () => {
  const moments = [0.1, 0.7, 0.4, 0.9]
  const disturbances = victims.map((victim, index) => ({ victim, moment: moments[index] ?? 0.5 }))

  test.each(disturbances)(
    '($victim, at $moment) ends where an undisturbed one ends when it is run again',
    async ({ victim, moment }) => await ingest.killAt(moment, victim),
    timeout,
  )
})

describe('two commands on one case', () => {
  test(
    'that take the same evidence in both end, and the rows are right',
    async () => await ingest.takeTwice(),
    timeout,
  )

  test(
    'of which one asks while the other takes evidence in: no answer fails',
    async () => expect((await ingest.askMeanwhile()).length).toBeGreaterThan(1),
    timeout,
  )

  test(
    'whose engine is killed under both say so, and the case is as good as before',
    async () => await ingest.killUnderTwo(0.5),
    timeout,
  )
})
