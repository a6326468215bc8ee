import { and, array, bound, call, lambda, real, text, when, type SqlExpression } from '../../sql/node.ts'
import { quoteJson, toText } from '../convert.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { arrayOf } from './array.ts'
import {
  cellList,
  geometry,
  isPlace,
  level,
  ofCell,
  ofGeohash,
  point,
  pointAt,
  safe,
  type Point,
} from './geo.ts'
import { unless } from './pattern.ts'
import { neighbourTokens, ofToken, placeIn, tokenAt } from './s2.ts'

function pointToS2(args: readonly Operand[]): SqlExpression {
  const place = pointAt(args, 0)
  const depth = level(args[2], 11, 0, 30)
  const known = call('assumeNotNull', call('ifNull', depth, 0))
  const { longitude, latitude } = safe(place)
  const token = bound(call('toUInt8', known), (steps) => tokenAt(longitude, latitude, steps))
  return when(and(isPlace(place), call('isNotNull', depth)), token, text(''))
}

function degrees(place: SqlExpression): SqlExpression {
  return bound(place, (found) => point(call('tupleElement', found, 1), call('tupleElement', found, 2)))
}

/** The eight geohashes around one, in Kusto's order; around a pole the query stops. */
function geohashNeighbours(
  hash: SqlExpression,
  { longitude, latitude }: Point,
  site: CallSite,
): SqlExpression {
  const bits = call('multiply', call('toInt64', call('length', hash)), 5)
  const width = call('divide', 360, call('exp2', call('intDiv', call('plus', bits, 1), 2)))
  const height = call('divide', 180, call('exp2', call('intDiv', bits, 2)))
  const moved = lambda(['s'], (step) => {
    const turned = call('plus', longitude, call('multiply', width, call('tupleElement', step, 1)))
    const up = call('plus', latitude, call('multiply', height, call('tupleElement', step, 2)))
    const around = bound(turned, (east) =>
      call(
        'multiIf',
        call('greater', east, 180),
        call('minus', east, 360),
        call('less', east, -180),
        call('plus', east, 360),
        east,
      ),
    )
    return quoteJson(call('geohashEncode', around, up, call('toUInt8', call('length', hash))))
  })
  const steps = [
    [-1, 0],
    [-1, -1],
    [0, -1],
    [1, -1],
    [1, 1],
    [1, 0],
    [0, 1],
    [-1, 1],
  ] as const
  const isPole = call('greater', call('plus', call('abs', latitude), height), 90)
  const list = arrayOf(
    call('arrayMap', moved, array(steps.map(([east, north]) => call('tuple', east, north)))),
  )
  return unless(isPole, `${site.name}: a geohash at a pole`, list, text(''))
}

/** The cells are exact; in which order Kusto lists them is known of an example only. */
const unordered = 'in which order Kusto lists the cells is not documented'

/** The ring as the engine walks it, in the order of Kusto's example. */
const h3Order = [5, 1, 6, 4, 3, 2]

/** Cells on Earth: S2, and what lies around cells. */
export const geoCellFunctions: readonly ScalarFunction[] = [
  {
    name: 'geo_point_to_s2cell',
    doc: 'The token of the S2 cell of a place; empty where it is none.',
    example: ['geo_point_to_s2cell(-80.195829, 25.802215, 8)', '88d9b'],
    total: true,
    emit: pointToS2,
  },
  {
    name: 'geo_s2cell_to_central_point',
    doc: 'The middle of an S2 cell.',
    example: ['geo_s2cell_to_central_point("1")', { type: 'Point', coordinates: [0, 0] }],
    total: true,
    emit: (args) =>
      ofToken(toText(argument(args, 0)), text(''), (cell) =>
        geometry('Point', degrees(placeIn(cell, real(0.5), real(0.5)))),
      ),
  },
  {
    name: 'geo_s2cell_to_polygon',
    doc: 'The outline of an S2 cell.',
    example: ['array_length(geo_s2cell_to_polygon("89c259").coordinates[0])', 5],
    total: true,
    emit: (args) =>
      ofToken(toText(argument(args, 0)), text(''), (cell) => {
        const corners = [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
          [0, 0],
        ] as const
        const place = lambda(['c'], (corner) =>
          degrees(placeIn(cell, call('tupleElement', corner, 1), call('tupleElement', corner, 2))),
        )
        const ring = call('arrayMap', place, array(corners.map(([right, up]) => call('tuple', right, up))))
        return geometry('Polygon', call('concat', '[', arrayOf(ring), ']'))
      }),
  },
  {
    name: 'geo_s2cell_neighbors',
    doc: 'The S2 cells around one.',
    example: ['array_length(geo_s2cell_neighbors("89c259"))', 8],
    approximate: () => unordered,
    total: true,
    emit: (args, site) =>
      ofToken(toText(argument(args, 0)), text(''), (cell) => {
        const quoted = lambda(['t'], (token) => quoteJson(token))
        return arrayOf(call('arrayMap', quoted, neighbourTokens(cell, site.name)))
      }),
  },
  {
    name: 'geo_geohash_neighbors',
    doc: 'The geohashes around one.',
    example: [
      'geo_geohash_neighbors("sunny")',
      ['sunnv', 'sunnt', 'sunnw', 'sunnx', 'sunpp', 'sunnz', 'sunpn', 'sunpj'],
    ],
    total: true,
    emit: (args, site) => ofGeohash(args, site, (hash, middle) => geohashNeighbours(hash, middle, site)),
  },
  {
    name: 'geo_h3cell_neighbors',
    doc: 'The H3 cells around one.',
    example: ['array_length(geo_h3cell_neighbors("862a1072fffffff"))', 6],
    total: true,
    approximate: () => unordered,
    emit: (args) =>
      ofCell(args, text(''), (cell) =>
        bound(call('h3HexRing', cell, call('toUInt16', 1)), (ring) =>
          cellList(call('array', ...h3Order.map((index) => call('arrayElement', ring, index)))),
        ),
      ),
  },
]
