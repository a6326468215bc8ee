import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAsker, type Asker } from '../ask.ts'

/** Faults that random queries have found, each in its smallest form. */
let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const answers: readonly (readonly [string, string, readonly (readonly unknown[])[]])[] = [
  [
    'a rank counts changes, not different values',
    'datatable(a: long)[1, 2, 1, 1] | serialize r = row_rank_dense(a)',
    [
      [1, 1],
      [2, 2],
      [1, 3],
      [1, 3],
    ],
  ],
  [
    'a rank begins anew with its part',
    'datatable(a: long, b: bool)[1, false, 1, false, 1, true] | serialize r = row_rank_dense(a, b) | project r',
    [[1], [1], [1]],
  ],
  [
    'a literal number as a key is no position',
    'datatable(a: long)[7, 8] | summarize n = count() by c = 2',
    [[2, 2]],
  ],
  ['rows of one literal key are one row', 'datatable(a: long)[7, 8] | summarize by c = true', [[true]]],
  ['no rows have no literal key', 'datatable(a: long)[] | summarize n = count() by c = true', []],
  [
    'a null dynamic is not the empty text, literal or not',
    'print d = dynamic({}) | project d.a == "", d.a != "", dynamic(null) == "", "" != dynamic(null)',
    [[false, true, false, true]],
  ],
  [
    'the covariance of large numbers that lie close together is exact',
    'range x from 100000001 to 100000003 step 1 | summarize round(covariancep(x, x), 9)',
    [[0.666666667]],
  ],
  [
    'the covariance with an infinite number is no number',
    'datatable(x: long, y: real)[2019, real(-inf), 2021, 12.5] | summarize covariance(x, y), covariancep(y, x)',
    [['NaN', 'NaN']],
  ],
  [
    'a null dynamic lists nothing',
    'print x = dynamic(null) | project "" in (x), "" !in (x)',
    [[false, true]],
  ],
  [
    'the gaps in a series of reals are reals',
    `datatable(t: long, r: real)[0, 1.5, 4, 2.0] | make-series s = sum(r), z = sum(r) default = 7 on t from 0 to 6 step 2
     | project gettype(s[1]), gettype(s[2]), gettype(z[1])`,
    [['double', 'double', 'double']],
  ],
  [
    'whole reals stay reals wherever they go',
    `print a = dynamic([3.0, [1.0], {"x": 20.0}, "4.0, 5.0", 6])
     | extend b = array_concat(a, dynamic([7.00])), s = tostring(array_slice(a, 0, 2)), m = tostring(bag_merge(a[2], dynamic({"y": 1.0})))
     | mv-expand e = a | project s, m, tostring(array_reverse(b)[0]), tostring(e), gettype(e)`,
    [
      ['3.0', 'double'],
      ['[1.0]', 'array'],
      ['{"x":20.0}', 'dictionary'],
      ['4.0, 5.0', 'string'],
      ['6', 'long'],
    ].map((row) => ['[3.0,[1.0],{"x":20.0}]', '{"x":20.0,"y":1.0}', '7.0', ...row]),
  ],
  [
    'a number with an exponent is a real',
    `print tostring(parse_json('[1e3, 1.50E+1, "1e3 ", 2.00, true, -5e-1]')), tostring(parse_json('1e2')), gettype(parse_json('1e2'))`,
    [['[1000.0,15.0,"1e3 ",2.0,true,-0.5]', '100.0', 'double']],
  ],
  [
    'a text that looks like our mark of a real stays a text',
    `datatable(t: string)[@'["\u{E0A9}1.0", 2.0]', @'["\\uE0a91.0", 2.0]', @'["\\\\ue0a91.0"]'] | mv-expand e = parse_json(t) to typeof(string)
     | where e contains "1.0" | project e`,
    [['\u{E0A9}1.0'], ['\u{E0A9}1.0'], ['\\ue0a91.0']],
  ],
  [
    'a condition that is null takes the other branch inside an aggregate too',
    `datatable(x: long, y: long)[long(null), 7]
     | summarize sum(iff(x > 5, long(null), y)), max(iff(x > 5, long(null), y)), sum(iff(x > 5, 0, 1)), make_list(iff(x > 5, long(null), y))`,
    [[7, 7, 1, [7]]],
  ],
  [
    'a product wraps before the greatest is looked for',
    'datatable(x: long)[9223372036854775807, 3] | summarize max(x * 2), min(x * 2), max(x + 1), max(2.5 * x)',
    [[6, -2, 4, 2.5 * 2 ** 63]],
  ],
  [
    'no rows are counted under a constant key',
    'datatable(a: long)[] | summarize n = count() by c = strcmp("a", "b") | count',
    [[0]],
  ],
  [
    'no rows are counted under a computed constant key, whatever it went through',
    `let none = range x from 1 to 0 step 1 | extend d = dayofweek(unixtime_seconds_todatetime(-1));
     union (none | project d | distinct d), (none | project d | union (none | project d) | summarize count() by d | project d),
       (none | join kind=inner (none) on d | summarize by d), (none | summarize by d = x > long(null))`,
    [],
  ],
  [
    'rows of one constant key are counted once',
    'range a from 1 to 3 step 1 | summarize by c = 26 | count',
    [[1]],
  ],
  [
    'brackets take no name away',
    'let V = view () { print a = 1 }; union withsource=s (V), (V) | distinct s',
    [['V']],
  ],
  [
    'a remainder is a long, also beside rows that have none',
    'let U = datatable(v: long)[7]; U | summarize c = sum(v % 5) | union (print other = 1) | where isnull(c) | project other',
    [[1]],
  ],
]

test.each(answers)('%s', async (_name, query, rows) => {
  expect(await asker.ask(query)).toEqual(rows)
})

test('a group that a pattern does not have is refused', async () => {
  await expect(asker.ask('print extract("[0-9]+", 1, "12")')).rejects.toThrow(/no group 1/)
})

test('an inner union without a common column is refused', async () => {
  const query = 'union kind=inner (print a = 1), (print b = 1)'
  await expect(asker.ask(query)).rejects.toThrow(/no column in common/)
})

test.each([
  ['a remainder of which the engine keeps nothing', 'print x = real(1e30) | project x % 13.5', /2\^53/],
  ['an aggregation of nothing', 'range a from 1 to 2 step 1 | summarize 5', /nothing is aggregated/],
  ['bits of what Kusto has as a real', 'print binary_not(datetime_diff("week", now(), now()))', /of a real/],
  ['a member that a list names', 'print parse_json("[1]")[dynamic([0])]', /named by a text/],
  [
    'what the parser cannot name',
    "datatable(k: long)[1, | summarize\n['a']=countif([ long(null)] | summarize countif(v > 1)",
    /parser breaks down/,
  ],
  [
    'a union of two types that the binder takes for one',
    'print c = datetime_diff("week", now(), now()), s = "x" | parse s with "x" d:long | union (print b = 1)',
    /no place for the column c/,
  ],
])('%s is refused', async (_name, query, reason) => {
  await expect(asker.ask(query)).rejects.toThrow(reason)
})
