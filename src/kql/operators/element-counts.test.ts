import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'
import { sql } from '../../sql/template.ts'

let asker: Asker

beforeAll(async () => {
  const columns = [
    { name: 'Id', type: 'long' },
    { name: 'List', type: 'dynamic' },
    { name: '_EvidenceId', type: 'string', hidden: true },
    { name: '_EvidenceRecord', type: 'long', hidden: true },
    { name: '_EvidenceOrdinal', type: 'long', hidden: true },
  ] as const
  asker = await openAsker({ tables: [{ name: 'Events', database: 'logs', source: 'Events', columns }] })
  await asker.command(sql`CREATE TABLE logs.Events (Id Int64, List String, _EvidenceId String, _EvidenceRecord UInt64,
    _EvidenceOrdinal UInt32) ENGINE = MergeTree ORDER BY Id`)
  await asker.command(sql`INSERT INTO logs.Events VALUES
    (1, '[{"n":"a","m":[1,2]},{"n":"b","m":[3]}]', 'e1', 1, 0), (2, '[]', 'e1', 2, 0), (3, '', 'e1', 3, 0),
    (4, '{"n":"a"}', 'e1', 4, 0), (5, '[null,{"n":null,"m":[]}]', 'e1', 5, 0)`)
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

/**
 * The same counts, once in the form that is counted in place and once in one that takes the rows apart. A row without
 * elements is left out.
 */
const counted: readonly (readonly [string, string, readonly (number | undefined)[]])[] = [
  ['List', 'c = countif(tostring(List.n) == "a")', [1, undefined, 0, 1, 0]],
  ['e = List', 'c = countif(isempty(tostring(e.n)))', [0, undefined, 1, 0, 2]],
  ['e = List', 'c = countif(tolong(e.m[0]) > Id)', [1, undefined, 0, 0, 0]],
  ['e = List', 'c = count()', [2, undefined, 1, 1, 2]],
  ['e = List.n to typeof(string)', 'c = countif(e == "a")', [0, 0, 0, 1, 0]],
  ['e = List', 'c = countif(toint(e.x) > 1)', [0, undefined, 0, 0, 0]],
]

describe('a subquery that only counts', () => {
  test.each(counted)('%s: %s', async (list, aggregate, counts) => {
    const expected = counts.flatMap((count, index) => (count === undefined ? [] : [[index + 1, count]]))
    const query = (tail: string): string =>
      `Events | mv-apply ${list} on (summarize ${aggregate}${tail}) | sort by Id asc | project Id, c`
    expect(await asker.ask(query(''))).toEqual(expected)
    expect(await asker.ask(query(', other = max(1)'))).toEqual(expected)
  })

  test('counts in lists of lists', async () => {
    const query = `Events | mv-apply e = List on (mv-expand f = e.m | summarize c = countif(tolong(f) >= 2), n = count())
      | sort by Id asc | project c, n`
    expect(await asker.ask(query)).toEqual([
      [2, 3],
      [0, 1],
      [0, 1],
      [0, 1],
    ])
  })

  test('replaces a column of its name, and keeps the others and their records', async () => {
    const query = 'Events | where Id == 1 | mv-apply e = List on (summarize Id = count()) | project Id, List'
    const [row] = await asker.trace(query)
    expect(row).toEqual([
      2,
      [
        { n: 'a', m: [1, 2] },
        { n: 'b', m: [3] },
      ],
      [['e1', 1, 0]],
      1,
    ])
  })
})
