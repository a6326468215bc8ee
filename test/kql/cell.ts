import { decodeCell, type Cell } from '../../src/kql/cells.ts'
import type { KqlType } from '../../src/kql/types.ts'
import { jsonOf, textOf } from './interpreter/text.ts'
import type { Value } from './interpreter/value.ts'

/** A value of the interpreter as the compiler's rows hold it. */
export function cellOf(value: Value, type: KqlType): Cell {
  if (value === null) return null
  if (type === 'dynamic') return decodeCell(jsonOf(value), type)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean') return value
  return decodeCell(textOf(value, type), type)
}
