import { call, nothing, when, type SqlExpression } from '../../sql/node.ts'
import { convert } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'

function longs(args: readonly Operand[], site: CallSite): SqlExpression[] {
  // Where the real engine's type is wider than the binder's.
  if (args.some(({ type }) => type === 'real'))
    return site.refuse('unsupported-argument', `${site.name} of a real`, 'convert it with tolong()')
  return args.map((value) => convert(value, 'long'))
}

/** Shifts by the count's last six bits; null for a negative count. */
function shift(
  name: 'bitShiftLeft' | 'bitShiftRight',
  args: readonly Operand[],
  site: CallSite,
): SqlExpression {
  const [value, count] = longs(args, site)
  if (!value || !count) throw new Error('a shift needs a count')
  return when(call('less', count, 0), nothing, call(name, value, call('bitAnd', count, 63)))
}

const pairs: readonly (readonly [name: string, sql: string, doc: string, value: number])[] = [
  ['binary_and', 'bitAnd', 'The bits that both numbers have.', 2],
  ['binary_or', 'bitOr', 'The bits that one of the numbers has.', 7],
  ['binary_xor', 'bitXor', 'The bits that one number alone has.', 5],
]

function hexDigits(args: readonly Operand[]): SqlExpression {
  const value = argument(args, 0)
  const digits = call('lower', call('hex', value.sql))
  const short = call('replaceRegexpOne', digits, '^0*([0-9a-f]+)$', '\\1')
  const size = args[1] ? call('ifNull', convert(args[1], 'long'), 0) : undefined
  const padded = size
    ? call(
        'leftPad',
        short,
        call('toUInt64', call('greatest', call('least', size, 64), call('toInt64', call('length', short)))),
        '0',
      )
    : short
  return call('ifNull', padded, '')
}

/** Whole numbers as bits. */
export const bitFunctions: readonly ScalarFunction[] = [
  ...pairs.map(([name, sql, doc, value]): ScalarFunction => ({
    name,
    doc,
    example: [`${name}(6, 3)`, value],
    emit: (args, site) => call(sql, ...longs(args, site)),
  })),
  {
    name: 'binary_not',
    doc: 'Every bit reversed.',
    example: ['binary_not(6)', -7],
    emit: (args, site) => call('bitNot', ...longs(args, site)),
  },
  {
    name: 'binary_shift_left',
    doc: 'Bits moved to the left.',
    example: ['binary_shift_left(1, 65)', 2],
    emit: (args, site) => shift('bitShiftLeft', args, site),
  },
  {
    name: 'binary_shift_right',
    doc: 'Bits moved to the right; the sign stays.',
    example: ['binary_shift_right(-8, 1)', -4],
    emit: (args, site) => shift('bitShiftRight', args, site),
  },
  {
    name: 'bitset_count_ones',
    doc: 'How many bits are set.',
    example: ['bitset_count_ones(42)', 3],
    emit: (args, site) => call('toInt64', call('bitCount', ...longs(args, site))),
  },
  {
    name: 'tohex',
    doc: 'Hexadecimal digits of a number in two’s complement, with zeros up to a length.',
    example: ['tohex(-256)', 'ffffffffffffff00'],
    emit: hexDigits,
  },
]
