import type { Cell } from '../../src/kql/cells.ts'
import type { KqlType } from '../../src/kql/types.ts'
import { cellOf } from './cell.ts'
import { isAnyOrder, isArray, isBag, type Table, type Value } from './interpreter/value.ts'

/** What differs between the interpreter's rows and the engine's, or nothing. Order counts where the query settles it. */
export function difference(expected: Table, actual: readonly (readonly Cell[])[]): string | undefined {
  const { columns, rows, ranks, sorted } = expected
  if (rows.length !== actual.length) return `${actual.length} rows instead of ${rows.length}`
  const rest = actual.map((row, index) => ({ row, rank: sorted ? ranks[index] : 0 }))
  for (const [index, row] of rows.entries()) {
    const values = columns.map(({ name }) => row.get(name) ?? null)
    const rank = sorted ? ranks[index] : 0
    const at = rest.findIndex(
      (candidate) => candidate.rank === rank && sameRow(values, candidate.row, columns),
    )
    if (at < 0) {
      const shown = values.map((value, place) => cellOf(value, columns[place]?.type ?? 'dynamic'))
      const near = rest.find((candidate) => candidate.rank === rank)?.row ?? []
      const apart = values.flatMap((value, place) => {
        const [type, cell] = [columns[place]?.type ?? 'dynamic', near[place] ?? null]
        return same(value, cell, type)
          ? []
          : [`${columns[place]?.name}: ${JSON.stringify(cell)} instead of ${JSON.stringify(shown[place])}`]
      })
      return `row ${index}: ${apart.join('; ')}\n  expected ${JSON.stringify(shown)}\n  near ${JSON.stringify(near)}`
    }
    rest.splice(at, 1)
  }
  return undefined
}

function sameRow(values: readonly Value[], cells: readonly Cell[], columns: Table['columns']): boolean {
  return (
    values.length === cells.length &&
    values.every((value, index) => same(value, cells[index] ?? null, columns[index]?.type ?? 'dynamic'))
  )
}

function same(value: Value, cell: unknown, type: KqlType): boolean {
  if (value === null) return cell === null
  if (isArray(value)) return Array.isArray(cell) && sameArray(value, cell)
  if (isBag(value)) {
    if (typeof cell !== 'object' || cell === null || Array.isArray(cell)) return false
    const entries = new Map(Object.entries(cell))
    return (
      entries.size === value.size &&
      [...value].every(([key, item]) => entries.has(key) && same(item, entries.get(key), 'dynamic'))
    )
  }
  const expected = cellOf(value, type)
  if (expected === cell) return true
  if (typeof expected === 'number' && typeof cell === 'number')
    return type !== 'long' && type !== 'int' && near(expected, cell)
  return (
    typeof expected === 'string' &&
    typeof cell === 'string' &&
    type === 'string' &&
    rounded(expected) === rounded(cell)
  )
}

function sameArray(values: readonly Value[], cells: readonly unknown[]): boolean {
  if (values.length !== cells.length) return false
  if (!isAnyOrder(values)) return values.every((value, index) => same(value, cells[index], 'dynamic'))
  const rest = [...cells]
  return values.every((value) => {
    const at = rest.findIndex((cell) => same(value, cell, 'dynamic'))
    if (at >= 0) rest.splice(at, 1)
    return at >= 0
  })
}

function near(left: number, right: number): boolean {
  return Math.abs(left - right) <= 1e-12 * Math.max(Math.abs(left), Math.abs(right), 1)
}

/** The seventeenth digit of a real is printed in several ways. */
function rounded(text: string): string {
  return text.replaceAll(/-?\d+\.\d{13,}/g, (number) => Number(number).toPrecision(13))
}
