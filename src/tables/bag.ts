import { sql, type Sql } from '../sql/template.ts'
import type { BagStyle } from './value.ts'

/** The open columns of a record as a JSON object, from the relation's `document`. */
export function bagOf(style: BagStyle, without: readonly string[]): Sql {
  return style === 'diagnostics' ? diagnosticsBag(without) : columnsBag(without)
}

/** Columns under their own names, empty ones left out. */
function columnsBag(without: readonly string[]): Sql {
  return sql`concat('{', arrayStringConcat(arrayMap(pair -> concat(toJSONString(pair.1), ':', pair.2), arrayFilter(
    pair -> pair.1 NOT IN (${without}) AND pair.2 NOT IN ('null', '""', ''),
    JSONExtractKeysAndValuesRaw(document))), ','), '}')`
}

/**
 * Azure Diagnostics' names: the members of `properties` at the top, nested names joined by `_`, other characters
 * made `_`, and a suffix for the type. Below three levels, and for arrays, the JSON text stands as a string.
 */
function diagnosticsBag(without: readonly string[]): Sql {
  const top = sql`arrayConcat(
    arrayFilter(pair -> lower(pair.1) NOT IN (${without}) AND NOT (pair.1 = 'properties' AND startsWith(pair.2, '{')), JSONExtractKeysAndValuesRaw(document)),
    JSONExtractKeysAndValuesRaw(document, 'properties'))`
  const values = sql`arrayFilter(pair -> pair.2 NOT IN ('null', ''), ${flatten(flatten(flatten(top)))})`
  const named = sql`arrayMap(pair -> (${columnName(sql`pair.1`)}, ${suffixOf(sql`pair.2`)}, if(substring(pair.2, 1, 1) IN ('{', '['), toJSONString(pair.2), pair.2)), ${values})`
  return sql`arrayStringConcat(['{', arrayStringConcat(arrayMap(
    (column, number) -> concat('"', column.1, if(number = 1, '', concat('_', toString(number))), column.2, '":', column.3),
    ${named} AS bagColumns, arrayEnumerateUniq(arrayMap(column -> concat(column.1, column.2), bagColumns))), ','), '}'])`
}

function flatten(pairs: Sql): Sql {
  return sql`arrayFlatten(arrayMap(pair -> if(startsWith(pair.2, '{') AND pair.2 != '{}',
    arrayMap(inner -> (concat(pair.1, '_', inner.1), inner.2), JSONExtractKeysAndValuesRaw(pair.2)), [pair]), ${pairs}))`
}

function columnName(name: Sql): Sql {
  return sql`replaceRegexpAll(${name}, '[^A-Za-z0-9_]+', '_')`
}

function suffixOf(raw: Sql): Sql {
  return sql`multiIf(
    substring(${raw}, 1, 1) IN ('t', 'f'), '_b',
    substring(${raw}, 1, 1) IN ('{', '['), '_s',
    substring(${raw}, 1, 1) != '"', '_d',
    match(${raw}, '^"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}[-+0-9:.Z]*"$'), '_t',
    match(${raw}, '^"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"$'), '_g',
    '_s')`
}
