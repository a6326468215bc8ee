import { bound, call, cast, lambda, text, when, type SqlExpression } from '../../sql/node.ts'
import { arrayElements } from '../json-parts.ts'
import { convert, jsonArray, toJsonElement } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { constantBool, elementOf, isWhole, numberOf, whereSeries } from './series-elements.ts'

/** Whether an element is a gap: null, or the number that is said to stand for one. */
function gap(element: SqlExpression, placeholder: Operand | undefined): SqlExpression {
  const isNull = call('equals', element, 'null')
  if (!placeholder || placeholder.literal?.value === null) return isNull
  const value = convert(placeholder, 'real')
  const isPlaceholder = call('ifNull', call('equals', numberOf(element), value), 0)
  return placeholder.literal ? isPlaceholder : when(call('isNull', value), isNull, isPlaceholder)
}

/** Takes the nearest element on one side that is no gap. */
function filledFrom(name: 'arrayFill' | 'arrayReverseFill'): ScalarFunction['emit'] {
  return (args) => {
    const source = argument(args, 0).sql
    const known = lambda(['e'], (element) => call('not', gap(element, args[1])))
    return whereSeries([source], jsonArray(call(name, known, arrayElements(source))))
  }
}

function filledWith(args: readonly Operand[]): SqlExpression {
  const source = argument(args, 0).sql
  const value = args[1] ? toJsonElement(args[1]) : text('0')
  const filled = lambda(['e'], (element) => when(gap(element, args[2]), value, element))
  return whereSeries([source], jsonArray(call('arrayMap', filled, arrayElements(source))))
}

/** Whether the element is known, its number, its place and its text. */
const known = { isKnown: 1, number: 2, place: 3, text: 4 } as const

function part(item: SqlExpression, name: keyof typeof known): SqlExpression {
  return call('tupleElement', item, known[name])
}

function filledLinearly(args: readonly Operand[], site: CallSite): SqlExpression {
  const source = argument(args, 0).sql
  const edges = constantBool(args, 2, true, site)
  const constant = args[3] ? toJsonElement(args[3]) : text('0.0')
  const items = call(
    'arrayMap',
    lambda(['e', 'i'], (element, place) =>
      call(
        'tuple',
        call('not', gap(element, args[1])),
        cast(call('ifNull', numberOf(element), 0), 'Float64'),
        cast(place, 'Int64'),
        element,
      ),
    ),
    arrayElements(source),
    call('arrayEnumerate', arrayElements(source)),
  )
  const isKnown = lambda(['t'], (item) => part(item, 'isKnown'))
  return bound(items, (all) => {
    const before = call('arrayFill', isKnown, all)
    const after = call('arrayReverseFill', isKnown, all)
    const filled = (whole: boolean): SqlExpression =>
      call(
        'arrayMap',
        lambda(['t', 'p', 'n'], (item, previous, next) => interpolated(item, previous, next, edges, whole)),
        all,
        before,
        after,
      )
    const series = jsonArray(when(isWhole(source), filled(true), filled(false)))
    const empty = call('not', call('arrayExists', isKnown, all))
    return whereSeries(
      [source],
      when(
        empty,
        jsonArray(
          call(
            'arrayMap',
            lambda(['t'], () => constant),
            all,
          ),
        ),
        series,
      ),
    )
  })
}

/** The element, or the point on the line between its neighbours; whole numbers lose their fraction. */
function interpolated(
  item: SqlExpression,
  previous: SqlExpression,
  next: SqlExpression,
  edges: boolean,
  whole: boolean,
): SqlExpression {
  const share = call(
    'divide',
    call('minus', part(item, 'place'), part(previous, 'place')),
    call('minus', part(next, 'place'), part(previous, 'place')),
  )
  const rise = call('multiply', call('minus', part(next, 'number'), part(previous, 'number')), share)
  const value = call('plus', part(previous, 'number'), rise)
  return call(
    'multiIf',
    part(item, 'isKnown'),
    part(item, 'text'),
    call('not', part(previous, 'isKnown')),
    edges ? part(next, 'text') : part(item, 'text'),
    call('not', part(next, 'isKnown')),
    edges ? part(previous, 'text') : part(item, 'text'),
    whole ? call('toString', call('toInt64', call('trunc', value))) : call('assumeNotNull', elementOf(value)),
  )
}

const gappy = 'dynamic([null, 1, null, 4])'

/** Filling the gaps of series. */
export const seriesFillFunctions: readonly ScalarFunction[] = [
  {
    name: 'series_fill_const',
    doc: 'Puts a constant in place of gaps: of null, or of the number given third.',
    example: [`series_fill_const(${gappy}, 0)`, [0, 1, 0, 4]],
    type: 'dynamic',
    total: true,
    emit: filledWith,
  },
  {
    name: 'series_fill_forward',
    doc: 'Puts the last known element in place of gaps.',
    example: [`series_fill_forward(${gappy})`, [null, 1, 1, 4]],
    type: 'dynamic',
    total: true,
    emit: filledFrom('arrayFill'),
  },
  {
    name: 'series_fill_backward',
    doc: 'Puts the next known element in place of gaps.',
    example: [`series_fill_backward(${gappy})`, [1, 1, 4, 4]],
    type: 'dynamic',
    total: true,
    emit: filledFrom('arrayReverseFill'),
  },
  {
    name: 'series_fill_linear',
    doc: 'Puts points on the line between known elements in place of gaps; at the edges the nearest one.',
    example: [`series_fill_linear(${gappy})`, [1, 1, 2, 4]],
    type: 'dynamic',
    total: true,
    emit: filledLinearly,
  },
]
