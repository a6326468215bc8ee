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

/** The binder gives them another type than the real engine; a union, whose columns are the binder's, refuses them. */
const wider = new Set([
  'getyear',
  'monthofyear',
  'hourofday',
  'week_of_year',
  'weekofyear',
  'datetime_part',
  'datepart',
  'jaccard_index',
])

describe('every function does what its example says', () => {
  const functions = scalarFunctions.filter(({ example: [expression] }) => expression !== '')
  for (let start = 0; start < functions.length; start += 25) {
    const part = functions.slice(start, start + 25)
    test(`${part[0]?.name} to ${part.at(-1)?.name}`, async () => {
      const query = `print ${part.map(({ example: [expression] }, index) => `c${index} = ${expression}`).join(', ')}`
      const [row = []] = await asker.ask(query, options)
      const named = part.map(({ name }, index) => [name, row[index]])
      expect(named).toEqual(part.map(({ name, example: [, value] }) => [name, roughly(value)]))
    })

    test(`${part[0]?.name} to ${part.at(-1)?.name}, beside rows without a value`, async () => {
      const told = part.filter(({ name }) => !wider.has(name))
      const query = `union (print ${told.map(({ example: [expression] }, index) => `c${index} = ${expression}`).join(', ')}), (print other = 1)`
      const rows = await asker.ask(query, options)
      const [first = [], second = []] = rows.toSorted((row) => (row.at(-1) === 1 ? 1 : -1))
      const named = told.map(({ name }, index) => [name, first[index], second[index] ?? ''])
      expect(named).toEqual(told.map(({ name, example: [, value] }) => [name, roughly(value), '']))
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

  test.each(aggregateFunctions.map((item) => [item.name, item.example] as const))(
    '%s, beside rows without a value',
    async (_name, example) => {
      const rows = await asker.ask(`union (${example.query}), (print other = 1)`, options)
      const row = rows.find((cells) => cells.at(-1) === 1)
      expect(row?.slice(0, -1).map((cell) => cell ?? '')).toEqual(example.rows[0]?.map(() => ''))
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
