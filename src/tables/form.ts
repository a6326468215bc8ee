import { assertNever } from '../error.ts'
import { join, sql, type Sql } from '../sql/template.ts'
import { lowerAscii } from './condition.ts'
import type { Form, JsonObject, JsonValue } from './types.ts'

/** The outer keys of Azure's resource logs, flow logs and metrics as Azure spells them most often. */
const envelopeKeys = [
  'time', 'timeStamp', 'resourceId', 'tenantId', 'operationName', 'operationVersion', 'category', 'resultType',
  'resultSignature', 'resultDescription', 'durationMs', 'callerIpAddress', 'correlationId', 'identity', 'level',
  'location', 'properties', 'uri', 'protocol', 'resourceType', 'schemaVersion', 'statusCode', 'statusText',
  'metricName', 'timeGrain', 'count', 'total', 'minimum', 'maximum', 'average', 'systemId',
  'macAddress', 'flowLogVersion', 'flowLogGUID', 'flowLogResourceID', 'targetResourceID', 'flowRecords',
] as const // oxfmt-ignore

const spelling: ReadonlyMap<string, string> = new Map(envelopeKeys.map((key) => [lowerAscii(key), key]))

const plainKeys: ReadonlySet<string> = new Set(envelopeKeys)

/** Common in sign-ins, and mapped in either spelling. */
const keysReadInBothSpellings = ['Level'] as const

/** The record as its form is read; the counterpart of `documentOf` for a parsed sample. */
export function readForm(form: Form, record: JsonObject): JsonObject {
  switch (form) {
    case 'exact':
      return record
    case 'envelope': {
      const entries = Object.entries(record).map(([key, value]) => {
        const name = readKey(form, key)
        return [name, name === 'properties' ? parsedText(value) : value, name !== key] as const
      })
      return collect([...entries.filter((entry) => entry[2]), ...entries.filter((entry) => !entry[2])])
    }
    case 'logAnalytics':
      return collect(
        Object.entries(record)
          .filter(([key, value]) => plainName(key) === key || !isEmpty(value))
          .toReversed()
          .map(([key, value]) => [plainName(key), value] as const),
      )
    default:
      return assertNever(form)
  }
}

/** The name by which a form reads an outer key. */
export function readKey(form: Form, key: string): string {
  switch (form) {
    case 'exact':
      return key
    case 'envelope':
      return plainKeys.has(key) ? key : (spelling.get(lowerAscii(key)) ?? key)
    case 'logAnalytics':
      return plainName(key)
    default:
      return assertNever(form)
  }
}

/** The record's text as its form is read: as it stands where it can be, respelled where it must be. */
export function documentOf(form: Form, line: Sql): Sql {
  switch (form) {
    case 'exact':
      return sql`if(${isObjectText(line)}, ${line}, '')`
    case 'envelope':
      return sql`if(${isPlainEnvelope(line)}, ${line}, ${respelledEnvelope(line)})`
    case 'logAnalytics':
      return sql`multiIf(NOT (${isObjectText(line)}), '', multiSearchAny(${line}, [' [UTC]"', '_string"', '_dynamic"']), ${respelledColumns(line)}, ${line})`
    default:
      return assertNever(form)
  }
}

function isObjectText(line: Sql): Sql {
  return sql`startsWith(${line}, '{') OR startsWith(trimLeft(${line}), '{')`
}

/**
 * No outer key is spelled in another way than it is read, and `properties` is an object, not its text: the first of that
 * name, and where there are more, the outer one. What does not look plain is respelled, which is always right but slower.
 */
function isPlainEnvelope(line: Sql): Sql {
  return sql`startsWith(${line}, '{') AND ${hasPlainProperties(line)} AND NOT ${hasMisspeltKeys(line)}`
}

/** Read only where `time` is not. */
const standIn = 'timeStamp'

/**
 * The same of a record that was read as it stands; `shown` tells by key whether what was read shows it. Nothing else need
 * be looked for where each was found in its own spelling, which goes before any other. What was read comes first, so that
 * it is not held back and then read again for each use.
 */
export function isPlainAsRead(line: Sql, shown: ReadonlyMap<string, Sql>): Sql {
  const keys = [...shown].filter(([key]) => plainKeys.has(key) && key !== 'properties' && key !== standIn)
  const isComplete = join(
    keys.map(([, isShown]) => isShown),
    sql` AND `,
  )
  const hasProperties = sql`(${shown.get('properties') ?? sql`false`} OR ${hasPlainProperties(line)})`
  return sql`((${isComplete}) OR NOT ${hasMisspeltKeys(line)}) AND ${hasProperties} AND startsWith(${line}, '{')`
}

function hasPlainProperties(line: Sql): Sql {
  const properties = sql`position(${line}, '"properties"')`
  const opening = sql`substring(${line}, ${properties} + 12, 3)`
  const isObject = sql`startsWith(${opening}, ':{') OR ${opening} = ': {'`
  const isOuter = sql`position(${line}, '"properties"', ${properties} + 12) = 0 OR JSONType(${line}, 'properties') = 'Object'`
  return sql`((${isObject}) AND (${isOuter}))`
}

function hasMisspeltKeys(line: Sql): Sql {
  const isMisspelt = sql`key NOT IN (${[...envelopeKeys, ...keysReadInBothSpellings]}) AND lower(key) IN (${[...spelling.keys()]})`
  return sql`arrayExists(key -> ${isMisspelt}, JSONExtractKeys(${line}))`
}

export function respelledEnvelope(line: Sql): Sql {
  const from = Array.from(spelling.keys())
  const to = Array.from(spelling.values())
  const pairs = sql`arrayMap(pair -> (transform(lower(pair.1), [${from}], [${to}], pair.1), pair.2, pair.1), JSONExtractKeysAndValuesRaw(${line}))`
  return documentFrom(sql`arrayMap(pair -> (pair.1, if(pair.1 = 'properties' AND startsWith(pair.2, '"') AND isValidJSON(JSONExtract(pair.2, 'String')), JSONExtractRaw(JSONExtract(pair.2, 'String')), pair.2)),
    arrayConcat(arrayFilter(pair -> pair.1 = pair.3, ${pairs}), arrayFilter(pair -> pair.1 != pair.3, ${pairs})))`)
}

function respelledColumns(line: Sql): Sql {
  return documentFrom(sql`arrayFilter(pair -> pair.1 = pair.3 OR pair.2 NOT IN ('null', '""', ''),
    arrayMap(pair -> (replaceRegexpOne(pair.1, ' \\\\[UTC\\\\]$|_string$|_dynamic$', ''), pair.2, pair.1), JSONExtractKeysAndValuesRaw(${line})))`)
}

function documentFrom(pairs: Sql): Sql {
  return sql`concat('{', arrayStringConcat(arrayMap(pair -> concat(toJSONString(pair.1), ':', pair.2), ${pairs}), ','), '}')`
}

function plainName(key: string): string {
  return key.replace(/ \[UTC\]$|_string$|_dynamic$/, '')
}

function isEmpty(value: JsonValue): boolean {
  return value === null || value === ''
}

function parsedText(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  try {
    const parsed: unknown = JSON.parse(value)
    return parsed as JsonValue
  } catch {
    return value
  }
}

function collect(entries: readonly (readonly [string, JsonValue, ...unknown[]])[]): JsonObject {
  const record: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>
  for (const [key, value] of entries) record[key] = value
  return record
}
