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
    'no rows are counted under a constant key',
    'datatable(a: long)[] | summarize n = count() by c = strcmp("a", "b") | count',
    [[0]],
  ],
  [
    'no rows are counted under a computed constant key, whatever it went through',
    `let none = range x from 1 to 0 step 1 | extend d = dayofweek(unixtime_seconds_todatetime(-1));
     union (none | project d | distinct d), (none | project d | union (none | project d) | summarize count() by d | project d),
       (none | join kind=inner (none) on d | summarize by d)`,
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
