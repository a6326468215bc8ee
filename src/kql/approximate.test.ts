import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { createCompiler } from './compile.ts'

const compiler = await createCompiler({ tables: [] })
let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

async function warnings(query: string): Promise<readonly string[]> {
  const { diagnostics } = await compiler.compile(query, { discover: () => Promise.resolve([]) })
  return diagnostics.map(({ code, severity }) => `${severity} ${code}`)
}

describe('what may differ from Kusto in a known way', () => {
  test.each([
    ['a period that is not given', 'print s = series_decompose_forecast(dynamic([1, 2, 1, 2]), 1)'],
    ['scores of anomalies', 'print y = dynamic([1, 2, 1, 2]) | extend series_decompose_anomalies(y, 1.5, 2)'],
    ['scores of outliers', 'print s = series_outliers(dynamic([1, 2, 1, 2]))'],
  ])('comes with one warning: %s', async (_what, query) => {
    expect(await warnings(query)).toEqual(['warning approximate'])
  })

  test('has none where all is given', async () => {
    expect(await warnings('print s = series_decompose_forecast(dynamic([1, 2, 1, 2]), 1, 2)')).toEqual([])
  })
})

describe('the period that a series tells', () => {
  const wave = 'range x from 1 to 96 step 1 | extend y = 5 * sin(x * 2 * pi() / 12) + x * 0.5'

  test('is where its autocorrelation peaks, whatever its slope', async () => {
    const query = `${wave} | summarize y = make_list(y) | project s = series_seasonal(y) | project same = round(todouble(s[0]), 9) == round(todouble(s[12]), 9), other = todouble(s[0]) == todouble(s[6])`
    expect(await asker.ask(query)).toEqual([[true, false]])
  })

  test('is none where no peak is high enough', async () => {
    const query =
      'print s = series_seasonal(dynamic([1, 9, 4, 7, 2, 8, 3, 6, 5, 2, 9, 1, 7, 3, 8, 8])) | project distinct = array_length(set_union(s, s))'
    expect(await asker.ask(query)).toEqual([[1]])
  })

  test('must be given for a very long series', async () => {
    const query = 'range x from 1 to 5001 step 1 | summarize y = make_list(x) | project series_seasonal(y)'
    await expect(asker.ask(query)).rejects.toThrow(/needs the period/)
  })

  test('finds the one element that does not fit', async () => {
    const query = `${wave} | extend y = y + iff(x == 50, 40, 0) | summarize y = make_list(y) | extend (flag, score, base) = series_decompose_anomalies(y, 1.5, -1, 'linefit') | mv-expand at = range(1, 96, 1) to typeof(long), flag to typeof(long) | where flag != 0 | project at, flag`
    expect(await asker.ask(query)).toEqual([[50, 1]])
  })
})

describe('outliers', () => {
  test('have no score where they are missing or told to be ignored', async () => {
    const query = 'print series_outliers(dynamic([0, 1, null, 2, 3, 4, -20, 99]), "tukey", 99)'
    expect(await asker.ask(query)).toEqual([[[-0.1, 0, 0, 0, 0.1, 0.5, -8.1, 0]]])
  })

  test('are infinitely far where most values are one', async () => {
    const query = 'print series_outliers(dynamic([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6]))'
    expect(await asker.ask(query)).toEqual([[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'Infinity']]])
  })
})

describe('patterns', () => {
  test('are all that are frequent, none that says less about the same rows', async () => {
    const query =
      'range x from 1 to 1000 step 1 | project a = tostring(x % 2), b = x % 4, c = iff(x % 10 == 0, "", "k") | evaluate basket(0.4)'
    expect(await asker.ask(query)).toEqual([
      [0, 900, 90, '', null, 'k'],
      [1, 500, 50, '0', null, ''],
      [2, 500, 50, '1', null, 'k'],
      [3, 400, 40, '0', null, 'k'],
    ])
  })

  test('count what a column says, and name any value as they are told', async () => {
    const query =
      'datatable(a: string, n: long, t: datetime)["x", 3, datetime(2020-01-01), "x", 4, datetime(2020-01-02), "y", 3, datetime(2020-01-03)] | evaluate basket(0.5, n, ~, "*", datetime(1900-01-01)) | project Count, Percent, a, t'
    expect(await asker.ask(query.replace('~', '"~"'))).toEqual([[7, 70, 'x', '1900-01-01T00:00:00.0000000Z']])
  })

  test('of two kinds of rows are those whose share differs', async () => {
    const query =
      'range x from 1 to 100 step 1 | project side = iff(x <= 40, "A", "B"), place = iff(x % 4 == 0, "n", "s"), user = iff(x <= 30, "eve", "bob") | evaluate diffpatterns(side, "A", "B", "~", 0.6) | project CountA, CountB, PercentA, PercentB, PercentDiffAB, place, user'
    expect(await asker.ask(query)).toEqual([
      [10, 60, 25, 100, 75, '', 'bob'],
      [30, 0, 75, 0, 75, '', 'eve'],
    ])
  })

  test('of nothing are none', async () => {
    for (const name of ['basket()', 'autocluster()'])
      expect(await asker.ask(`datatable(a: string)[] | evaluate ${name}`)).toEqual([])
  })

  test('of very many columns are refused', async () => {
    const wide = `print ${Array.from({ length: 20 }, (_item, index) => `c${index} = 1`).join(', ')} | evaluate basket()`
    await expect(asker.ask(wide)).rejects.toThrow(/too-large/)
  })

  test.each(['basket()', 'autocluster()', 'sequence_detect(t, 1d, 1d, x = a == "x")'])(
    'come with one warning: %s',
    async (call) => {
      const query = `datatable(a: string, t: datetime)["x", datetime(2020-01-01)] | evaluate ${call}`
      expect(await warnings(query)).toEqual(['warning approximate'])
    },
  )
})

test('a sequence takes the latest row that had come as far, within its times', async () => {
  const query =
    'datatable(at: long, what: string, who: string)[1, "in", "x", 2, "in", "y", 4, "go", "x", 5, "out", "x", 9, "out", "y", 6, "out", "x", 30, "out", "x"] | extend t = datetime(2024-01-01) + at * 1m | evaluate sequence_detect(t, 5m, 10m, a = what == "in", b = what == "go", c = what == "out", who) | project who, Duration'
  expect(await asker.ask(query)).toEqual([
    ['x', '00:04:00'],
    ['x', '00:05:00'],
  ])
})

describe('user agents', () => {
  test.each([
    ['browser', 'Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko', 'Browser', 'IE', '11', '0'],
    [
      'browser',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.1.2.3 Safari/537.36 Edg/120.4.5',
      'Browser',
      'Edge',
      '120',
      '4',
    ],
    ['os', 'Mozilla/5.0 (Windows NT 6.3; x64)', 'OperatingSystem', 'Windows', '8', '1'],
    ['os', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)', 'OperatingSystem', 'iOS', '17', '5'],
    ['os', 'nobody \\"knows\\" me', 'OperatingSystem', 'Other', '', ''],
  ])('tell their %s: %s', async (what, agent, key, family, major, minor) => {
    const query = `print p = parse_user_agent("${agent}", "${what}").${key} | project p.Family, p.MajorVersion, p.MinorVersion`
    expect(await asker.ask(query)).toEqual([[family, major, minor]])
  })

  test('tell all that is asked for, in one bag', async () => {
    const query =
      'print b = parse_user_agent("Mozilla/5.0 (Linux; Android 14; SM-G998B) Chrome/125.0.1.2 Mobile Safari/537.36", dynamic(["device", "browser"])) | project bag_keys(b), b.Device'
    expect(await asker.ask(query)).toEqual([
      [['Browser', 'Device'], { Family: 'Samsung SM-G998B', Brand: 'Samsung', Model: 'SM-G998B' }],
    ])
  })
})
