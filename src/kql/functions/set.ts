import { bound, call, lambda, not, nothing, or, text, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { toJsonElement } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { arrayOf, sameElement } from './array.ts'
import { isArray } from './dynamic.ts'
import { unless } from './pattern.ts'

/** Arrays as sets of JSON texts; a value that is no array, or a number that could be written otherwise, fails the query. */
function ofSets(
  args: readonly Operand[],
  site: CallSite,
  make: (sets: readonly SqlExpression[]) => SqlExpression,
): SqlExpression {
  const sets = args.map((value) => call('arrayDistinct', arrayElements(value.sql)))
  const isReal = lambda(['e'], (element) => call('match', element, '^-?[0-9]+([.]0*)?([eE].*)?$'))
  const isWritten = lambda(['e'], (element) => call('match', element, '^-?[0-9]+([.]0*([eE].*)?|[eE].*)$'))
  const numbers = call('arrayConcat', ...sets)
  const isUnsure = or(
    ...args.map((value) => not(isArray(value.sql))),
    // 1 and 1.0 side by side: whether they are one element is not known.
    call(
      'greater',
      call(
        'length',
        call('arrayDistinct', call('arrayMap', isWritten, call('arrayFilter', isReal, numbers))),
      ),
      1,
    ),
  )
  return unless(
    isUnsure,
    `${site.name}: a value that is no array, or whole numbers in two types`,
    make(sets),
    text(''),
  )
}

function folded(name: string, sets: readonly SqlExpression[]): SqlExpression {
  return call('arrayDistinct', call(name, ...sets))
}

function without(sets: readonly SqlExpression[]): SqlExpression {
  const [first, ...rest] = sets
  if (!first) throw new Error('a difference needs a set')
  return bound(call('arrayConcat', call('emptyArrayString'), ...rest), (others) =>
    call(
      'arrayFilter',
      lambda(['e'], (element) => not(call('has', others, element))),
      first,
    ),
  )
}

function shared(sets: readonly SqlExpression[]): SqlExpression {
  const [first, ...rest] = sets
  if (!first) throw new Error('an intersection needs a set')
  return rest.reduce(
    (kept, other) =>
      call(
        'arrayFilter',
        lambda(['e'], (element) => call('has', other, element)),
        kept,
      ),
    first,
  )
}

/** Arrays as sets: every value once. */
export const setFunctions: readonly ScalarFunction[] = [
  {
    name: 'set_union',
    doc: 'The values of all arrays.',
    example: ['set_union(dynamic([1, 2, 2]), dynamic([3]))', [1, 2, 3]],
    emit: (args, site) => ofSets(args, site, (sets) => arrayOf(folded('arrayConcat', sets))),
  },
  {
    name: 'set_intersect',
    doc: 'The values that all arrays have.',
    example: ['set_intersect(dynamic([1, 2, 3]), dynamic([3, 2]))', [2, 3]],
    emit: (args, site) => ofSets(args, site, (sets) => arrayOf(shared(sets))),
  },
  {
    name: 'set_difference',
    doc: 'The values of the first array that no other has.',
    example: ['set_difference(dynamic([1, 2, 2, 3]), dynamic([3]))', [1, 2]],
    emit: (args, site) => ofSets(args, site, (sets) => arrayOf(without(sets))),
  },
  {
    name: 'set_has_element',
    doc: 'Whether an array has a value of the same type.',
    example: ['set_has_element(dynamic([1, 2]), "2")', false],
    emit: (args) => {
      const value = toJsonElement(argument(args, 1))
      return bound(argument(args, 0).sql, (json) => {
        const found = call(
          'arrayExists',
          lambda(['e'], (element) => sameElement(element, value)),
          arrayElements(json),
        )
        return when(isArray(json), found, nothing)
      })
    },
  },
  {
    name: 'set_equals',
    doc: 'Whether two arrays have the same values.',
    example: ['set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))', true],
    emit: (args, site) => {
      const same = ofSets(args, site, ([left, right]) =>
        left && right
          ? when(call('equals', call('arraySort', left), call('arraySort', right)), text('1'), text(''))
          : text(''),
      )
      return call('notEmpty', same)
    },
  },
  {
    name: 'jaccard_index',
    doc: 'How many values two arrays share, of all that they have.',
    example: ['jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))', 0.75],
    type: 'real',
    emit: (args, site) => {
      const ratio = ofSets(args, site, (sets) => {
        const all = call('length', folded('arrayConcat', sets))
        const isEmpty = call('equals', all, 0)
        const value = call('toString', call('divide', call('length', shared(sets)), all))
        return unless(isEmpty, `${site.name}: empty arrays`, value, text(''))
      })
      return call('toFloat64OrNull', ratio)
    },
  },
]
