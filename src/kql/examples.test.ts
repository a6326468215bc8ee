import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { aggregateFunctions } from './aggregates.ts'
import type { ExternalFile } from './external.ts'
import { scalarFunctions } from './functions.ts'
import { operators, splitters } from './operators.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const options = {
  now: 1_577_836_800_000_000_0n,
  external: async (file: ExternalFile) => await asker.external('1\n2\n')(file),
}

describe('every function does what its example says', () => {
  const rows = scalarFunctions.filter(({ example: [expression] }) => expression !== '')
  for (let start = 0; start < rows.length; start += 25) {
    const part = rows.slice(start, start + 25)
    test(`${part[0]?.name} to ${part.at(-1)?.name}`, async () => {
      const query = `print ${part.map(({ example: [expression] }, index) => `c${index} = ${expression}`).join(', ')}`
      const [row = []] = await asker.ask(query, options)
      const named = part.map(({ name }, index) => [name, row[index]])
      expect(named).toEqual(part.map(({ name, example: [, value] }) => [name, roughly(value)]))
    })
  }
})

describe('every aggregate does what its example says', () => {
  test.each(aggregateFunctions.map((item) => [item.name, item.example] as const))(
    '%s',
    async (_name, example) => {
      expect(await asker.ask(example.query, options)).toEqual(
        example.rows.map((row) => row.map((cell) => roughly(cell))),
      )
    },
  )
})

describe('every operator does what its example says', () => {
  test.each(operators.map((item) => [item.kind, item.example] as const))('%s', async (_kind, example) => {
    expect(await asker.ask(example.query, options)).toEqual(
      example.rows.map((row) => row.map((cell) => roughly(cell))),
    )
  })
})

describe('every operator that gives several tables does what its example says', () => {
  test.each(splitters.map((item) => [item.name, item.example] as const))('%s', async (_name, example) => {
    const expected = example.tables.map(({ name, rows }) => ({ name, rows }))
    expect(await asker.tables(example.query)).toEqual(expected)
  })
})

/** Reals agree to nine digits. */
function roughly(value: unknown): unknown {
  return typeof value === 'number' ? expect.closeTo(value, 9) : value
}
