import { assertNever } from '../error.ts'
import { sql, type Sql } from '../sql/template.ts'
import { compileCondition } from './compile.ts'
import { Extraction } from './extraction.ts'
import { documentOf, isPlainAsRead, respelledEnvelope } from './form.ts'
import type { Shape } from './types.ts'

/** Envelopes whose outer keys stand as they are read, or those that must be respelled first. */
export type Spelling = 'plain' | 'respelled'

/**
 * `evidence`, `record`, `ordinal`, `line`, `document` and the columns of the extraction, for each unit of the shape; with
 * a spelling, for those records only that have it.
 */
export function extractedFrom(shape: Shape, source: Sql, extraction: Extraction, spelling?: Spelling): Sql {
  if (spelling !== undefined && !shape.hasAllKeys) throw new Error(`${shape.id} has one spelling`)
  if (spelling !== undefined) return spelledSo(spelling, source, extraction)
  return sql`SELECT evidence, record, ordinal, line, document, ${extraction.columns()} FROM (${documentsOf(shape, source)})`
}

/** Envelopes are read as they stand, and again only where what was read does not show that they are plain. */
function spelledSo(spelling: Spelling, source: Sql, extraction: Extraction): Sql {
  const line = sql`line`
  const shown = extraction.shown(sql`asRead`)
  // As text they do not show what they are.
  if (extraction.readsWhole('properties')) shown.delete('properties')
  const told = sql`SELECT evidence, record, line, asRead, ${isPlainAsRead(line, shown)} AS isPlain
      FROM (SELECT evidence, record, line, ${extraction.recordFrom(line)} AS asRead FROM (${source}))`
  if (spelling === 'plain') {
    return sql`SELECT evidence, record, toUInt32(0) AS ordinal, line, line AS document, ${extraction.columns(sql`asRead`)}
    FROM (${told}) WHERE isPlain`
  }
  return sql`SELECT evidence, record, toUInt32(0) AS ordinal, line, document, ${extraction.columns()}
    FROM (SELECT evidence, record, line, ${respelledEnvelope(line)} AS document FROM (${told}) WHERE NOT isPlain)`
}

/**
 * `evidence`, `record`, `ordinal`, `line` and `document`: the JSON text that a shape's mapping reads, one for each unit
 * of the shape. `ordinal` counts from 1 where a record holds several, else it is 0.
 */
function documentsOf(shape: Shape, source: Sql): Sql {
  const records = sql`SELECT evidence, record, toUInt32(0) AS ordinal, line, ${documentOf(shape.form, sql`line`)} AS document FROM (${source})`
  switch (shape.unit) {
    case 'record':
      return records
    case 'point':
      return pointsOf(records)
    case 'tuple':
      throw new Error(`${shape.id} is read by flow-records.ts`)
    default:
      return assertNever(shape.unit)
  }
}

/** Records of a shape of points that do not even hold a list of them. */
export function recordsWithoutPoints(shape: Shape, source: Sql): Sql {
  const extraction = new Extraction(documentOf(shape.form, sql`line`))
  compileCondition(shape.when, extraction.recordStrictly)
  return sql`SELECT evidence, record, line FROM (SELECT evidence, record, line, ${extraction.columns()} FROM (${source}))
    WHERE ${compileCondition(shape.when, extraction.readStrictly)} AND JSONType(line, 'timeseries') != 'Array'`
}

/** A metric's points, each with the metric's own members, its place in time and the dimensions of its series. */
function pointsOf(records: Sql): Sql {
  const series = sql`JSONExtract(document, 'timeseries', 'Array(Tuple(metadatavalues Array(Tuple(name Tuple(value String), value String)), data Array(String)))')`
  const dimensions = sql`concat('{', arrayStringConcat(arrayMap(each -> concat(toJSONString(each.1.1), ':', toJSONString(each.2)), series.1), ','), '}')`
  const metric = sql`arrayStringConcat(arrayMap(pair -> concat(toJSONString(pair.1), ':', pair.2, ','), arrayFilter(pair -> pair.1 NOT IN ('timeseries', 'point', 'dimensions'), JSONExtractKeysAndValuesRaw(document))))`
  return sql`SELECT evidence, record, number AS ordinal, line,
      concat('{', metric, '"timeseries":[],"point":', if(startsWith(point.2, '{'), point.2, '{}'), ',"dimensions":', point.1, '}') AS document
    FROM (SELECT evidence, record, line, ${metric} AS metric,
        arrayFlatten(arrayMap(series -> arrayMap(point -> (${dimensions}, point), series.2), ${series})) AS points FROM (${records}))
    ARRAY JOIN points AS point, arrayEnumerate(points) AS number`
}
