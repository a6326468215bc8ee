import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../../test/ask.ts'
import { sql } from '../../sql/template.ts'
import type { Schema } from '../schema.ts'

const schema: Schema = {
  tables: [
    {
      name: 'Visits',
      database: 'logs',
      source: 'VisitRows',
      columns: [
        { name: 'Day', type: 'long' },
        { name: 'Caller', type: 'string' },
        { name: '_EvidenceId', type: 'string', hidden: true },
        { name: '_EvidenceRecord', type: 'long', hidden: true },
      ],
    },
  ],
}

let asker: Asker

beforeAll(async () => {
  asker = await openAsker(schema)
  await asker.command(sql`CREATE TABLE logs.VisitRows (Day Int64, Caller String, _EvidenceId String, _EvidenceRecord UInt64)
    ENGINE = MergeTree ORDER BY Day`)
  await asker.command(
    sql`INSERT INTO logs.VisitRows VALUES (1, 'ann', 'e1', 4), (2, 'Bob', 'e1', 5), (3, 'ann', 'e2', 1)`,
  )
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const events = `datatable(at: long, event: string)[
  0, "open", 1, "read", 2, "open", 3, "read", 4, "close", 5, "read", 6, "close"] | sort by at asc`

const cases: readonly (readonly [string, string, readonly (readonly unknown[])[]])[] = [
  [
    'a sequence moves from step to step, and the first step may begin another',
    `${events} | scan with_match_id=id with (
      step a: event == "open";
      step b: event == "read" and at - a.at <= 2;
      step c: event == "close";) | project at, id`,
    [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 1],
      [6, 1],
    ],
  ],
  [
    'steps without output still move the sequence',
    `${events} | scan declare (since: long) with (
      step a output=none: event == "open";
      step b: event == "close" => since = at - a.at;) | project at, since`,
    [
      [4, 2],
      [6, 4],
    ],
  ],
  [
    'one row may match several steps, the last one first',
    `range x from 1 to 2 step 1 | scan with_match_id=id with (step a: true; step b: a.x < x;)`,
    [
      [1, 0],
      [2, 0],
      [2, 1],
    ],
  ],
  [
    'declared columns that a step does not set have their first value',
    'range x from 1 to 2 step 1 | scan declare (n: long = 7, s: string) with (step a: x == 1 => n = 1, s = "a"; step b: true => n = a.n + n;)',
    [
      [1, 1, 'a'],
      [2, 8, ''],
    ],
  ],
  [
    'a total begins anew when it is large',
    'range x from 1 to 5 step 1 | scan declare (n: long = 0) with (step a: true => n = iff(a.n >= 10, x, x + a.n);)',
    [
      [1, 1],
      [2, 3],
      [3, 6],
      [4, 10],
      [5, 5],
    ],
  ],
  [
    'null conditions are not met',
    'datatable(x: long)[1, long(null), 3] | serialize | scan with (step a: x > 0;)',
    [[1], [3]],
  ],
  [
    'state goes on across portions of rows',
    'range x from 1 to 1000 step 1 | scan declare (n: long = 0) with (step a: true => n = a.n + x;) | summarize count(), max(n)',
    [[1000, 500_500]],
  ],
  [
    'each part of a partition has a state of its own',
    'range x from 1 to 6 step 1 | extend k = x % 2 | partition by k (sort by x asc | scan with_match_id=id declare (n: long = 0) with (step a: true => n = a.n + 1;)) | sort by x asc | project x, n, id',
    [
      [1, 1, 0],
      [2, 1, 0],
      [3, 2, 0],
      [4, 2, 0],
      [5, 3, 0],
      [6, 3, 0],
    ],
  ],
  [
    'its rows are in order, and have no column that was not asked for',
    'let T = range x from 1 to 2 step 1 | scan with (step a: true;); T | extend p = prev(x) | join T on x | project-away p',
    [
      [1, 1],
      [2, 2],
    ],
  ],
  ['no rows give none', 'datatable(x: long)[] | serialize | scan with (step a: true;)', []],
]

test.each(cases)('%s', async (_name, query, rows) => {
  expect(await asker.ask(query)).toEqual(rows)
})

describe('what cannot be known is refused', () => {
  const range = 'range x from 1 to 3 step 1 | scan'
  test.each([
    [`${range} with (step a output=last: true;)`, 'output=last'],
    [`${range} declare (n: int = 0) with (step a: true => n = a.n + 1;)`, 'bad-argument'],
    [`${range} with (step a: true => x = 1;)`, 'bad-argument'],
    [`${range} declare (x: long) with (step a: true;)`, 'bad-argument'],
    [`${range} with (step a: b.x > 1; step b: true;)`, ''],
    [`${range} with (step a: true; step a: true;)`, 'bad-argument'],
    [`${range} declare (n: long, m: long) with (step a: true => n = 1, m = n;)`, 'unsupported-syntax'],
    [`${range} with (step a: prev(x) > 1;)`, ''],
    ['datatable(x: long)[1] | scan with (step a: true;)', 'order'],
    [`${range} with (step a: true;) | project match_id`, 'match_id'],
  ])('%s', async (query, reason) => {
    await expect(asker.ask(query)).rejects.toThrow(reason)
  })
})

test('a row names its own record', async () => {
  const query =
    'Visits | sort by Day asc | scan declare (n: long = 0) with (step a: Caller == "ann" => n = a.n + 1;)'
  expect(await asker.trace(query)).toEqual([
    [1, 'ann', 1, [['e1', 4, 0]], 1],
    [3, 'ann', 2, [['e2', 1, 0]], 1],
  ])
})
