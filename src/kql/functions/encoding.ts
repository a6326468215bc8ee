import { inflateSync, gunzipSync } from 'node:zlib'
import {
  and,
  bound,
  call,
  integer,
  lambda,
  not,
  nothing,
  or,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { toText } from '../convert.ts'
import { argument, constantText, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { arrayOf } from './array.ts'
import { isArray } from './dynamic.ts'
import { unless } from './pattern.ts'

const base64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

/** The bytes of well-formed base64, or the otherwise. */
function decoded(
  source: SqlExpression,
  make: (bytes: SqlExpression) => SqlExpression,
  otherwise: SqlExpression,
): SqlExpression {
  return bound(source, (value) =>
    when(call('match', value, base64), make(call('tryBase64Decode', value)), otherwise),
  )
}

function bytesOf(value: SqlExpression): SqlExpression {
  const byte = lambda(['i'], (index) => call('reinterpretAsUInt64', call('substring', value, index, 1)))
  return call('arrayMap', byte, call('range', 1, call('plus', call('length', value), 1)))
}

/** A guid's bytes as .NET orders them: the first three groups from their last byte. */
function guidBytes(digits: SqlExpression, groups: readonly (readonly [number, number])[]): SqlExpression {
  const parts = groups.map(([start, size]) =>
    call('reverse', call('unhex', call('substring', digits, start, size))),
  )
  return call('concat', ...parts, call('unhex', call('substring', digits, 17)))
}

const guidGroups = [
  [1, 8],
  [9, 4],
  [13, 4],
] as const

function decodeGuid(args: readonly Operand[]): SqlExpression {
  const read = (bytes: SqlExpression): SqlExpression => {
    const digits = call('lower', call('hex', guidBytes(call('hex', bytes), guidGroups)))
    const dashed = call(
      'replaceRegexpOne',
      digits,
      '^(.{8})(.{4})(.{4})(.{4})(.{12})$',
      '\\1-\\2-\\3-\\4-\\5',
    )
    return when(call('equals', call('length', bytes), 16), call('toUUIDOrNull', dashed), nothing)
  }
  return decoded(toText(argument(args, 0)), read, nothing)
}

function encodeGuid(args: readonly Operand[]): SqlExpression {
  const digits = call('replaceAll', toText(argument(args, 0)), '-', '')
  return when(call('empty', digits), text(''), call('base64Encode', guidBytes(digits, guidGroups)))
}

function encodeArray(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(argument(args, 0).sql, (json) => {
    const numbers = call(
      'arrayMap',
      lambda(['e'], (element) => call('ifNull', call('toInt64OrNull', element), integer(-1))),
      arrayElements(json),
    )
    const isWrong = call(
      'arrayExists',
      lambda(['e'], (byte) => or(call('less', byte, 0), call('greater', byte, 255))),
      numbers,
    )
    const bytes = call(
      'arrayStringConcat',
      call(
        'arrayMap',
        lambda(['e'], (byte) => call('char', byte)),
        numbers,
      ),
    )
    const result = when(isArray(json), call('base64Encode', bytes), text(''))
    return unless(isWrong, `${site.name}: an element that is no byte`, result, text(''))
  })
}

const unreserved = '^[A-Za-z0-9._-]$'

/** Percent encoding with small hexadecimal digits. */
function urlEncoded(args: readonly Operand[], blank: string, site: CallSite): SqlExpression {
  const source = toText(argument(args, 0))
  const encode = lambda(['i'], (index) => {
    const byte = call('substring', source, index, 1)
    const escaped = call('concat', '%', call('lower', call('hex', byte)))
    return call(
      'multiIf',
      call('match', byte, unreserved),
      byte,
      call('equals', byte, ' '),
      text(blank),
      escaped,
    )
  })
  const encoded = call(
    'arrayStringConcat',
    call('arrayMap', encode, call('range', 1, call('plus', call('length', source), 1))),
  )
  return unless(
    call('match', source, "[!*()'~]"),
    `${site.name}: one of the characters ! * ( ) ' ~`,
    encoded,
    text(''),
  )
}

function urlDecoded(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = toText(argument(args, 0))
  return bound(call('decodeURLComponent', source), (value) => {
    const isUnsure = or(
      call('match', source, '[+]|%(?:[^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)'),
      not(call('isValidUTF8', value)),
    )
    return unless(
      isUnsure,
      `${site.name}: a plus sign, or a percent sign that begins no character`,
      value,
      text(''),
    )
  })
}

/** The code point of one character, from its UTF-8 bytes. */
function codePoint(letter: SqlExpression): SqlExpression {
  const byte = (index: number, mask: number, shift: number): SqlExpression =>
    call(
      'bitShiftLeft',
      call('bitAnd', call('reinterpretAsUInt64', call('substring', letter, index, 1)), mask),
      shift,
    )
  const size = call('length', letter)
  return call(
    'multiIf',
    call('equals', size, 1),
    byte(1, 0x7f, 0),
    call('equals', size, 2),
    call('plus', byte(1, 0x1f, 6), byte(2, 0x3f, 0)),
    call('equals', size, 3),
    call('plus', call('plus', byte(1, 0x0f, 12), byte(2, 0x3f, 6)), byte(3, 0x3f, 0)),
    call(
      'plus',
      call('plus', byte(1, 0x07, 18), byte(2, 0x3f, 12)),
      call('plus', byte(3, 0x3f, 6), byte(4, 0x3f, 0)),
    ),
  )
}

/** The UTF-8 bytes of a code point. */
function character(code: SqlExpression): SqlExpression {
  const tail = (shift: number): SqlExpression =>
    call('plus', call('bitAnd', call('bitShiftRight', code, shift), 0x3f), 0x80)
  const head = (shift: number, mark: number): SqlExpression =>
    call('plus', call('bitShiftRight', code, shift), mark)
  return call(
    'multiIf',
    call('less', code, 0x80),
    call('char', code),
    call('less', code, 0x800),
    call('char', head(6, 0xc0), tail(0)),
    call('less', code, 0x1_0000),
    call('char', head(12, 0xe0), tail(6), tail(0)),
    call('char', head(18, 0xf0), tail(12), tail(6), tail(0)),
  )
}

function fromCodePoints(args: readonly Operand[], site: CallSite): SqlExpression {
  const list = (value: Operand): SqlExpression => {
    const texts = value.type === 'dynamic' ? arrayElements(value.sql) : call('array', toText(value))
    return call(
      'arrayMap',
      lambda(['e'], (element) => call('ifNull', call('toInt64OrNull', element), integer(-1))),
      texts,
    )
  }
  return bound(call('arrayConcat', ...args.map((value) => list(value))), (codes) => {
    const isWrong = lambda(['c'], (code) =>
      or(
        call('less', code, 0),
        call('greater', code, 0x10_ffff),
        and(call('greaterOrEquals', code, 0xd800), call('less', code, 0xe000)),
      ),
    )
    const joined = call(
      'arrayStringConcat',
      call(
        'arrayMap',
        lambda(['c'], (code) => character(code)),
        codes,
      ),
    )
    return unless(
      call('arrayExists', isWrong, codes),
      `${site.name}: a number that is no character`,
      joined,
      text(''),
    )
  })
}

function decompressed(
  args: readonly Operand[],
  site: CallSite,
  inflate: (bytes: Buffer) => Buffer,
): SqlExpression {
  if (args[0]?.literal === undefined) {
    return site.refuse(
      'not-constant',
      `${site.name} of a computed value is not supported`,
      'only a literal can be decompressed',
    )
  }
  try {
    const bytes = Buffer.from(constantText(args, 0, site), 'base64')
    return text(new TextDecoder('utf-8', { fatal: true }).decode(inflate(bytes)))
  } catch {
    return text('')
  }
}

const limit = { maxOutputLength: 1_048_576 }

/** Encodings of texts and bytes. */
export const encodingFunctions: readonly ScalarFunction[] = [
  ...(['base64_encode_tostring', 'base64_encodestring'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'A text’s UTF-8 bytes in base64.',
    example: [`${name}("Kusto")`, 'S3VzdG8='],
    emit: (args) => call('base64Encode', toText(argument(args, 0))),
  })),
  ...(['base64_decode_tostring', 'base64_decodestring'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The text in base64; empty where it is none.',
    example: [`${name}("S3VzdG8=")`, 'Kusto'],
    emit: (args) =>
      decoded(
        toText(argument(args, 0)),
        (bytes) => when(call('isValidUTF8', bytes), bytes, text('')),
        text(''),
      ),
  })),
  {
    name: 'base64_decode_toarray',
    doc: 'The bytes in base64 as an array of numbers; null where it is no base64.',
    example: ['base64_decode_toarray("S3U=")', [75, 117]],
    emit: (args) =>
      decoded(
        toText(argument(args, 0)),
        (bytes) =>
          arrayOf(
            call(
              'arrayMap',
              lambda(['b'], (byte) => call('toString', byte)),
              bytesOf(bytes),
            ),
          ),
        text(''),
      ),
  },
  {
    name: 'base64_encode_fromarray',
    doc: 'An array of bytes in base64.',
    example: ['base64_encode_fromarray(dynamic([75, 117]))', 'S3U='],
    emit: encodeArray,
  },
  {
    name: 'base64_decode_toguid',
    doc: 'The guid in base64; null where it is none.',
    example: ['base64_decode_toguid("JpbpECu8dUy7Pv5gbeJXAA==")', '10e99626-bc2b-4c75-bb3e-fe606de25700'],
    emit: decodeGuid,
  },
  {
    name: 'base64_encode_fromguid',
    doc: 'A guid in base64.',
    example: [
      'base64_encode_fromguid(guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb))',
      '8jMxriJurkmwahbmqbIS6w==',
    ],
    emit: encodeGuid,
  },
  {
    name: 'url_encode',
    doc: 'Percent encoding with a plus sign for a blank.',
    example: ['url_encode("https://é x")', 'https%3a%2f%2f%c3%a9+x'],
    emit: (args, site) => urlEncoded(args, '+', site),
  },
  {
    name: 'url_encode_component',
    doc: 'Percent encoding.',
    example: ['url_encode_component("https://x y")', 'https%3a%2f%2fx%20y'],
    emit: (args, site) => urlEncoded(args, '%20', site),
  },
  {
    name: 'url_decode',
    doc: 'Takes percent encoding away.',
    example: ['url_decode("https%3a%2f%2f%C3%A9")', 'https://é'],
    emit: urlDecoded,
  },
  ...(['unicode_codepoints_from_string', 'to_utf8'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The code points of a text.',
    example: [`${name}("aé😀")`, [97, 233, 128_512]],
    emit: (args) => {
      const letters = call('extractAll', toText(argument(args, 0)), '(?s).')
      return arrayOf(
        call(
          'arrayMap',
          lambda(['c'], (letter) => call('toString', codePoint(letter))),
          letters,
        ),
      )
    },
  })),
  ...(['unicode_codepoints_to_string', 'make_string'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'The text of code points, given one by one or in arrays.',
    example: [`${name}(97, dynamic([233, 128512]))`, 'aé😀'],
    emit: fromCodePoints,
  })),
  {
    name: 'isutf8',
    doc: 'Whether a text is well-formed UTF-8.',
    example: ['isutf8("é")', true],
    total: true,
    emit: (args) => call('isValidUTF8', toText(argument(args, 0))),
  },
  {
    name: 'isascii',
    doc: 'Whether a text is ASCII.',
    example: ['isascii("é")', false],
    total: true,
    emit: (args) => not(call('match', toText(argument(args, 0)), '[^\\x00-\\x7F]')),
  },
  {
    name: 'string_size',
    doc: 'Length in bytes of UTF-8.',
    example: ['string_size("né")', 3],
    total: true,
    emit: (args) => call('toInt64', call('length', toText(argument(args, 0)))),
  },
  {
    name: 'zlib_decompress_from_base64_string',
    doc: 'The text that zlib made a literal of; empty where it did not.',
    example: ['zlib_decompress_from_base64_string("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")', 'Test string 123'],
    emit: (args, site) => decompressed(args, site, (bytes) => inflateSync(bytes, limit)),
  },
  {
    name: 'gzip_decompress_from_base64_string',
    doc: 'The text that gzip made a literal of; empty where it did not.',
    example: ['gzip_decompress_from_base64_string("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==")', 'hello'],
    emit: (args, site) => decompressed(args, site, (bytes) => gunzipSync(bytes, limit)),
  },
]
