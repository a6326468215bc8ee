import { call, integer, type SqlExpression } from '../../sql/node.ts'
import { convert, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { datetimeToTicks, unixEpochTicks } from '../types.ts'
import { unless } from './pattern.ts'

/** xxHash64 of a text's UTF-8 bytes, or of a datetime's ticks. */
function xxhash(args: readonly Operand[], site: CallSite): SqlExpression {
  const value = argument(args, 0)
  const ticks = call('plus', datetimeToTicks(value.sql), unixEpochTicks)
  // The bytes of a number, zeros at its end included, which reinterpretAsString would drop.
  const bytes =
    value.type === 'datetime'
      ? call('reverse', call('unhex', call('leftPad', call('hex', ticks), 16, '0')))
      : toText(value)
  if (value.type !== 'string' && value.type !== 'datetime') {
    return site.refuse(
      'unsupported-argument',
      `${site.name} of a ${value.type} is not known`,
      'use tostring(), here and where the hash was made',
    )
  }
  const hashed = call('reinterpretAsInt64', call('xxHash64', bytes))
  if (!args[1]) return hashed
  const divisor = convert(args[1], 'long')
  const isNegative = call('or', call('less', hashed, 0), call('lessOrEquals', divisor, 0))
  const rest = call('moduloOrNull', hashed, divisor)
  return unless(isNegative, `${site.name}: the remainder of a negative hash is not known`, rest, integer(0))
}

const digests: readonly (readonly [name: string, sql: string, example: string])[] = [
  ['hash_md5', 'MD5', 'f5a7924e621e84c9280a9a27e1bcb7f6'],
  ['hash_sha1', 'SHA1', '70c07ec18ef89c5309bbb0937f3a6342411e1fdd'],
  ['hash_sha256', 'SHA256', '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524'],
]

/** Hashes. */
export const hashFunctions: readonly ScalarFunction[] = [
  ...(['hash', 'hash_xxhash64'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'xxHash64 of a text or a datetime; with a divisor its remainder.',
    example: [`${name}("World", 100)`, 51],
    emit: xxhash,
  })),
  ...digests.map(([name, sql, value]): ScalarFunction => ({
    name,
    doc: `${sql} of a value’s text, as hexadecimal digits.`,
    example: [`${name}("World")`, value],
    emit: (args, site) => {
      const value = argument(args, 0)
      if (value.type === 'real' || value.type === 'decimal' || value.type === 'dynamic') {
        return site.refuse(
          'unsupported-argument',
          `${name} of a ${value.type} is not known`,
          'use tostring()',
        )
      }
      return call('lower', call('hex', call(sql, toText(value))))
    },
  })),
]
