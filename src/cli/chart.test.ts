import { describe, expect, test } from 'vitest'
import { memorySink, memoryTerminal } from '../../test/memory-terminal.ts'
import { chartText } from './chart.ts'
import { displayWidth } from './display-width.ts'
import { writeChart } from './output-chart.ts'

const none = { properties: {} }
const time = (hour: number) => `2026-03-01T0${hour}:00:00.0000000Z`
const bars = [
  { name: 'x', type: 'string' },
  { name: 'n', type: 'long' },
] as const
const lines = [
  { name: 'n', type: 'long' },
  { name: 'at', type: 'datetime' },
  { name: 'who', type: 'string' },
] as const

describe('a chart', () => {
  test('of bars has one scale', () => {
    const rows = [
      ['a', 8],
      ['bb', 4],
      ['c', 0],
      ['d', '3'],
    ]
    expect(chartText(memorySink({ columns: 20 }), { ...none, chart: 'barchart' }, bars, rows)).toBe(
      'a   █████████████  8\nbb  ██████▌        4\nc                  0\nd   ████▉          3\n',
    )
    expect(
      chartText(memorySink({ columns: 20 }), { ...none, chart: 'columnchart' }, bars, [
        ['a', 2],
        ['b', -2],
      ]),
    ).toBe('a         ██████▌  2\nb  ███████        -2\n')
  })

  test('of a pie has shares', () => {
    const text = chartText(memorySink({ columns: 40 }), { ...none, chart: 'piechart' }, bars, [
      ['a', 3],
      ['b', 1],
    ])
    expect(text).toMatch(/^a .*█ +3 +75\.0%\nb .*█▋ +1 +25\.0%\n$/)
  })

  test('of one series has dots between the values, and the ends of both axes', () => {
    const rows = [
      [0, time(1), 'a'],
      [40, time(5), 'a'],
    ]
    const text = chartText(memorySink({ columns: 40 }), { ...none, chart: 'timechart' }, lines, rows) ?? ''
    const drawn = text.trimEnd().split('\n')
    expect(drawn).toHaveLength(12)
    expect(drawn[0]).toMatch(/^40 │ +[\u2801-\u28ff]+$/u)
    expect(drawn[9]).toMatch(/^ 0 │[\u2801-\u28ff]+$/u)
    expect(drawn[11]).toMatch(/2026-03-01 01:00 +2026-03-01 05:00$/)
    expect(text.match(/[\u2801-\u28ff]/gu)?.length).toBeGreaterThan(30)
    const scattered = chartText(memorySink({ columns: 40 }), { ...none, chart: 'scatterchart' }, lines, rows)
    expect(scattered?.match(/[\u2801-\u28ff]/gu)).toHaveLength(2)
  })

  test('of several series has a line for each, and says what a block is', () => {
    const rows = [
      [1, time(1), 'a'],
      [7, time(5), 'a'],
      [3, time(5), 'b'],
      [null, time(2), 'b'],
      ['NaN', time(3), 'b'],
    ]
    const text = chartText(memorySink({ columns: 60 }), { ...none, chart: 'linechart' }, lines, rows) ?? ''
    expect(text).toMatch(/^a │▂ +█ max 7\nb │ +▄ max 3\n/)
    expect(text).toMatch(/\nfrom 0 to 7; each block shows the highest of its values\n$/)
  })

  test('takes the columns that the query names', () => {
    const properties = { title: ['two\u001b[2J'], xcolumn: ['who'], ycolumns: ['n'], series: ['at'] }
    const text = chartText(memorySink({ columns: 60 }), { chart: 'barchart', properties }, lines, [
      [5, time(1), 'kim'],
    ])
    expect(text).toMatch(/^two␛\[2J\nkim · 2026-03-01T01… +█+ +5\n$/)
  })

  test('is never wider than the terminal, nor obeys what a log says', () => {
    const hostile = `\u001b[31m${'東京\u202e'.repeat(50)}\n`
    for (const chart of ['barchart', 'piechart', 'timechart', 'areachart', 'scatterchart']) {
      const rows = Array.from({ length: 200 }, (_none, index) => [
        index * 1e12,
        time(index % 9),
        `${hostile}${index % 30}`,
      ])
      const sink = memorySink({ columns: 60 })
      const text = chartText(sink, { ...none, chart }, lines, rows) ?? ''
      expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(60)
      expect(text).not.toContain('\u001b')
      expect(text).not.toContain('\u202e')
      expect(text).toContain('… and ')
    }
  })

  test('is a table where there is nothing to draw, or too much', async () => {
    const drawn = async (
      chart: string | undefined,
      rows: readonly (readonly (string | number | null)[])[],
    ) => {
      const terminal = memoryTerminal({ columns: 60 })
      const stream = (async function* () {
        yield* rows
        await Promise.resolve()
      })()
      const columns = bars.map((column) => ({ ...column }))
      const count = await writeChart(terminal, {
        columns,
        rows: stream,
        ...(chart !== undefined && { chart: { ...none, chart } }),
      })
      return { count, out: terminal.out.text(), err: terminal.err.text() }
    }
    expect(await drawn('barchart', [])).toMatchObject({ count: 0, out: 'x  n\n' })
    expect(await drawn('ladderchart', [['a', 1]])).toMatchObject({ count: 1, out: 'x  n\na  1\n' })
    expect(await drawn(undefined, [['a', 1]])).toMatchObject({ count: 1, out: 'x  n\na  1\n' })
    expect(await drawn('card', [['a', 1]])).toMatchObject({ count: 1, out: 'a x\n1 n\n' })
    const many = Array.from({ length: 20_002 }, (_none, index) => ['a', index])
    const { count, out, err } = await drawn('barchart', many)
    expect(count).toBe(20_002)
    expect(out.split('\n')).toHaveLength(20_004)
    expect(err).toBe('more than 20000 rows are not drawn: summarize them\n')
  })
})
