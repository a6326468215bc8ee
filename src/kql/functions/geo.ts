import {
  and,
  bound,
  call,
  cast,
  integer,
  lambda,
  not,
  nothing,
  real,
  text,
  when,
  type SqlExpression,
} from '../../sql/node.ts'
import { convert, quoteJson, toText } from '../convert.ts'
import { realText } from '../real-text.ts'
import { argument, type CallSite, type ScalarFunction } from '../function.ts'
import type { Operand } from '../operand.ts'
import { physicalTypes } from '../types.ts'
import { arrayOf } from './array.ts'
import { unless } from './pattern.ts'

/** The sphere that Kusto measures on, in metres. */
const earthRadius = 6_371_010

export interface Point {
  readonly longitude: SqlExpression
  readonly latitude: SqlExpression
}

export function pointAt(args: readonly Operand[], index: number): Point {
  return {
    longitude: convert(argument(args, index), 'real'),
    latitude: convert(argument(args, index + 1), 'real'),
  }
}

export function isPlace({ longitude, latitude }: Point): SqlExpression {
  return call(
    'ifNull',
    and(call('lessOrEquals', call('abs', longitude), 180), call('lessOrEquals', call('abs', latitude), 90)),
    0,
  )
}

/** Zero where the place is none, so that nothing is computed of what is not there. */
export function safe(point: Point): Point {
  const value = (coordinate: SqlExpression): SqlExpression =>
    call('assumeNotNull', when(isPlace(point), call('ifNull', coordinate, real(0)), real(0)))
  return { longitude: value(point.longitude), latitude: value(point.latitude) }
}

function difference(left: SqlExpression, right: SqlExpression): SqlExpression {
  return call('radians', call('minus', left, right))
}

/** Metres between two places on the sphere. */
export function distance(from: Point, to: Point): SqlExpression {
  const half = (angle: SqlExpression): SqlExpression => call('pow', call('sin', call('divide', angle, 2)), 2)
  const cosines = call(
    'multiply',
    call('cos', call('radians', from.latitude)),
    call('cos', call('radians', to.latitude)),
  )
  const chord = call(
    'plus',
    half(difference(to.latitude, from.latitude)),
    call('multiply', cosines, half(difference(to.longitude, from.longitude))),
  )
  return call('multiply', call('asin', call('least', real(1), call('sqrt', chord))), real(2 * earthRadius))
}

function distanceOf(args: readonly Operand[], site: CallSite): SqlExpression {
  const [from, to] = [pointAt(args, 0), pointAt(args, 2)]
  if (args[4] && args[4].literal?.value !== false && args[4].literal?.value !== '0') {
    return site.refuse(
      'unsupported-argument',
      'a distance on the spheroid is not supported',
      'leave use_spheroid out',
    )
  }
  return when(and(isPlace(from), isPlace(to)), distance(safe(from), safe(to)), nothing)
}

/** The direction from one place to another, in radians from north. */
function azimuth(args: readonly Operand[]): SqlExpression {
  const [from, to] = [pointAt(args, 0), pointAt(args, 2)]
  const turn = difference(to.longitude, from.longitude)
  const sine = (point: Point): SqlExpression => call('sin', call('radians', point.latitude))
  const cosine = (point: Point): SqlExpression => call('cos', call('radians', point.latitude))
  const east = call('multiply', call('sin', turn), cosine(to))
  const north = call(
    'minus',
    call('multiply', cosine(from), sine(to)),
    call('multiply', call('multiply', sine(from), cosine(to)), call('cos', turn)),
  )
  const isSame = and(call('equals', from.longitude, to.longitude), call('equals', from.latitude, to.latitude))
  return bound(call('atan2', east, north), (angle) => {
    const positive = when(call('less', angle, 0), call('plus', angle, real(2 * Math.PI)), angle)
    return when(and(isPlace(from), isPlace(to), not(call('ifNull', isSame, 0))), positive, nothing)
  })
}

export function point(longitude: SqlExpression, latitude: SqlExpression): SqlExpression {
  return call('concat', '[', realText(longitude), ',', realText(latitude), ']')
}

export function geometry(type: string, coordinates: SqlExpression): SqlExpression {
  return call('concat', `{"type":"${type}","coordinates":`, coordinates, '}')
}

/** A resolution or accuracy, NULL outside its bounds. */
export function level(value: Operand | undefined, usual: number, low: number, high: number): SqlExpression {
  if (!value) return integer(usual)
  const number = convert(value, 'long')
  return when(and(call('greaterOrEquals', number, low), call('lessOrEquals', number, high)), number, nothing)
}

function small(value: SqlExpression): SqlExpression {
  return call('toUInt8', call('assumeNotNull', call('ifNull', value, integer(0))))
}

function pointToGeohash(args: readonly Operand[], site: CallSite): SqlExpression {
  const place = pointAt(args, 0)
  const accuracy = level(args[2], 5, 1, 18)
  const hash = call(
    'geohashEncode',
    safe(place).longitude,
    safe(place).latitude,
    call('greatest', small(accuracy), 1),
  )
  const result = when(and(isPlace(place), call('isNotNull', accuracy)), hash, text(''))
  return unless(call('greater', accuracy, 12), `${site.name}: an accuracy of more than 12`, result, text(''))
}

const geohash = '^[0-9bcdefghjkmnpqrstuvwxyz]{1,12}$'

/** What a geohash's middle becomes; null where the text is none. */
export function ofGeohash(
  args: readonly Operand[],
  site: CallSite,
  make: (hash: SqlExpression, middle: Point) => SqlExpression,
): SqlExpression {
  return bound(toText(argument(args, 0)), (hash) => {
    const isHash = call('match', hash, geohash)
    const middle = call('geohashDecode', when(isHash, hash, text('s')))
    const made = make(hash, {
      longitude: call('tupleElement', middle, 1),
      latitude: call('tupleElement', middle, 2),
    })
    const isUnsure = call('match', hash, '[A-Z]|^[0-9b-z]{13}')
    return unless(
      isUnsure,
      `${site.name}: capital letters, or more than 12`,
      when(isHash, made, text('')),
      text(''),
    )
  })
}

function geohashPolygon(hash: SqlExpression, { longitude, latitude }: Point): SqlExpression {
  const bits = call('multiply', call('toInt64', call('length', hash)), 5)
  const half = (whole: number, count: SqlExpression): SqlExpression =>
    call('divide', real(whole), call('exp2', count))
  const width = half(180, call('intDiv', call('plus', bits, 1), 2))
  const height = half(90, call('intDiv', bits, 2))
  const corner = (east: boolean, north: boolean): SqlExpression =>
    point(call(east ? 'plus' : 'minus', longitude, width), call(north ? 'plus' : 'minus', latitude, height))
  const ring = [
    corner(false, false),
    corner(true, false),
    corner(true, true),
    corner(false, true),
    corner(false, false),
  ]
  return geometry('Polygon', call('concat', '[', arrayOf(call('array', ...ring)), ']'))
}

function pointToCell(args: readonly Operand[]): SqlExpression {
  const place = pointAt(args, 0)
  const resolution = level(args[2], 6, 0, 15)
  const cell = call(
    'h3ToString',
    call('geoToH3', safe(place).latitude, safe(place).longitude, small(resolution)),
  )
  return when(and(isPlace(place), call('isNotNull', resolution)), cell, text(''))
}

const someCell = '8001fffffffffff'

/** What an H3 cell becomes, or the otherwise where the text is none. */
export function ofCell(
  args: readonly Operand[],
  otherwise: SqlExpression,
  make: (cell: SqlExpression) => SqlExpression,
): SqlExpression {
  return bound(toText(argument(args, 0)), (source) => {
    const isText = call('match', source, '^[0-9a-f]{15}$')
    return bound(call('stringToH3', when(isText, source, text(someCell))), (cell) =>
      when(
        and(isText, call('h3IsValid', cell)),
        make(when(call('h3IsValid', cell), cell, call('stringToH3', someCell))),
        otherwise,
      ),
    )
  })
}

function resolutionOf(cell: SqlExpression): SqlExpression {
  return call('toInt64', call('h3GetResolution', cell))
}

function parent(args: readonly Operand[]): SqlExpression {
  return ofCell(args, text(''), (cell) => {
    const wanted = args[1] ? level(args[1], 0, 0, 15) : call('minus', resolutionOf(cell), 1)
    const isAbove = call(
      'ifNull',
      and(call('greaterOrEquals', wanted, 0), call('lessOrEquals', wanted, resolutionOf(cell))),
      0,
    )
    const known = small(when(isAbove, wanted, integer(0)))
    return when(isAbove, call('h3ToString', call('h3ToParent', cell, known)), text(''))
  })
}

export function cellList(cells: SqlExpression): SqlExpression {
  return arrayOf(
    call(
      'arrayMap',
      lambda(['c'], (cell) => quoteJson(call('h3ToString', cell))),
      cells,
    ),
  )
}

function children(args: readonly Operand[]): SqlExpression {
  return ofCell(args, text(''), (cell) => {
    const wanted = args[1] ? level(args[1], 0, 1, 15) : call('plus', resolutionOf(cell), 1)
    const depth = call('minus', wanted, resolutionOf(cell))
    const isBelow = call(
      'ifNull',
      and(
        call('greaterOrEquals', depth, 0),
        call('lessOrEquals', depth, 5),
        call('lessOrEquals', wanted, 15),
      ),
      0,
    )
    const known = small(when(isBelow, wanted, resolutionOf(cell)))
    return when(isBelow, cellList(call('h3ToChildren', cell, known)), text(''))
  })
}

/** Rings of cells around one, each in Kusto's order. */
function rings(args: readonly Operand[], site: CallSite): SqlExpression {
  const count = args[1]?.literal?.value
  if (typeof count !== 'string')
    return site.refuse('not-constant', 'the distance of geo_h3cell_rings must be a literal')
  const last = Number(count)
  if (last < 0 || last > 142) return text('')
  return ofCell(args, text(''), (cell) => {
    const ring = lambda(['d'], (index) =>
      cellList(call('arrayRotateLeft', call('h3HexRing', cell, call('toUInt16', index)), 1)),
    )
    return arrayOf(call('arrayMap', ring, call('range', last + 1)))
  })
}

function cellPolygon(cell: SqlExpression): SqlExpression {
  const corner = lambda(['p'], (place) =>
    point(call('tupleElement', place, 2), call('tupleElement', place, 1)),
  )
  return bound(call('arrayMap', corner, call('h3ToGeoBoundary', cell)), (corners) =>
    geometry(
      'Polygon',
      call('concat', '[', arrayOf(call('arrayPushBack', corners, call('arrayElement', corners, 1))), ']'),
    ),
  )
}

/** Places on Earth: distances on the sphere, geohashes and H3 cells. */
export const geoFunctions: readonly ScalarFunction[] = [
  {
    name: 'geo_distance_2points',
    doc: 'Metres between two places on the sphere.',
    example: [
      'round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 3)',
      1_546_754.352,
    ],
    emit: distanceOf,
  },
  {
    name: 'geo_point_in_circle',
    doc: 'Whether a place lies within metres of another.',
    example: ['geo_point_in_circle(0, 0, 0, 1, 112000)', true],
    emit: (args) => {
      const [place, centre] = [pointAt(args, 0), pointAt(args, 2)]
      const radius = convert(argument(args, 4), 'real')
      const isKnown = and(
        isPlace(place),
        isPlace(centre),
        call('ifNull', call('greaterOrEquals', radius, 0), 0),
      )
      return when(isKnown, call('lessOrEquals', distance(safe(place), safe(centre)), radius), nothing)
    },
  },
  {
    name: 'geo_azimuth',
    doc: 'The direction from one place to another, in radians clockwise from north.',
    example: ['round(geo_azimuth(0, 0, 1, 0), 6)', 1.570796],
    emit: azimuth,
  },
  {
    name: 'geo_point_to_geohash',
    doc: 'The geohash of a place; empty where it is none.',
    example: ['geo_point_to_geohash(-80.195829, 25.802215, 8)', 'dhwfz15h'],
    emit: pointToGeohash,
  },
  {
    name: 'geo_geohash_to_central_point',
    doc: 'The middle of a geohash.',
    example: ['geo_geohash_to_central_point("s")', { type: 'Point', coordinates: [22.5, 22.5] }],
    emit: (args, site) =>
      ofGeohash(args, site, (_hash, middle) => geometry('Point', point(middle.longitude, middle.latitude))),
  },
  {
    name: 'geo_geohash_to_polygon',
    doc: 'The rectangle of a geohash.',
    example: [
      'geo_geohash_to_polygon("s")',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [45, 0],
            [45, 45],
            [0, 45],
            [0, 0],
          ],
        ],
      },
    ],
    emit: (args, site) => ofGeohash(args, site, geohashPolygon),
  },
  {
    name: 'geo_point_to_h3cell',
    doc: 'The H3 cell of a place; empty where it is none.',
    example: ['geo_point_to_h3cell(-74.0445, 40.68925, 6)', '862a1072fffffff'],
    emit: pointToCell,
  },
  {
    name: 'geo_h3cell_level',
    doc: 'The resolution of an H3 cell.',
    example: ['geo_h3cell_level("83754efffffffff")', 3],
    emit: (args) =>
      ofCell(args, cast(nothing, physicalTypes.int), (cell) =>
        call('toInt32', call('h3GetResolution', cell)),
      ),
  },
  {
    name: 'geo_h3cell_parent',
    doc: 'The cell of a coarser resolution that has a cell.',
    example: ['geo_h3cell_parent("862a1072fffffff", 1)', '812a3ffffffffff'],
    emit: parent,
  },
  {
    name: 'geo_h3cell_children',
    doc: 'The cells of a finer resolution in a cell.',
    example: ['array_length(geo_h3cell_children("862a1072fffffff", 8))', 49],
    emit: children,
  },
  {
    name: 'geo_h3cell_rings',
    doc: 'Rings of cells around a cell, up to a distance.',
    example: ['array_length(geo_h3cell_rings("861f8894fffffff", 2)[2])', 12],
    emit: rings,
  },
  {
    name: 'geo_h3cell_to_central_point',
    doc: 'The middle of an H3 cell.',
    example: ['round(toreal(geo_h3cell_to_central_point("862a1072fffffff").coordinates[0]), 6)', -74.016008],
    emit: (args) =>
      ofCell(args, text(''), (cell) => {
        const middle = call('h3ToGeo', cell)
        return geometry('Point', point(call('tupleElement', middle, 2), call('tupleElement', middle, 1)))
      }),
  },
  {
    name: 'geo_h3cell_to_polygon',
    doc: 'The outline of an H3 cell.',
    example: ['array_length(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0])', 7],
    emit: (args) => ofCell(args, text(''), cellPolygon),
  },
]
