import type { KqlType } from '../../src/kql/types.ts'
import { typeOfKind } from './data.ts'
import type { Want } from './signatures.ts'

/** A column as the writer of queries knows it. */
export interface GeneratedColumn {
  readonly name: string
  readonly kind: Want
}

/** What the rows are after some steps. */
export interface State {
  readonly columns: readonly GeneratedColumn[]
  /** Whether `id` tells the rows apart. */
  readonly unique: boolean
}

/** Arrays and bags are dynamics; a real that is exact is a real. */
export function isA(kind: Want, want: Want): boolean {
  if (kind === want) return true
  if (want === 'dynamic') return kind === 'numbers' || kind === 'texts' || kind === 'bag'
  return want === 'inexact' && kind === 'real'
}

export function typeOf(kind: Want): KqlType {
  if (kind === 'series') return 'dynamic'
  return kind === 'inexact' ? 'real' : typeOfKind(kind)
}
