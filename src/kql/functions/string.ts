import { call, integer, lambda, text, when, type SqlExpression } from '../../sql/node.ts'
import { convert, jsonElements, quoteJson, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'

/** Arguments as text, as string functions take them. */
function texts(args: readonly Operand[]): SqlExpression[] {
  return args.map((value) => toText(value))
}

/** An array of strings as a dynamic. */
export function stringsToJson(strings: SqlExpression): SqlExpression {
  const quoted = call(
    'arrayMap',
    lambda(['e'], (element) => quoteJson(element)),
    strings,
  )
  return call('concat', '[', call('arrayStringConcat', quoted, ','), ']')
}

function substring(args: readonly Operand[]): SqlExpression {
  const source = toText(argument(args, 0))
  const [start, length] = args.slice(1).map((value) => convert(value, 'long'))
  if (!start) throw new Error('substring needs a start')
  const from = when(
    call('less', start, 0),
    call('plus', call('toInt64', call('lengthUTF8', source)), start),
    start,
  )
  const first = call('greatest', from, integer(0))
  // A start before the text takes its part of the length away.
  const tail = length ? [call('greatest', call('plus', length, call('minus', from, first)), integer(0))] : []
  return call('ifNull', call('substringUTF8', source, call('plus', first, 1), ...tail), '')
}

function split(args: readonly Operand[], site: CallSite): SqlExpression {
  const [source, delimiter] = [toText(argument(args, 0)), argument(args, 1)]
  if (delimiter.literal?.value === '')
    return site.refuse('unsupported-argument', 'split by an empty delimiter')
  const parts = call('splitByString', toText(delimiter), source)
  const index = args[2]
  if (!index) return stringsToJson(parts)
  const position = convert(index, 'long')
  const found = call('arrayElement', parts, call('plus', position, 1))
  return when(
    call('and', call('greaterOrEquals', position, 0), call('less', position, call('length', parts))),
    call('concat', '[', quoteJson(found), ']'),
    text(''),
  )
}

/** Strings. */
export const stringFunctions: readonly ScalarFunction[] = [
  {
    name: 'strcat',
    doc: 'Joins values as text; null is empty.',
    example: ['strcat("a", 1, int(null), true)', 'a1True'],
    emit: (args) => call('concat', '', ...texts(args)),
  },
  {
    name: 'strlen',
    doc: 'Length in characters.',
    example: ['strlen("né")', 2],
    total: true,
    emit: (args) => call('toInt64', call('lengthUTF8', toText(argument(args, 0)))),
  },
  {
    name: 'tolower',
    doc: 'Lower case.',
    example: ['tolower("ÀB")', 'àb'],
    emit: (args) => call('lowerUTF8', toText(argument(args, 0))),
  },
  {
    name: 'toupper',
    doc: 'Upper case.',
    example: ['toupper("àb")', 'ÀB'],
    emit: (args) => call('upperUTF8', toText(argument(args, 0))),
  },
  {
    name: 'substring',
    doc: 'Part of a text, from a start counted from 0, or from the end where it is negative.',
    example: ['substring("abcdef", -2)', 'ef'],
    emit: substring,
  },
  {
    name: 'split',
    doc: 'The parts between delimiters, as an array; with an index the one part.',
    example: ['split("a,b", ",")', ['a', 'b']],
    emit: split,
  },
  {
    name: 'replace_string',
    doc: 'Replaces every occurrence of a text.',
    example: ['replace_string("aba", "a", "x")', 'xbx'],
    emit: (args) => call('replaceAll', ...texts(args)),
  },
  {
    name: 'strcat_array',
    doc: 'Joins an array’s elements by a delimiter.',
    example: ['strcat_array(dynamic([1, "b"]), "-")', '1-b'],
    emit: (args) => {
      const print = lambda(['e'], (element) => toText(operand(element, 'dynamic')))
      const printed = call('arrayMap', print, jsonElements(argument(args, 0).sql))
      return call('arrayStringConcat', printed, toText(argument(args, 1)))
    },
  },
  {
    name: 'strcat_delim',
    doc: 'Joins values as text by a delimiter.',
    example: ['strcat_delim("-", "a", 1)', 'a-1'],
    emit: (args) =>
      call('arrayStringConcat', call('array', ...texts(args.slice(1))), toText(argument(args, 0))),
  },
  {
    name: 'reverse',
    doc: 'The characters in reverse.',
    example: ['reverse("ab")', 'ba'],
    emit: (args) => call('reverseUTF8', toText(argument(args, 0))),
  },
  {
    name: 'strrep',
    doc: 'Repeats a text, with a delimiter between.',
    example: ['strrep("ab", 2, "-")', 'ab-ab'],
    emit: (args) => {
      const copies = call(
        'arrayWithConstant',
        call('ifNull', convert(argument(args, 1), 'long'), integer(0)),
        toText(argument(args, 0)),
      )
      return call('arrayStringConcat', copies, args[2] ? toText(args[2]) : text(''))
    },
  },
]
