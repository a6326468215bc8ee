import { text } from '../../sql/node.ts'
import { constantText, type CallSite, type ScalarFunction } from '../function.ts'

/** How deep the coordinates of a geometry nest: a point is a list of numbers. */
const depths: Readonly<Record<string, readonly [type: string, depth: number]>> = {
  POINT: ['Point', 0],
  MULTIPOINT: ['MultiPoint', 1],
  LINESTRING: ['LineString', 1],
  MULTILINESTRING: ['MultiLineString', 2],
  POLYGON: ['Polygon', 2],
  MULTIPOLYGON: ['MultiPolygon', 3],
}

const mostNested = 20

/** The parts between the commas that stand in no brackets. */
function partsOf(source: string): readonly string[] {
  const parts: string[] = []
  let [depth, start] = [0, 0]
  for (let index = 0; index < source.length; index += 1) {
    const letter = source.charAt(index)
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (letter === ',' && depth === 0) {
      parts.push(source.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, source.slice(start)]
}

/** What stands in the brackets that the text is; undefined where it is none. */
function inside(source: string): string | undefined {
  const trimmed = source.trim()
  let depth = 0
  for (let index = 0; index < trimmed.length; index += 1) {
    if (trimmed.charAt(index) === '(') depth += 1
    if (trimmed.charAt(index) === ')') depth -= 1
    if (depth === 0 && index < trimmed.length - 1) return undefined
  }
  return trimmed.startsWith('(') && depth === 0 ? trimmed.slice(1, -1) : undefined
}

/** A place as JSON; undefined where it is no pair of numbers. */
function place(source: string, site: CallSite): string | undefined {
  const number = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?'
  const found = new RegExp(`^\\s*(${number})\\s+(${number})\\s*$`).exec(source)
  if (!found) return undefined
  const [longitude, latitude] = [Number(found[1]), Number(found[2])]
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
    return site.refuse('unsupported-argument', 'a place that is not on Earth')
  const printed = [longitude, latitude].map((value) =>
    Number.isInteger(value) ? `${value}.0` : String(value),
  )
  return `[${printed.join(',')}]`
}

function coordinates(source: string, depth: number, type: string, site: CallSite): string | undefined {
  if (depth === 0) {
    // The points of a MULTIPOINT may have brackets of their own.
    return place(type === 'MULTIPOINT' ? (inside(source) ?? source) : source, site)
  }
  const parts = partsOf(source).map((part) => {
    const inner = depth === 1 ? part : inside(part)
    return inner === undefined ? undefined : coordinates(inner, depth - 1, type, site)
  })
  return parts.includes(undefined) ? undefined : `[${parts.join(',')}]`
}

/** Well-known text as GeoJSON; undefined where it is no geometry. */
export function geoJsonOf(source: string, site: CallSite, nested = 0): string | undefined {
  if (nested > mostNested) return site.refuse('too-deep', 'a collection of geometries is nested too deep')
  const [, type = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(source) ?? []
  if (/^(?:EMPTY|Z|M|ZM)\b/i.test(rest) || (type !== type.toUpperCase() && depths[type.toUpperCase()]))
    return site.refuse(
      'unsupported-argument',
      'well-known text that is empty, in small letters or of more dimensions',
    )
  const body = inside(rest)
  if (body === undefined) return undefined
  if (type === 'GEOMETRYCOLLECTION') {
    const members = partsOf(body).map((part) => geoJsonOf(part, site, nested + 1))
    return members.includes(undefined)
      ? undefined
      : `{"type":"GeometryCollection","geometries":[${members.join(',')}]}`
  }
  const known = depths[type]
  const found = known ? coordinates(body, known[1], type, site) : undefined
  return known && found !== undefined ? `{"type":"${known[0]}","coordinates":${found}}` : undefined
}

/** Geometries as text. */
export const wellKnownTextFunctions: readonly ScalarFunction[] = [
  {
    name: 'geo_from_wkt',
    doc: 'Well-known text, a literal, as GeoJSON; null where it is no geometry.',
    example: [
      'geo_from_wkt("LINESTRING (1 2, 3 4.5)")',
      {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [3, 4.5],
        ],
      },
    ],
    total: true,
    emit: (args, site) => text(geoJsonOf(constantText(args, 0, site), site) ?? ''),
  },
]
