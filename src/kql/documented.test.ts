import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

/** What Kusto's documentation says of queries, in data of our own. */
const cases: Readonly<Record<string, readonly (readonly [says: string, query: string, rows: unknown])[]>> = {
  'row_window_session()': [
    [
      'begins a session where the row before is too far',
      'range x from 1 to 6 step 1 | extend t = datetime(2024-05-01) + x * 1m + iff(x > 3, 1h, 0m) | serialize s = row_window_session(t, 1d, 30m) | summarize count() by s',
      [
        ['2024-05-01T00:01:00.0000000Z', 3],
        ['2024-05-01T01:04:00.0000000Z', 3],
      ],
    ],
    [
      'begins a session where its first row is too far, a distance reached being too far',
      'range x from 0 to 5 step 1 | extend t = datetime(2024-05-01) + x * 10m | serialize s = row_window_session(t, 20m, 15m) | summarize count() by s | project-away s',
      [[2], [2], [2]],
    ],
    [
      'begins a session where the restart is true',
      'datatable(user: string, at: int)["a", 1, "a", 2, "b", 3] | extend t = datetime(2024-05-01) + at * 1m | serialize s = row_window_session(t, 1h, 1h, user != prev(user)) | project user, s',
      [
        ['a', '2024-05-01T00:01:00.0000000Z'],
        ['a', '2024-05-01T00:01:00.0000000Z'],
        ['b', '2024-05-01T00:03:00.0000000Z'],
      ],
    ],
  ],
  'bin_auto()': [
    [
      'bins by the size and the start that the query sets',
      'set query_bin_auto_size = 10; set query_bin_auto_at = 3; print a = 12 | extend b = bin_auto(a)',
      [[12, 3]],
    ],
    [
      'bins from zero without a start',
      'set query_bin_auto_size = 1h; print b = bin_auto(90m)',
      [['01:00:00']],
    ],
  ],
  'declare pattern': [
    [
      'gives the member whose values are those of the call',
      'declare pattern city = (code: string) { ("b") = { print name = "Bern" }; ("w") = { print name = "Wien" }; }; city("w")',
      [['Wien']],
    ],
    [
      'may take a path',
      'declare pattern app = (id: string)[event: string] { ("x").["stop"] = { print a = 1 }; ("x").["start"] = { print a = 2 }; }; union app("x").start, app("x").["stop"]',
      [[2], [1]],
    ],
  ],
  union: [
    [
      'numbers the split column where another has its name',
      'union (print x = 1), (print x = "s"), (print x_long = 3) | project x_long, x_long1, x_string',
      [
        [null, 1, ''],
        [null, null, 's'],
        [3, null, ''],
      ],
    ],
  ],
  'time zones from data': [
    [
      'are read row by row',
      'datatable(zone: string)["Asia/Tokyo", "America/New_York"] | project utc = datetime_local_to_utc(datetime(2024-07-01 12:00:00.5), zone)',
      [['2024-07-01T03:00:00.5000000Z'], ['2024-07-01T16:00:00.5000000Z']],
    ],
  ],
  'Punycode from data': [
    [
      'is written and read',
      'datatable(word: string)["bücher", "😀"] | extend code = punycode_from_string(word) | extend back = punycode_to_string(code)',
      [
        ['bücher', 'bcher-kva', 'bücher'],
        ['😀', 'e28h', '😀'],
      ],
    ],
    [
      'is read in the labels of a domain',
      'datatable(name: string)["xn--bcher-kva.example"] | project punycode_domain_from_string(name)',
      [['bücher.example']],
    ],
  ],
}

for (const [subject, statements] of Object.entries(cases)) {
  describe(subject, () => {
    test.each(statements)('%s', async (_says, query, rows) => {
      expect(await asker.ask(query)).toEqual(rows)
    })
  })
}

describe('what the rows show to be unknown stops the query', () => {
  test.each([
    [
      'a time zone',
      'print datetime_utc_to_local(datetime(2024-07-01), strcat("Mars/", "Base"))',
      /time zone/,
    ],
    ['Punycode', 'print punycode_to_string(strcat("a", "!!"))', /no Punycode/],
    ['ASCII text', 'print punycode_from_string(strcat("a", "b"))', /ASCII/],
  ])('%s', async (_what, query, message) => {
    await expect(asker.ask(query)).rejects.toThrow(message)
  })
})
