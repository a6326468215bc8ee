import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const views = `
  let Doors = view () { datatable(id: string, level: string, text: string, lock: string)[
    "a1", "warning", "door open", "x", "a1", "error", "door broken", "x", "b2", "error", "door lost", "y"] };
  let Lamps = view () { datatable(id: string, level: string, text: string, watts: long)[
    "a1", "error", "lamp broken", 40, "c3", "warning", "lamp dim", 60] };`

const cases: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  [
    'find in (Doors, Lamps) where id == "a1" and level == "error" project text, lock, watts',
    [
      ['Doors', 'door broken', 'x', null],
      ['Lamps', 'lamp broken', '', 40],
    ],
  ],
  [
    'find lock == "y" or watts > 50 project id, lock, watts',
    [
      ['Doors', 'b2', 'y', null],
      ['Lamps', 'c3', '', 60],
    ],
  ],
  [
    'find "broken" project id',
    [
      ['Doors', 'a1'],
      ['Lamps', 'a1'],
    ],
  ],
  ['find withsource=place in (Lamps) where text has "dim"', [['Lamps', 'c3', 'warning', 'lamp dim', 60]]],
  ['find lock == "y"', [['Doors', 'b2', 'error', 'door lost', 'y']]],
  [
    'find in (Doors, Lamps) where text has "broken" project watts: string',
    [
      ['Doors', ''],
      ['Lamps', '40'],
    ],
  ],
]

test.each(cases)('%s', async (query, rows) => {
  const found = (await asker.ask(`${views} ${query}`)).map((row) => JSON.stringify(row))
  expect(found.toSorted()).toEqual(rows.map((row) => JSON.stringify(row)).toSorted())
})

describe('what Kusto would answer is not known', () => {
  test.each([
    ['find id == "a1"', 'packs'],
    ['let Rows = print id = "a1"; find in (Rows) where id == "a1"', 'tables and views'],
    ['print a = "x" | top-hitters 1 of a by -1', 'negative'],
    ['datatable(a: string)["x", "y"] | top-hitters 1 of a', 'tie'],
    ['print a = "x" | reduce by a', 'reduce is not supported'],
    ['print a = "x" | fork (where a == "x") (count)', 'several tables'],
    ['print a = "x" | facet by a', 'several tables'],
    ['print a = "x", b = "y" | make-graph a --> b | graph-to-table nodes', 'graph'],
  ])('%s', async (query, reason) => {
    await expect(asker.ask(`${views} ${query}`)).rejects.toThrow(reason)
  })
})
