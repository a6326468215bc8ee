import { afterAll, beforeAll, expect, test } from 'vitest'
import { campaign, standalone } from './campaign.ts'
import { difference } from './compare.ts'
import { openTrial, type Trial } from './trial.ts'

let trial: Trial

beforeAll(async () => {
  trial = await openTrial()
}, 180_000)

afterAll(async () => {
  await trial[Symbol.asyncDispose]()
})

test('random queries are answered as the interpreter answers them', { timeout: 300_000 }, async () => {
  const { faults, coverage } = await campaign(trial, 20_260_301, 150, 50)
  expect(faults.map(({ query, data, outcome }) => ({ outcome, query: standalone(query, data) }))).toEqual([])
  expect(coverage.size).toBeGreaterThan(100)
})

test('a wrong answer is noticed', () => {
  const rows = [new Map([['x', 1n]])]
  const table = { columns: [{ name: 'x', type: 'long' as const }], rows, ranks: [0], sorted: false }
  expect(difference(table, [['1']])).toBeUndefined()
  expect(difference(table, [['2']])).toBeDefined()
  expect(difference(table, [[null]])).toBeDefined()
  expect(difference(table, [])).toBeDefined()
})

test('a long in place of a real is noticed, and a part that is missing', () => {
  const value = [3, new Map([['a', 1n]])]
  const rows = [new Map([['x', value]])]
  const table = { columns: [{ name: 'x', type: 'dynamic' as const }], rows, ranks: [0], sorted: false }
  expect(difference(table, [['[3.0,{"a":1}]']])).toBeUndefined()
  expect(difference(table, [['[3,{"a":1}]']])).toBeDefined()
  expect(difference(table, [['[3.0,{}]']])).toBeDefined()
  expect(difference(table, [['']])).toBeDefined()
})
