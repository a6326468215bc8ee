import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import type { Cell } from './cells.ts'
import { plugins } from './plugins.ts'

let asker: Asker

beforeAll(async () => {
  asker = await openAsker({ tables: [] })
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

/** The rows of a query, or what it was refused for: before it ran, or by the engine. */
async function rows(query: string): Promise<readonly (readonly Cell[])[] | string> {
  try {
    return await asker.ask(query)
  } catch (error) {
    return String(error)
  }
}

test.each(plugins.map(({ name, example }) => [name, example] as const))(
  'the plugin %s does what its example says',
  async (_name, example) => {
    expect(await rows(example.query)).toEqual(example.rows)
  },
)

const visits =
  'datatable(t: datetime, v: long, g: string)[datetime(2020-01-01 05:00), 1, "a", datetime(2020-01-03 05:00), 2, "a", datetime(2020-01-02 05:00), 3, "b", datetime(null), 9, "c"]'

describe('make-series', () => {
  test('without bounds begins and ends with the data of each group; rows without a time are left out', async () => {
    expect(
      await rows(`${visits} | make-series s = sum(v) on t step 1d by g | project g, s, array_length(t)`),
    ).toEqual([
      ['a', [1, 0, 2], 3],
      ['b', [3], 1],
    ])
  })

  test('gives nothing for no rows, and with nonempty the default', async () => {
    const range = 'on t from datetime(2020-01-01) to datetime(2020-01-03) step 1d'
    expect(await rows(`${visits} | take 0 | make-series count() ${range}`)).toEqual([])
    expect(
      await rows(
        `${visits} | take 0 | make-series kind=nonempty c = count() default = long(null) ${range} | project c`,
      ),
    ).toEqual([[[null, null]]])
  })

  test('with in range(…) includes the end and counts bins from zero', async () => {
    expect(
      await rows('datatable(t: long)[5, 9, 10] | make-series c = count() on t in range(5, 10, 5)'),
    ).toEqual([
      [
        [2, 1],
        [5, 10],
      ],
    ])
  })

  test.each(['step 0d', 'step -1d'])('stops at a %s', async (step) => {
    expect(
      await rows(
        `${visits} | make-series count() on t from datetime(2020-01-01) to datetime(2020-01-03) ${step}`,
      ),
    ).toEqual(expect.any(String))
  })

  test('stops at a series that is too long', async () => {
    expect(await rows('print t = 1 | make-series count() on t from 0 to 300000000 step 1')).toContain(
      '1048576',
    )
  })
})

describe('series', () => {
  test.each([
    ['series_add(dynamic([1, null, "a", 4]), 1)', [2, null, null, 5]],
    ['series_add(dynamic([1, 2]), dynamic([1]))', [2, null]],
    ['series_add(dynamic([9007199254740993]), 1)', ['9007199254740994']],
    ['series_divide(dynamic([1, 0]), dynamic([0, 0]))', ['Infinity', 'NaN']],
    ['series_multiply(dynamic(null), 2)', null],
    ['series_subtract(dynamic([]), dynamic([]))', []],
    ['series_less(dynamic([1, null]), 2)', [true, null]],
    [
      'series_fill_linear(dynamic([null, 111, null, 36, 41, null, null, 16, null]))',
      [111, 111, 73, 36, 41, 32, 24, 16, 16],
    ],
    ['series_fill_linear(dynamic([null, 1.0, null, 2.0]), double(null), false)', [null, 1, 1.5, 2]],
    ['series_fill_linear(dynamic([null, null]), double(null), true, 3.5)', [3.5, 3.5]],
    ['series_fill_const(dynamic([-1, null, 2]), 0, -1)', [0, null, 2]],
    ['series_iir(dynamic([1, 1, 1]), dynamic([1]), dynamic([1, -0.5]))', [1, 1.5, 1.75]],
    ['series_iir(dynamic([1, 0, 0, 0]), dynamic([1]), dynamic([2, 1, 1]))', [0.5, -0.25, -0.125, 0.1875]],
    ['series_fir(dynamic([0, 0, 5, 0, 0]), dynamic([1, 1, 1]), false, true)', [0, 5, 5, 5, 0]],
    ['series_fir(dynamic([3, 6]), dynamic([1, 1]))', [1.5, 4.5]],
    ['toreal(series_stats(dynamic([1, null])))', null],
    ['toreal(series_stats(dynamic([2, null]), true))', 2],
    ['series_pearson_correlation(dynamic([1, 2]), dynamic([1]))', null],
    ['series_dot_product(dynamic([]), dynamic([]))', null],
    ['series_magnitude(parse_json("no series"))', null],
  ])('%s', async (expression, value) => {
    expect(await rows(`print ${expression}`)).toEqual([[value]])
  })

  test('several columns come of one call', async () => {
    const line = 'print y = dynamic([2, 5, 6, 8, 11, 15, 17, 18, 25, 26, 30, 30])'
    expect(
      await rows(`${line} | extend (r, slope) = series_fit_line(y) | project round(r, 3), round(slope, 3)`),
    ).toEqual([[0.983, 2.731]])
    expect(
      await rows(`${line} | project series_fit_line(y) | project round(series_fit_line_y_variance, 3)`),
    ).toEqual([[98.629]])
    expect(await rows(`${line} | extend fit = series_fit_line(y) | project round(fit, 3)`)).toEqual([[0.983]])
  })

  test.each(['series_fit_line(y)', 'series_iir(y, dynamic([1]), dynamic([1, -1]))', 'series_seasonal(y, 2)'])(
    'gaps stop %s rather than being guessed at',
    async (call) => {
      expect(await rows(`print y = dynamic([1, null, 3]) | extend ${call}`)).toContain('missing values')
    },
  )
})

describe('plugins', () => {
  const networks = 'datatable(n: string, x: long)["10.0.0.0/8", 1, "none", 2, "0.0.0.0/0", 3, "10.1.2.3", 4]'

  test('an address is found in every network that holds it, also where it is a constant', async () => {
    expect(
      await rows(
        `let N = ${networks}; print a = "10.1.2.3" | evaluate ipv4_lookup(N, a, n) | project x | sort by x asc`,
      ),
    ).toEqual([[1], [3], [4]])
  })

  test('what is no address matches nothing', async () => {
    expect(
      await rows(
        `let N = ${networks}; datatable(a: string)["", "x", "10.1.2.3:80"] | evaluate ipv4_lookup(N, a, n)`,
      ),
    ).toEqual([])
  })

  test('a pivot whose empty cells are not known stops', async () => {
    const cells = 'datatable(k: string, c: string, v: long)["a", "x", 1, "b", "y", 2]'
    expect(await rows(`${cells} | evaluate pivot(c, sum(v), k)`)).toEqual([
      ['a', 1, 0],
      ['b', 0, 2],
    ])
    expect(await rows(`${cells} | evaluate pivot(c, max(v), k)`)).toEqual([
      ['a', 1, null],
      ['b', null, 2],
    ])
    expect(await rows(`${cells} | evaluate pivot(c, avg(v), k)`)).toContain('empty cell')
  })
})
