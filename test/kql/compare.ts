import { decodeCell } from '../../src/kql/cells.ts'
import type { KqlType } from '../../src/kql/types.ts'
import { cellOf } from './cell.ts'
import { readJson } from './interpreter/convert.ts'
import { hasLooseNumbers, isAnyOrder, isArray, isBag, type Table, type Value } from './interpreter/value.ts'

/** A row as the compiled SQL gives it. */
export type TextRow = readonly (string | null)[]

/** What differs between the interpreter's rows and the engine's, or nothing. Order counts where the query settles it. */
export function difference(expected: Table, actual: readonly TextRow[]): string | undefined {
  const { columns, rows, ranks, sorted } = expected
  if (rows.length !== actual.length) return `${actual.length} rows instead of ${rows.length}`
  const rest = actual.map((row, index) => ({ row, rank: sorted ? ranks[index] : 0 }))
  for (const [index, row] of rows.entries()) {
    const values = columns.map(({ name }) => row.get(name) ?? null)
    const rank = sorted ? ranks[index] : 0
    const at = rest.findIndex(
      (candidate) => candidate.rank === rank && apart(values, candidate.row, columns).length === 0,
    )
    if (at < 0) {
      const others = rest
        .filter((candidate) => candidate.rank === rank)
        .map((candidate) => apart(values, candidate.row, columns))
      const nearest = others.toSorted((a, b) => a.length - b.length)[0] ?? ['no row']
      const shown = values.map((value, place) => cellOf(value, columns[place]?.type ?? 'dynamic'))
      return `row ${index}: ${nearest.join('; ')}\n  expected ${JSON.stringify(shown)}`
    }
    rest.splice(at, 1)
  }
  return undefined
}

/** The cells that differ. */
function apart(values: readonly Value[], row: TextRow, columns: Table['columns']): readonly string[] {
  return values.flatMap((value, place) => {
    const [type, text] = [columns[place]?.type ?? 'dynamic', row[place] ?? null]
    if (sameCell(value, text, type)) return []
    const expected = JSON.stringify(cellOf(value, type))
    return [`${columns[place]?.name}: ${JSON.stringify(text)} instead of ${expected}`]
  })
}

function sameCell(value: Value, text: string | null, type: KqlType): boolean {
  if (type === 'dynamic') {
    const found = text === null || text === '' ? null : readJson(text)
    return found !== undefined && same(value, found, false)
  }
  const [expected, cell] = [cellOf(value, type), decodeCell(text, type)]
  if (expected === cell) return true
  if (typeof expected === 'number' && typeof cell === 'number') return type === 'real' && near(expected, cell)
  return (
    type === 'string' &&
    typeof expected === 'string' &&
    typeof cell === 'string' &&
    rounded(expected) === rounded(cell)
  )
}

/** Parts of dynamics: a long is no real, unless the kind of its numbers is not known. */
function same(value: Value, found: Value, isLoose: boolean): boolean {
  const loosely = isLoose || hasLooseNumbers(value)
  if (isArray(value)) return isArray(found) && sameArray(value, found, loosely)
  if (isBag(value)) {
    if (!isBag(found)) return false
    return (
      found.size === value.size &&
      [...value].every(([key, item]) => found.has(key) && same(item, found.get(key) ?? null, loosely))
    )
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return found === cellOf(value, 'dynamic')
  if (loosely && isNumber(value) && isNumber(found)) return near(Number(value), Number(found))
  if (typeof value === 'number') return typeof found === 'number' && near(value, found)
  if (typeof value === 'string' && typeof found === 'string') return rounded(value) === rounded(found)
  return value === found
}

function isNumber(value: Value): boolean {
  return typeof value === 'bigint' || typeof value === 'number'
}

function sameArray(values: readonly Value[], found: readonly Value[], isLoose: boolean): boolean {
  if (values.length !== found.length) return false
  if (!isAnyOrder(values)) return values.every((value, index) => same(value, found[index] ?? null, isLoose))
  const rest = [...found]
  return values.every((value) => {
    const at = rest.findIndex((item) => same(value, item, isLoose))
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
