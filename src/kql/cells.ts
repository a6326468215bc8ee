import type { Column } from './plan.ts'
import type { KqlType } from './types.ts'

/** A value as `query --batch` prints it. */
export type Cell = string | number | boolean | null | readonly unknown[] | { readonly [key: string]: unknown }

const decoders: Readonly<Record<KqlType, (text: string) => Cell>> = {
  string: (text) => text,
  guid: (text) => text,
  decimal: (text) => text,
  bool: (text) => text === 'true',
  int: Number,
  long: integerCell,
  real: realCell,
  datetime: (text) => text,
  timespan: (text) => text,
  dynamic: dynamicCell,
}

/** Decodes one row as the compiled SQL prints it: every cell is text or null. */
export function decodeRow(row: readonly (string | null)[], columns: readonly Column[]): Cell[] {
  return columns.map(({ type }, index) => decodeCell(row[index] ?? null, type))
}

/** Decodes one cell: 64-bit integers stay exact (text beyond 2^53), NaN and the infinities are text. */
export function decodeCell(text: string | null, type: KqlType): Cell {
  return text === null ? null : decoders[type](text)
}

function integerCell(text: string): number | string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

function realCell(text: string): number | string {
  if (text === 'nan' || text === '-nan') return 'NaN'
  if (text === 'inf') return 'Infinity'
  return text === '-inf' ? '-Infinity' : Number(text)
}

/** JSON text, `''` being null; integers beyond 2^53 stay exact as text. */
function dynamicCell(text: string): Cell {
  if (text === '') return null
  const parsed: unknown = JSON.parse(text, exactNumber)
  // JSON.parse gives JSON values only; the reviver adds texts, which are cells too.
  return parsed as Cell
}

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
