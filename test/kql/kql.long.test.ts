import { afterAll, beforeAll, expect, test } from 'vitest'
import { campaign, standalone, type Fault } from './campaign.ts'
import { namesToCover } from './coverage.ts'
import { shrunk } from './shrink.ts'
import { openTrial, type Trial } from './trial.ts'

const seed = Number(process.env['AZIMUTH_SEED'] ?? 1)
const size = Number(process.env['AZIMUTH_QUERIES'] ?? 20_000)
const leastUses = Math.ceil((50 * size) / 20_000)

let trial: Trial

beforeAll(async () => {
  trial = await openTrial()
}, 600_000)

afterAll(async () => {
  await trial[Symbol.asyncDispose]()
})

test(`${size} random queries are answered as the interpreter answers them`, async () => {
  const report = ({ query, outcome }: Fault): void => {
    console.log(`seed ${seed}: ${outcome.kind}\n${query}\n${'why' in outcome ? outcome.why : ''}`)
  }
  const result = await campaign(trial, seed, size, 100, report, (answered) => {
    if (answered % 500 < 100) console.log(`${answered} answered`)
  })
  const rare = namesToCover.filter((name) => (result.coverage.get(name) ?? 0) < leastUses)
  console.log([...result.outcomes].map(([kind, count]) => `${count} ${kind}`).join(', '))
  for (const [reason, count] of [...result.reasons].toSorted(([, a], [, b]) => b - a))
    console.log(`${count} ${reason}`)
  const uses = namesToCover.map((name) => `${name} ${result.coverage.get(name) ?? 0}`)
  console.log(`queries that use each of ${namesToCover.length} names: ${uses.join(', ')}`)
  for (const fault of result.faults.slice(0, 5)) {
    const { query, data, outcome } = await shrunk(trial, fault)
    console.log(`smaller:\n${standalone(query, data)}\n${'why' in outcome ? outcome.why : ''}`)
  }
  expect(result.faults.map(({ query }) => query)).toEqual([])
  expect(rare).toEqual([])
})
