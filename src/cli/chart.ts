import type { Chart } from '../kql/operators/render.ts'
import { barsText } from './chart-bars.ts'
import { linesText } from './chart-lines.ts'
import { displayWidth, fitWidth } from './display-width.ts'
import { cellText } from './json-cell.ts'
import type { OutputColumn } from './output.ts'
import type { Sink } from './terminal.ts'
import { visible } from './visible.ts'

/** One value of a chart: where it stands along the x axis, whose it is, and how much. */
export type ChartPoint = {
  /** A place on a scale; undefined where the axis has names only. */
  readonly at: number | undefined
  readonly label: string
  readonly series: string
  readonly value: number
}

export type ChartData = {
  readonly title: string
  readonly axis: 'time' | 'number' | 'name'
  readonly points: readonly ChartPoint[]
}

const lineCharts = new Set([
  'timechart',
  'linechart',
  'areachart',
  'stackedareachart',
  'scatterchart',
  'anomalychart',
])
const barCharts = new Set(['barchart', 'columnchart', 'piechart'])
const numeric = new Set(['int', 'long', 'real', 'decimal'])
const mostWidth = 120
const unknownWidth = 80

/** More rows than this are not drawn: a table shows them as they come. */
export const mostChartRows = 20_000

/** Whether there is a drawing for this chart over these columns. */
export function isDrawable({ chart }: Chart, columns: readonly OutputColumn[]): boolean {
  if (chart === 'card') return columns.length > 0
  return (lineCharts.has(chart) || barCharts.has(chart)) && columns.some(({ type }) => numeric.has(type))
}

/** Rows drawn as text, no wider than the terminal. Nothing where they hold no value that could be drawn. */
export function chartText(
  sink: Sink,
  request: Chart,
  columns: readonly OutputColumn[],
  rows: readonly (readonly unknown[])[],
): string | undefined {
  const width = Math.min(Number.isFinite(sink.columns) ? sink.columns : unknownWidth, mostWidth)
  if (request.chart === 'card') return cardText(sink, columns, rows[0], width)
  const data = chartData(request, columns, rows)
  if (data.points.length === 0) return undefined
  const drawn =
    lineCharts.has(request.chart) && data.axis !== 'name'
      ? linesText(sink, data, width, request.chart === 'scatterchart')
      : barsText(sink, data, width, request.chart === 'piechart')
  return data.title === '' ? drawn : `${sink.paint('bold', fitWidth(data.title, width))}\n${drawn}`
}

/** By Kusto's rules unless the query says otherwise: x is the first time, else the first column; texts name series. */
function chartData(
  { chart, properties }: Chart,
  columns: readonly OutputColumn[],
  rows: readonly (readonly unknown[])[],
): ChartData {
  const index = (name: string): number => columns.findIndex((column) => column.name === name)
  const all = columns.map((_column, place) => place)
  const named = (property: string): readonly number[] =>
    (properties[property] ?? []).map(index).filter((place) => place !== -1)
  const firstTime = lineCharts.has(chart) ? columns.findIndex(({ type }) => type === 'datetime') : -1
  const x = named('xcolumn')[0] ?? Math.max(firstTime, 0)
  const isOther = (place: number): boolean => place !== x
  const given = named('ycolumns')
  const values = given.length > 0 ? given : all.filter((place) => isOther(place) && isNumber(columns[place]))
  // A single column of numbers has no other axis than the order of its rows.
  const measures = values.length > 0 ? values : all.filter((place) => isNumber(columns[place]))
  const isText = (place: number): boolean => columns[place]?.type === 'string'
  const givenSeries = named('series')
  const names = givenSeries.length > 0 ? givenSeries : all.filter((place) => isOther(place) && isText(place))
  const axis = columns[x]?.type === 'datetime' ? 'time' : isNumber(columns[x]) ? 'number' : 'name'
  const points = rows.flatMap((row) =>
    measures.flatMap((place): ChartPoint[] => {
      const value = numberOf(row[place])
      const at =
        axis === 'time' ? Date.parse(cellText(row[x])) : axis === 'number' ? numberOf(row[x]) : undefined
      if (value === undefined || (axis !== 'name' && !Number.isFinite(at))) return []
      const parts = names.map((name) => cellText(row[name]))
      if (measures.length > 1) parts.push(columns[place]?.name ?? '')
      return [{ at, label: visible(cellText(row[x])), series: visible(parts.join(', ')), value }]
    }),
  )
  return { title: visible(properties['title']?.[0] ?? ''), axis, points }
}

function cardText(
  sink: Sink,
  columns: readonly OutputColumn[],
  row: readonly unknown[] | undefined,
  width: number,
): string | undefined {
  if (row === undefined) return undefined
  const lines = columns.map(({ name }, index) => {
    const value = fitWidth(visible(cellText(row[index])), width)
    const rest = fitWidth(visible(name), width - displayWidth(value) - 1)
    return `${sink.paint('bold', value)} ${sink.paint('dim', rest)}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

function isNumber(column: OutputColumn | undefined): boolean {
  return column !== undefined && numeric.has(column.type)
}

/** Long integers and decimals come as text. */
function numberOf(cell: unknown): number | undefined {
  const value = typeof cell === 'number' ? cell : typeof cell === 'string' && cell !== '' ? Number(cell) : NaN
  return Number.isFinite(value) ? value : undefined
}
