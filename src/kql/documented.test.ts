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
      'declare pattern app = (id: string)[event: string] { ("x").["stop"] = { print a = 1 }; ("x").["start"] = { print a = 2 }; }; union (app("x").start | extend p = "start"), (app("x").["stop"] | extend p = "stop") | sort by a',
      [
        [2, 'start'],
        [1, 'stop'],
      ],
    ],
  ],
  union: [
    [
      'numbers the split column where another has its name',
      'union (print x = 1), (print x = "s"), (print x_long = 3) | project x_long, x_long1, x_string | sort by x_string, x_long1',
      [
        [null, null, 's'],
        [null, 1, ''],
        [3, null, ''],
      ],
    ],
  ],
  'a path into a dynamic': [
    [
      'compared with a literal is compared as the literal’s type',
      'print d = dynamic({"s": "5", "n": 5, "r": 1.5, "b": true, "t": "2024-01-01", "x": {"y": ["a"]}}) | project d.s == "5", d.n == 5, d.n > 4, d.r == 1.5, d.b == true, d.x.y[0] == "a", d["s"] has "5", d.n != 5, todatetime(d.t) == datetime(2024-01-01)',
      [[true, true, true, true, true, true, true, false, true]],
    ],
    [
      'that leads nowhere equals nothing, and differs from everything',
      'print d = parse_json("{\\"a\\": {}}") | project d.a.b == "x", d.a.b != "x", isnull(d.a.b), isempty(tostring(d.a.b)), d.a[0] == 1',
      [[false, true, true, true, false]],
    ],
    [
      'filters rows',
      'datatable(d: dynamic)[dynamic({"who": {"name": "ann"}}), dynamic({"who": "bob"}), dynamic(null)] | where d.who.name == "ann" or d.who == "bob" | project name = tostring(d.who)',
      [['{"name":"ann"}'], ['bob']],
    ],
    [
      'keeps the point of a whole real, however deep it lies',
      'print d = dynamic({"a": {"b": 1.0, "c": [2.0, {"e": 3.50}]}}) | project tostring(d.a.b), tostring(d.a), tostring(d.a.c), tostring(d.a.c[1].e), tostring(parse_json(\'{"x": {"y": 1.0}}\').x)',
      [['1.0', '{"b":1.0,"c":[2.0,{"e":3.5}]}', '[2.0,{"e":3.5}]', '3.5', '{"y":1.0}']],
    ],
  ],
  'column_ifexists()': [
    [
      'is the column where there is one, and else the value',
      'print a = 1 | project x = column_ifexists("a", 0), y = column_ifexists("b", "none"), z = columnifexists("c", 2)',
      [[1, 'none', 2]],
    ],
    [
      'knows the columns of the operator before',
      'print a = 1 | extend b = 2 | project-away a | project x = column_ifexists("a", -1), y = column_ifexists("b", -1)',
      [[-1, 2]],
    ],
  ],
  'makeset() and makelist()': [
    [
      'are make_set() and make_list() of an older day, of at most so many values',
      'range x from 1 to 5 step 1 | summarize s = makeset(x % 2), l = makelist(x), few = makelist(x, 2) | project array_sort_asc(s), l, few',
      [
        [
          [0, 1],
          [1, 2, 3, 4, 5],
          [1, 2],
        ],
      ],
    ],
    [
      'have names of their own',
      'print x = 1 | summarize makeset(x), makelist(x) | getschema | project ColumnName',
      [['set_x'], ['list_x']],
    ],
  ],
  'replace() and its kin': [
    [
      'replace() takes a pattern with groups, replace_string() a text, replace_strings() several',
      'print a = replace("(\\\\d)(\\\\d)", "\\\\2\\\\1", "12-34"), b = replace_string("a.b.c", ".", "-"), c = replace_strings("abc", dynamic(["a", "c"]), dynamic(["1", "3"])), d = replace_regex("Hello", "l+", "L")',
      [['21-43', 'a-b-c', '1b3', 'HeLo']],
    ],
  ],
  'translate()': [
    [
      'replaces letter by letter, the last one standing for those that follow',
      'print translate("krasp", "otsku", "spark"), translate("abc", "ab", "cba"), translate("abc", "x", "abc"), translate("abc", "", "ab")',
      [['kusto', 'bba', 'xxx', '']],
    ],
  ],
  pivot: [
    [
      'makes a column of each value, of counts or of an aggregate',
      'datatable(who: string, what: string, n: long)["ann", "in", 2, "ann", "out", 3, "bob", "in", 4] | evaluate pivot(what, sum(n), who) | sort by who asc',
      [
        ['ann', 2, 3],
        ['bob', 4, 0],
      ],
    ],
    [
      'counts where it is told nothing else',
      'datatable(who: string, what: string)["ann", "in", "ann", "in", "bob", "out"] | evaluate pivot(what) | sort by who asc',
      [
        ['ann', 2, 0],
        ['bob', 0, 1],
      ],
    ],
  ],
  'orders of many rows': [
    [
      'hold over more than 100,000',
      'range x from 1 to 150000 step 1 | extend k = (x * 7919) % 150001 | sort by k desc | extend n = row_number() | where n in (1, 2, 149999, 150000) | project n, k',
      [
        [1, 150000],
        [2, 149999],
        [149999, 2],
        [150000, 1],
      ],
    ],
    [
      'hold for sums so far, neighbours and the top',
      'range x from 1 to 120000 step 1 | sort by x desc | extend before = prev(x), total = row_cumsum(1) | where total == 110001 or total == 1 | project x, before, total',
      [
        [120000, null, 1],
        [9999 + 1, 10001, 110001],
      ],
    ],
    [
      'put nulls first or last as Kusto does',
      'range x from 1 to 100001 step 1 | extend v = iff(x == 50000, long(null), x) | sort by v asc | take 2 | union (range x from 1 to 100001 step 1 | extend v = iff(x == 50000, long(null), x) | sort by v desc nulls first | take 1) | project v | sort by v asc',
      [[null], [null], [1]],
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
    [
      'a member',
      'range i from 1 to 1 step 1 | extend k = pack_array("a") | project pack("a", i)[k[0]]',
      /tostring/,
    ],
  ])('%s', async (_what, query, message) => {
    await expect(asker.ask(query)).rejects.toThrow(message)
  })
})
