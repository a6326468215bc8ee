import { convert } from '../convert.ts'
import { argument, type ScalarFunction } from '../function.ts'
import type { KqlType } from '../types.ts'

const rows: readonly (readonly [string, KqlType, string, unknown])[] = [
  ['tostring', 'string', 'tostring(true)', 'True'],
  ['toint', 'int', 'toint("12")', 12],
  ['tolong', 'long', 'tolong("0x10")', 16],
  ['toreal', 'real', 'toreal("1.5")', 1.5],
  ['todouble', 'real', 'todouble("1.5")', 1.5],
  ['todecimal', 'decimal', 'todecimal("1.5")', '1.5'],
  ['tobool', 'bool', 'tobool("TRUE")', true],
  ['toboolean', 'bool', 'toboolean("false")', false],
  ['todatetime', 'datetime', 'todatetime("2020-01-02")', '2020-01-02T00:00:00.0000000Z'],
  ['totimespan', 'timespan', 'totimespan("1.02:03:04")', '1.02:03:04'],
  ['toguid', 'guid', 'toguid("not one")', null],
]

/** Conversions; what cannot be converted is null. */
export const conversionFunctions: readonly ScalarFunction[] = rows.map(([name, type, example, value]) => ({
  name,
  doc: `Converts a value to ${type}${type === 'string' ? '' : '; null where it is none'}.`,
  example: [example, value],
  type,
  emit: (args) => convert(argument(args, 0), type),
}))
