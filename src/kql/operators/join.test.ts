import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'
import { sql } from '../../sql/template.ts'
import type { Schema } from '../schema.ts'

const columns = [
  { name: 'k', type: 'long' },
  { name: 'n', type: 'long' },
  { name: 's', type: 'string' },
] as const

const schema: Schema = {
  tables: ['Many', 'Few'].map((name) => ({ name, database: 'logs', source: name, columns })),
}

let asker: Asker

beforeAll(async () => {
  asker = await openAsker(schema)
  for (const [name, rows] of [
    ['Many', 200_000],
    ['Few', 500],
  ] as const) {
    const table = name === 'Many' ? sql`logs.Many` : sql`logs.Few`
    await asker.command(
      sql`CREATE TABLE ${table} (k Nullable(Int64), n Nullable(Int64), s String) ORDER BY s`,
    )
    await asker.command(
      sql`INSERT INTO ${table} SELECT if(number % 50 = 0, NULL, number % 100), if(number % 3 = 0, NULL, number), toString(number) FROM numbers(${rows})`,
    )
  }
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

/** The tables that a join reads, the one that is kept in memory last. */
async function sides(query: string): Promise<readonly string[]> {
  const text = await asker.bind(query)
  return [...text.matchAll(/`logs`\.`(\w+)`|system\.(one)/g)].map(([, table, one]) => table ?? one ?? '')
}

describe('the side that is kept in memory', () => {
  const literals = 'datatable(k: long)[1, 2]'
  const cases = [
    ['Few | join kind=inner Many on k', ['Many', 'Few']],
    ['Few | join Many on k', ['Many', 'Few']],
    [`${literals} | join kind=leftouter Many on k`, ['Many', 'one']],
    [`${literals} | join Many on k`, ['Many', 'one']],
    [`Many | join (${literals}) on k`, ['Many', 'one']],
    [`Many | lookup (${literals}) on k`, ['Many', 'one']],
    [`Many | join kind=leftanti Few on k`, ['Many', 'Few']],
  ] as const
  test.each(cases)('%s', async (query, expected) => {
    expect(await sides(`${query} | count`)).toEqual(expected)
  })

  test('changes nothing in the rows', async () => {
    for (const kind of [
      'leftouter',
      'rightouter',
      'fullouter',
      'leftsemi',
      'rightsemi',
      'leftanti',
      'rightanti',
      'inner',
    ]) {
      const [few, many] = [`${literals} | extend s = "x"`, 'Many | where n < 300 | take 1000']
      const counted = async (left: string, right: string, how: string) =>
        asker.ask(`${left} | join kind=${how} (${right}) on k | count`)
      const other = kind.replace(/left|right/, (side) => (side === 'left' ? 'right' : 'left'))
      expect(await counted(few, many, kind), kind).toEqual(await counted(many, few, other))
    }
  })
})

test('innerunique keeps one left row of each key, whole, null keys too', async () => {
  const query = `Many | extend twice = n * 2, text = s | join (Few | distinct k) on k
    | extend number = tolong(s) | summarize rows = count(), keys = dcount(k), nulls = countif(isnull(k)),
      torn = countif(s != text or (isnotnull(n) and (n != number or twice != 2 * number)) or isnull(n) != (number % 3 == 0))`
  expect(await asker.ask(query)).toEqual([[99, 98, 1, 0]])
})
