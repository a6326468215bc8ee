import type { ChartData, ChartPoint } from './chart.ts'
import { displayWidth, fitWidth, padWidth } from './display-width.ts'
import type { Sink } from './terminal.ts'

const mostBars = 40
const longestLabel = 32
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar a row, from a common zero; negative ones to its left. Slices of a pie are bars with their share. */
export function barsText(sink: Sink, { points }: ChartData, width: number, isPie: boolean): string {
  const shown = points.slice(0, mostBars)
  const total = points.reduce((sum, { value }) => sum + Math.abs(value), 0)
  const labels = shown.map((point) => labelOf(point))
  const values = shown.map(({ value }) =>
    isPie ? `${numberText(value)}  ${share(value, total)}` : numberText(value),
  )
  const labelWidth = Math.min(Math.max(...labels.map(displayWidth)), longestLabel, Math.floor(width / 3))
  const valueWidth = Math.max(...values.map(displayWidth))
  const room = Math.max(4, width - labelWidth - valueWidth - 4)
  const highest = Math.max(0, ...shown.map(({ value }) => value))
  const lowest = Math.min(0, ...shown.map(({ value }) => value))
  const scale = highest - lowest === 0 ? 0 : room / (highest - lowest)
  const left = Math.ceil(-lowest * scale)
  const lines = shown.map(({ value }, index) => {
    const label = padWidth(fitWidth(labels[index] ?? '', labelWidth), labelWidth, 'right')
    const bar = padWidth(barOf(value, scale, left), room + 1, 'right')
    return `${label}  ${sink.paint('cyan', bar)} ${padWidth(values[index] ?? '', valueWidth, 'left')}\n`
  })
  const rest = points.length - shown.length
  return lines.join('') + (rest > 0 ? `${sink.paint('dim', `… and ${rest} more`)}\n` : '')
}

function labelOf({ label, series }: ChartPoint): string {
  return series === '' || series === label ? label : `${label} · ${series}`
}

function barOf(value: number, scale: number, left: number): string {
  if (value < 0) {
    const size = Math.max(1, Math.round(-value * scale))
    return ' '.repeat(Math.max(0, left - size)) + '█'.repeat(Math.min(size, left))
  }
  const size = Math.round(value * scale * 8)
  const part = eighths[size % 8] ?? ''
  return ' '.repeat(left) + '█'.repeat(Math.floor(size / 8)) + (size === 0 && value > 0 ? '▏' : part)
}

function share(value: number, total: number): string {
  return `${total === 0 ? '0.0' : ((Math.abs(value) / total) * 100).toFixed(1)}%`.padStart(6)
}

/** A number of at most nine or so characters: whole ones in full, others to four digits. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value)
  return Number(value.toPrecision(4)).toString()
}
