import { and, bound, call, lambda, nothing, or, when, type SqlExpression } from '../../sql/node.ts'
import { toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { distance, isPlace, type Point } from './geo.ts'
import { unless } from './pattern.ts'

function pointOf(pair: SqlExpression): Point {
  return { longitude: call('arrayElement', pair, 1), latitude: call('arrayElement', pair, 2) }
}

/** The lines of a GeoJSON geometry, each an array of pairs; none where it is of another type. */
function linesOf(json: SqlExpression): SqlExpression {
  const type = call('JSONExtractString', json, 'type')
  const read = (sqlType: string): SqlExpression => call('JSONExtract', json, 'coordinates', sqlType)
  return call(
    'multiIf',
    call('equals', type, 'LineString'),
    call('array', read('Array(Array(Float64))')),
    call('equals', type, 'MultiLineString'),
    read('Array(Array(Array(Float64)))'),
    call('arrayResize', call('array', read('Array(Array(Float64))')), 0),
  )
}

/** Metres along the lines of a geometry; null where it is none, and stopped by a place that stands twice in a row. */
function lineLength(args: readonly Operand[], site: CallSite): SqlExpression {
  return bound(linesOf(toText(argument(args, 0))), (lines) => {
    const isPair = lambda(['p'], (pair) =>
      and(call('equals', call('length', pair), 2), isPlace(pointOf(pair))),
    )
    const isLine = lambda(['l'], (line) =>
      and(call('greater', call('length', line), 1), call('arrayAll', isPair, line)),
    )
    const later = (line: SqlExpression): SqlExpression => call('arrayPopFront', line)
    const repeats = lambda(['l'], (line) =>
      call(
        'arrayExists',
        lambda(['a', 'b'], (from, to) => call('equals', from, to)),
        call('arrayPopBack', line),
        later(line),
      ),
    )
    const metres = lambda(['l'], (line) =>
      call(
        'arraySum',
        lambda(['a', 'b'], (from, to) => distance(pointOf(from), pointOf(to))),
        call('arrayPopBack', line),
        later(line),
      ),
    )
    const isWrong = or(call('empty', lines), call('not', call('arrayAll', isLine, lines)))
    const length = unless(
      call('arrayExists', repeats, lines),
      `${site.name}: a place that stands twice in a row`,
      call('toNullable', call('arraySum', metres, lines)),
      nothing,
    )
    return when(isWrong, nothing, length)
  })
}

/** Lines on Earth. */
export const geoLineFunctions: readonly ScalarFunction[] = [
  {
    name: 'geo_line_length',
    doc: 'Metres along a line, or along several, on the sphere.',
    example: [
      'round(geo_line_length(dynamic({"type": "LineString", "coordinates": [[0, 0], [1, 0], [1, 1]]})), 3)',
      222_390.202,
    ],
    emit: lineLength,
  },
]
