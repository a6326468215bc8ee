import { numberText } from './chart-bars.ts'
import type { ChartData, ChartPoint } from './chart.ts'
import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import type { Sink } from './terminal.ts'

const plotRows = 10
const mostSeries = 24
const longestName = 28
const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
/** The dots of a Braille cell, by row from the top and by column. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const

/** One series as a plot, several as a line of blocks each, all along one axis and on one scale. */
export function linesText(sink: Sink, data: ChartData, width: number, isScatter: boolean): string {
  const names = [...new Set(data.points.map(({ series }) => series))]
  return names.length === 1 ? plotText(sink, data, width, isScatter) : sparksText(sink, data, names, width)
}

function plotText(sink: Sink, { points, axis }: ChartData, width: number, isScatter: boolean): string {
  const { low, high } = rangeOf(points)
  const marks = [numberText(high), numberText(low)]
  const gutter = Math.max(...marks.map(displayWidth)) + 1
  const columns = Math.max(8, width - gutter - 1)
  const ordered = points.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
  const { start, end } = spanOf(ordered)
  const grid = Array.from({ length: plotRows }, () => new Uint8Array(columns))
  const placeOf = ({ at = 0, value }: ChartPoint): readonly [number, number] => [
    Math.round(((at - start) / (end - start || 1)) * (columns * 2 - 1)),
    Math.round(((high - value) / (high - low || 1)) * (plotRows * 4 - 1)),
  ]
  let before: readonly [number, number] | undefined
  for (const point of ordered) {
    const place = placeOf(point)
    for (const [x, y] of isScatter || before === undefined ? [place] : between(before, place)) {
      const row = grid[y >> 2]
      if (row !== undefined) row[x >> 1] = (row[x >> 1] ?? 0) | (dots[y & 3]?.[x & 1] ?? 0)
    }
    before = place
  }
  const lines = grid.map((row, index) => {
    const mark = index === 0 ? marks[0] : index === plotRows - 1 ? marks[1] : ''
    const cells = Array.from(row, (cell) => (cell === 0 ? ' ' : String.fromCodePoint(0x2800 + cell)))
    return `${padWidth(mark ?? '', gutter - 1, 'left')} ${sink.paint('dim', '│')}${sink.paint('cyan', cells.join('').trimEnd())}\n`
  })
  return lines.join('') + axisText(sink, ordered, axis, gutter, columns)
}

/** The dots of a straight line. */
function* between(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): Generator<readonly [number, number]> {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1)
  for (let step = 0; step <= steps; step += 1) {
    yield [x0 + Math.round(((x1 - x0) * step) / steps), y0 + Math.round(((y1 - y0) * step) / steps)]
  }
}

function sparksText(
  sink: Sink,
  { points, axis }: ChartData,
  names: readonly string[],
  width: number,
): string {
  const shown = names.slice(0, mostSeries)
  const { low, high } = rangeOf(points)
  const gutter = Math.min(Math.max(...shown.map(displayWidth)), longestName, Math.floor(width / 3)) + 1
  const tops = new Map(shown.map((name) => [name, numberText(topOf(points, name))]))
  const topWidth = Math.max(...Array.from(tops.values(), displayWidth))
  const columns = Math.max(8, width - gutter - topWidth - 8)
  const ordered = points.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
  const { start, end } = spanOf(ordered)
  const lines = shown.map((name) => {
    const highest = new Map<number, number>()
    for (const { at = 0, series, value } of ordered) {
      if (series !== name) continue
      const place = Math.min(columns - 1, Math.floor(((at - start) / (end - start || 1)) * columns))
      highest.set(place, Math.max(highest.get(place) ?? -Infinity, value))
    }
    const cells = Array.from({ length: columns }, (_none, place) => {
      const value = highest.get(place)
      if (value === undefined) return ' '
      return levels[Math.round(((value - low) / (high - low || 1)) * (levels.length - 1))] ?? ' '
    })
    const label = padWidth(fitWidth(name === '' ? '(empty)' : name, gutter - 1), gutter - 1, 'right')
    const top = sink.paint('dim', `max ${tops.get(name) ?? ''}`)
    return `${label} ${sink.paint('dim', '│')}${sink.paint('cyan', cells.join(''))} ${top}\n`
  })
  const rest = names.length - shown.length
  const more = rest > 0 ? `${sink.paint('dim', `… and ${rest} more series`)}\n` : ''
  const scale = `from ${numberText(low)} to ${numberText(high)}; each block shows the highest of its values`
  return `${lines.join('')}${axisText(sink, ordered, axis, gutter, columns)}${more}${sink.paint('dim', fitWidth(scale, width))}\n`
}

function topOf(points: readonly ChartPoint[], name: string): number {
  return points.reduce((top, { series, value }) => (series === name ? Math.max(top, value) : top), -Infinity)
}

/** The scale begins at zero unless something lies below it. */
function rangeOf(points: readonly ChartPoint[]): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0]
  for (const { value } of points) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return { low, high }
}

function spanOf(ordered: readonly ChartPoint[]): { readonly start: number; readonly end: number } {
  return { start: ordered[0]?.at ?? 0, end: ordered.at(-1)?.at ?? 0 }
}

function axisText(
  sink: Sink,
  ordered: readonly ChartPoint[],
  axis: ChartData['axis'],
  gutter: number,
  columns: number,
): string {
  const [first, last] = [ordered[0], ordered.at(-1)].map((point) => endText(point, axis))
  const start = fitWidth(first ?? '', Math.floor(columns / 2) - 1)
  const end = fitWidth(last ?? '', Math.floor(columns / 2) - 1)
  const labels = start + padWidth(end, columns - displayWidth(start), 'left')
  const indent = ' '.repeat(gutter)
  return `${indent}${sink.paint('dim', `└${'─'.repeat(columns)}`)}\n${indent} ${labels}\n`
}

function endText(point: ChartPoint | undefined, axis: ChartData['axis']): string {
  if (point?.at === undefined) return ''
  return axis === 'time'
    ? new Date(point.at).toISOString().slice(0, 16).replace('T', ' ')
    : numberText(point.at)
}
