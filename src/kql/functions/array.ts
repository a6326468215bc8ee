// Long because it is a table of functions with their translations.
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
import { convert, toJsonElement, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import { operand, type Operand } from '../operand.ts'
import { isArray } from './dynamic.ts'
import { unless } from './pattern.ts'

/** JSON texts as one array. */
export function arrayOf(elements: SqlExpression): SqlExpression {
  return call('concat', '[', call('arrayStringConcat', elements, ','), ']')
}

/** What an array becomes; anything else is null. */
function ofArray(value: Operand, make: (elements: SqlExpression) => SqlExpression): SqlExpression {
  const source = convert(value, 'dynamic')
  return bound(source, (json) => when(isArray(json), make(arrayElements(json)), text('')))
}

/** Whether two JSON texts are the same value: numbers by value, texts by their characters. */
export function sameElement(left: SqlExpression, right: SqlExpression): SqlExpression {
  const both = (test: (value: SqlExpression) => SqlExpression): SqlExpression => and(test(left), test(right))
  const isText = (value: SqlExpression): SqlExpression => call('startsWith', value, '"')
  const read = (name: string, value: SqlExpression): SqlExpression => call(name, value)
  return or(
    call('equals', left, right),
    and(both(isText), call('equals', read('JSONExtractString', left), read('JSONExtractString', right))),
    call('ifNull', call('equals', read('toFloat64OrNull', left), read('toFloat64OrNull', right)), 0),
  )
}

function count(elements: SqlExpression): SqlExpression {
  return call('toInt64', call('length', elements))
}

/** Elements at computed positions from 0, and a filler where there is none. */
function moved(
  elements: SqlExpression,
  position: (index: SqlExpression) => SqlExpression,
  filler: SqlExpression,
): SqlExpression {
  const pick = lambda(['i'], (index) => {
    const place = position(call('toInt64', index))
    const isThere = and(call('greaterOrEquals', place, 0), call('less', place, count(elements)))
    return when(isThere, call('arrayElement', elements, call('plus', place, 1)), filler)
  })
  return arrayOf(call('arrayMap', pick, call('range', call('length', elements))))
}

function shift(sign: 1 | -1, args: readonly Operand[], site: CallSite): SqlExpression {
  const steps = convert(argument(args, 1), 'long')
  const filler = args[2] ? toJsonElement(args[2]) : text('null')
  return ofArray(argument(args, 0), (elements) => {
    const result = moved(elements, (index) => call(sign === 1 ? 'plus' : 'minus', index, steps), filler)
    if (args[2]) return result
    const hasText = call(
      'arrayExists',
      lambda(['e'], (element) => call('startsWith', element, '"')),
      elements,
    )
    return unless(hasText, `${site.name}: texts need a default value`, result, text(''))
  })
}

function rotate(sign: 1 | -1, args: readonly Operand[]): SqlExpression {
  const steps = convert(argument(args, 1), 'long')
  return ofArray(argument(args, 0), (elements) => {
    const size = call('greatest', count(elements), integer(1))
    return moved(
      elements,
      (index) => call('positiveModulo', call(sign === 1 ? 'plus' : 'minus', index, steps), size),
      text('null'),
    )
  })
}

/** A position from 0, where a negative one counts from the end. */
function fromEnd(position: SqlExpression, elements: SqlExpression): SqlExpression {
  return when(call('less', position, 0), call('plus', position, count(elements)), position)
}

function slice(args: readonly Operand[]): SqlExpression {
  const [start, end] = [convert(argument(args, 1), 'long'), convert(argument(args, 2), 'long')]
  return ofArray(argument(args, 0), (elements) => {
    const first = call('greatest', fromEnd(start, elements), integer(0))
    const size = call('plus', call('minus', fromEnd(end, elements), first), 1)
    const found = call('arraySlice', elements, call('plus', first, 1), call('greatest', size, integer(0)))
    return call('ifNull', arrayOf(found), '')
  })
}

function split(args: readonly Operand[]): SqlExpression {
  const places = argument(args, 1)
  const listed =
    places.type === 'dynamic'
      ? call(
          'arrayMap',
          lambda(['e'], (element) => call('ifNull', call('toInt64OrNull', element), 0)),
          arrayElements(places.sql),
        )
      : call('array', call('ifNull', convert(places, 'long'), integer(0)))
  return ofArray(argument(args, 0), (elements) => {
    const clamp = lambda(['p'], (place) =>
      call('least', call('greatest', fromEnd(place, elements), integer(0)), count(elements)),
    )
    return bound(call('arrayMap', clamp, listed), (ends) => {
      const starts = call('arrayPushFront', ends, integer(0))
      const part = lambda(['from', 'to'], (start, end) =>
        arrayOf(
          call(
            'arraySlice',
            elements,
            call('plus', start, 1),
            call('greatest', call('minus', end, start), integer(0)),
          ),
        ),
      )
      const parts = arrayOf(call('arrayMap', part, starts, call('arrayPushBack', ends, count(elements))))
      const isMixed = call('notEquals', ends, call('arraySort', ends))
      return unless(isMixed, 'array_split: positions must ascend', parts, text(''))
    })
  })
}

const numberText = '^-?[0-9]'

/** The sum of numbers, nulls left out; null where there are none, or something else. */
function sum(args: readonly Operand[]): SqlExpression {
  return bound(convert(argument(args, 0), 'dynamic'), (json) =>
    bound(
      call(
        'arrayFilter',
        lambda(['e'], (element) => call('notEquals', element, 'null')),
        arrayElements(json),
      ),
      (elements) => {
        const isNumeric = call(
          'arrayAll',
          lambda(['e'], (element) => call('match', element, numberText)),
          elements,
        )
        const total = call(
          'arraySum',
          call(
            'arrayMap',
            lambda(['e'], (element) => call('toFloat64OrZero', element)),
            elements,
          ),
        )
        return when(and(isArray(json), call('notEmpty', elements), isNumeric), total, nothing)
      },
    ),
  )
}

/** Numbers, then texts, then the rest; the place of null is asked for. */
function sort(args: readonly Operand[], descending: boolean, site: CallSite): SqlExpression {
  const last = args.at(-1)
  const nullsLast = args.length > 1 && last?.type === 'bool' ? last.literal?.value : true
  if (typeof nullsLast !== 'boolean')
    return site.refuse('not-constant', `where ${site.name} puts nulls must be a literal`)
  const arrays = args.filter(({ type }) => type === 'dynamic')
  if (arrays.length > 1) return sortTogether(arrays, args[0], nullsLast, descending, site)
  const rank = (element: SqlExpression): SqlExpression =>
    call(
      'multiIf',
      call('match', element, numberText),
      integer(1),
      call('startsWith', element, '"'),
      integer(2),
      integer(3),
    )
  const key = lambda(['e'], (element) =>
    call(
      'tuple',
      rank(element),
      call('toFloat64OrZero', element),
      call('ifNull', call('toInt64OrNull', element), 0),
      call('JSONExtractString', element),
    ),
  )
  return ofArray(argument(args, 0), (elements) => {
    const isNull = (element: SqlExpression): SqlExpression => call('equals', element, 'null')
    const nulls = call(
      'arrayFilter',
      lambda(['e'], (element) => isNull(element)),
      elements,
    )
    const values = call(
      'arrayFilter',
      lambda(['e'], (element) => not(isNull(element))),
      elements,
    )
    const sorted = call(descending ? 'arrayReverseSort' : 'arraySort', key, values)
    const ranks = call(
      'arrayDistinct',
      call(
        'arrayMap',
        lambda(['e'], (element) => rank(element)),
        values,
      ),
    )
    const isOther = lambda(['e'], (element) =>
      or(call('equals', rank(element), 3), call('match', element, '^"-?[0-9]+[.][0-9]{2}:[0-9]{2}:[0-9]{2}')),
    )
    const isUnsure = or(
      call('greater', call('arrayCount', isOther, values), 1),
      descending ? call('greater', call('length', ranks), 1) : call('has', ranks, 9),
    )
    const result = arrayOf(
      nullsLast ? call('arrayConcat', sorted, nulls) : call('arrayConcat', nulls, sorted),
    )
    return unless(isUnsure, `${site.name}: values without a known order`, result, text(''))
  })
}

/** One of several arrays in the order of the first; the order of equal values is not known. */
function sortTogether(
  arrays: readonly Operand[],
  position: Operand | undefined,
  nullsLast: boolean,
  descending: boolean,
  site: CallSite,
): SqlExpression {
  const index = position?.type === 'long' ? Number(position.literal?.value) : undefined
  const [first, wanted] = [arrays[0], arrays[index ?? -1]]
  if (!first || !wanted)
    return site.refuse(
      'unsupported-argument',
      `several arrays of ${site.name} in one place`,
      'ask for one: …[0]',
    )
  const place = (element: SqlExpression): SqlExpression => {
    const isNull = call('equals', element, 'null')
    return nullsLast === descending ? not(isNull) : isNull
  }
  return bound(call('tuple', arrayElements(first.sql), arrayElements(wanted.sql)), (pair) => {
    const [keys, values] = [call('tupleElement', pair, 1), call('tupleElement', pair, 2)]
    const key = lambda(['v', 'k'], (_value, element) =>
      call(
        'tuple',
        place(element),
        call('toFloat64OrZero', element),
        call('ifNull', call('toInt64OrNull', element), 0),
        call('JSONExtractString', element),
      ),
    )
    const isKnown = lambda(['k'], (element) => call('match', element, '^-?[0-9]|^"|^null$'))
    const kinds = call(
      'arrayDistinct',
      call(
        'arrayMap',
        lambda(['k'], (element) => call('startsWith', element, '"')),
        call(
          'arrayFilter',
          lambda(['k'], (element) => call('notEquals', element, 'null')),
          keys,
        ),
      ),
    )
    const isUnsure = or(
      call('less', call('length', call('arrayDistinct', keys)), call('length', keys)),
      not(call('arrayAll', isKnown, keys)),
      call('greater', call('length', kinds), 1),
      call(
        'arrayExists',
        lambda(['k'], (element) => call('match', element, '^"-?[0-9]+[.][0-9]{2}:[0-9]{2}:[0-9]{2}')),
        keys,
      ),
    )
    const same = call('equals', call('length', keys), call('length', values))
    const sorted = call(descending ? 'arrayReverseSort' : 'arraySort', key, values, when(same, keys, values))
    const result = when(same, arrayOf(sorted), text(''))
    return unless(isUnsure, `${site.name}: equal values, or values without a known order`, result, text(''))
  })
}

function indexOf(args: readonly Operand[], site: CallSite): SqlExpression {
  if (args.length > 2)
    return site.refuse('unsupported-argument', 'array_index_of with a start is not supported')
  const value = toJsonElement(argument(args, 1))
  return bound(argument(args, 0).sql, (json) => {
    const found = call(
      'arrayFirstIndex',
      lambda(['e'], (element) => sameElement(element, value)),
      arrayElements(json),
    )
    return when(isArray(json), call('minus', call('toInt64', found), 1), nothing)
  })
}

function zip(args: readonly Operand[]): SqlExpression {
  const lists = call('array', ...args.map((value) => arrayElements(value.sql)))
  return bound(lists, (columns) => {
    const size = call(
      'arrayMax',
      lambda(['c'], (list) => call('length', list)),
      columns,
    )
    const row = lambda(['i'], (index) => {
      const cell = lambda(['c'], (list) =>
        when(
          call('less', index, call('length', list)),
          call('arrayElement', list, call('plus', index, 1)),
          text('null'),
        ),
      )
      return arrayOf(call('arrayMap', cell, columns))
    })
    const isSure = and(...args.map((value) => isArray(value.sql)))
    const result = arrayOf(call('arrayMap', row, call('range', size)))
    return unless(not(isSure), 'zip: a value that is no array', result, text(''))
  })
}

/** Chooses by conditions: booleans, or numbers that are not 0; null where it is neither. */
function arrayIff(args: readonly Operand[]): SqlExpression {
  const choice = (value: Operand, index: SqlExpression): SqlExpression => {
    const whole = toJsonElement(value)
    if (value.type !== 'dynamic') return whole
    const list = arrayElements(value.sql)
    const item = when(
      call('less', index, call('length', list)),
      call('arrayElement', list, call('plus', index, 1)),
      text('null'),
    )
    return when(isArray(value.sql), item, whole)
  }
  return ofArray(argument(args, 0), (conditions) => {
    const pick = lambda(['c', 'i'], (condition, index) =>
      call(
        'multiIf',
        or(
          call('equals', condition, 'true'),
          and(call('match', condition, numberText), call('notEquals', call('toFloat64OrZero', condition), 0)),
        ),
        choice(argument(args, 1), index),
        or(call('equals', condition, 'false'), call('match', condition, numberText)),
        choice(argument(args, 2), index),
        text('null'),
      ),
    )
    return arrayOf(call('arrayMap', pick, conditions, call('range', call('length', conditions))))
  })
}

function repeat(args: readonly Operand[]): SqlExpression {
  const times = convert(argument(args, 1), 'long')
  const copies = call(
    'arrayWithConstant',
    call('greatest', call('ifNull', times, integer(0)), integer(0)),
    toJsonElement(argument(args, 0)),
  )
  return when(call('greaterOrEquals', times, 0), arrayOf(copies), text(''))
}

/** Arrays. */
export const arrayFunctions: readonly ScalarFunction[] = [
  {
    name: 'array_slice',
    doc: 'The elements between two positions, both included; negative positions count from the end.',
    example: ['array_slice(dynamic([1, 2, 3, 4, 5]), 2, -1)', [3, 4, 5]],
    emit: slice,
  },
  {
    name: 'array_shift_left',
    doc: 'Moves elements to the left and fills up; to the right for a negative count.',
    example: ['array_shift_left(dynamic([1, 2, 3]), 2)', [3, null, null]],
    emit: (args, site) => shift(1, args, site),
  },
  {
    name: 'array_shift_right',
    doc: 'Moves elements to the right and fills up.',
    example: ['array_shift_right(dynamic([1, 2, 3]), 1, -1)', [-1, 1, 2]],
    emit: (args, site) => shift(-1, args, site),
  },
  {
    name: 'array_rotate_left',
    doc: 'Moves elements to the left, those that leave to the end.',
    example: ['array_rotate_left(dynamic([1, 2, 3]), 1)', [2, 3, 1]],
    emit: (args) => rotate(1, args),
  },
  {
    name: 'array_rotate_right',
    doc: 'Moves elements to the right, those that leave to the start.',
    example: ['array_rotate_right(dynamic([1, 2, 3]), 1)', [3, 1, 2]],
    emit: (args) => rotate(-1, args),
  },
  {
    name: 'array_split',
    doc: 'Cuts an array at one or several positions.',
    example: ['array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, -2]))', [[1], [2, 3], [4, 5]]],
    emit: split,
  },
  {
    name: 'array_sum',
    doc: 'The sum of an array’s numbers.',
    example: ['array_sum(dynamic([1, null, 2.5]))', 3.5],
    emit: sum,
  },
  {
    name: 'array_sort_asc',
    doc: 'Sorts an array: numbers, then texts, nulls last unless told.',
    example: ['array_sort_asc(dynamic(["b", null, 10, "a", 9]))', [9, 10, 'a', 'b', null]],
    resultType: () => 'dynamic',
    emit: (args, site) => sort(args, false, site),
  },
  {
    name: 'array_sort_desc',
    doc: 'Sorts an array from the greatest, nulls last unless told.',
    example: ['array_sort_desc(dynamic([1, null, 10]), false)', [null, 10, 1]],
    resultType: () => 'dynamic',
    emit: (args, site) => sort(args, true, site),
  },
  {
    name: 'array_index_of',
    doc: 'The position of a value, from 0; -1 where it is not there.',
    example: ['array_index_of(dynamic(["a", "b"]), "b")', 1],
    emit: indexOf,
  },
  {
    name: 'zip',
    doc: 'Arrays of the first elements, the second ones, and so on; shorter arrays are filled with null.',
    example: [
      'zip(dynamic([1, 3]), dynamic([2]))',
      [
        [1, 2],
        [3, null],
      ],
    ],
    emit: zip,
  },
  ...(['array_iff', 'array_iif'] as const).map((name): ScalarFunction => ({
    name,
    doc: 'Chooses between two values or arrays by an array of conditions.',
    example: [`${name}(dynamic([true, false]), dynamic([1, 2]), 0)`, [1, 0]],
    emit: arrayIff,
  })),
  {
    name: 'repeat',
    doc: 'An array of one value several times.',
    example: ['repeat("a", 2)', ['a', 'a']],
    emit: (args, site) =>
      argument(args, 0).type === 'dynamic'
        ? site.refuse('bad-argument', 'repeat does not take a dynamic')
        : repeat(args),
  },
  {
    name: 'array_reverse',
    doc: 'An array’s elements in reverse.',
    example: ['array_reverse(dynamic([1, 2]))', [2, 1]],
    emit: (args) => ofArray(argument(args, 0), (elements) => arrayOf(call('arrayReverse', elements))),
  },
  {
    name: 'array_strcat',
    doc: 'The same as strcat_array.',
    example: ['array_strcat(dynamic([1, "b"]), "-")', '1-b'],
    emit: (args) => {
      const print = lambda(['e'], (element) =>
        toText(operand(when(call('equals', element, 'null'), text(''), element), 'dynamic')),
      )
      return call(
        'arrayStringConcat',
        call('arrayMap', print, arrayElements(argument(args, 0).sql)),
        toText(argument(args, 1)),
      )
    },
  },
  {
    name: 'arraylength',
    doc: 'The same as array_length.',
    example: ['arraylength(dynamic([1]))', 1],
    emit: (args, site) => site.call('array_length', args, 'long').sql,
  },
]
