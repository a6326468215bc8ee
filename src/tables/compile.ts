import { assertNever } from '../error.ts'
import { join, sql, type Sql } from '../sql/template.ts'
import { bagOf } from './bag.ts'
import { bound } from './bound.ts'
import type { Condition } from './condition.ts'
import type { Read } from './extraction.ts'
import type { KqlType } from './types.ts'
import type { Value } from './value.ts'

export interface CompileContext {
  readonly read: Read
  readonly tenantId: string
  /** In a CSV: `4/3/2025` is the fourth of March. */
  readonly dayFirst: boolean
}

/** Compiles a condition to a ClickHouse boolean. */
export function compileCondition(condition: Condition, read: Read): Sql {
  switch (condition.kind) {
    case 'has':
      return sql`notEmpty(${read(condition.path, 'text')})`
    case 'hasKey':
      return condition.path.length === 0 ? sql`true` : sql`isNotNull(${read(condition.path, 'key')})`
    case 'oneOf':
      return sql`lower(${read(condition.path, 'text')}) IN (${condition.words})`
    case 'is':
      return sql`${read(condition.path, 'text')} = ${condition.text}`
    case 'contains':
      return sql`position(lower(${read(condition.path, 'text')}), ${condition.text}) > 0`
    case 'startsWith':
      return sql`startsWith(lower(${read(condition.path, 'text')}), ${condition.text})`
    case 'not':
      return sql`NOT (${compileCondition(condition.condition, read)})`
    case 'all':
      return junction(condition.conditions, sql` AND `, sql`true`, read)
    case 'any':
      return junction(condition.conditions, sql` OR `, sql`false`, read)
    default:
      return assertNever(condition)
  }
}

function junction(conditions: readonly Condition[], word: Sql, empty: Sql, read: Read): Sql {
  if (conditions.length === 0) return empty
  return sql`(${join(
    conditions.map((part) => compileCondition(part, read)),
    word,
  )})`
}

/** Compiles a value to an expression of the column's stored type. */
export function compileColumn(value: Value, type: KqlType, context: CompileContext): Sql {
  switch (type) {
    case 'string':
      return compileText(value, context)
    case 'dynamic':
      return compileDynamic(value, context)
    case 'int':
    case 'long':
    case 'real':
      return compileNumber(value, type, context)
    case 'bool':
      return booleanOf(compileText(value, context))
    case 'datetime':
      return timeOf(compileText(value, context), context.dayFirst)
    case 'guid':
      return sql`toUUIDOrNull(${compileText(value, context)})`
    default:
      return assertNever(type)
  }
}

/** A datetime from the texts that Azure and its collectors write; NULL where it cannot be read. UTC without a zone. */
export function timeOf(value: Sql, dayFirst: boolean): Sql {
  const slashed = dayFirst ? sql`parseDateTime64BestEffortOrNull` : sql`parseDateTime64BestEffortUSOrNull`
  const time = sql`multiIf(
    substring(text, 14, 1) = ':' AND (substring(text, 12, 2) >= '24' OR substring(text, 15, 2) >= '60' OR substring(text, 18, 2) >= '61'), NULL,
    substring(text, 5, 1) = '-', parseDateTime64BestEffortOrNull(text, 7, 'UTC'),
    position(text, '/Date(') > 0, CAST(fromUnixTimestamp64Milli(toInt64OrNull(extract(text, '[(]([-0-9]+)')), 'UTC'), 'Nullable(DateTime64(7, \\'UTC\\'))'),
    length(text) >= 8 AND position(text, '/') > 0, ${slashed}(text, 7, 'UTC'),
    match(text, '^[0-9]{1,2}[.-][0-9]{1,2}[.-][0-9]{4}'), ${slashed}(replaceRegexpOne(text, '^([0-9]{1,2})[.-]([0-9]{1,2})[.-]', '\\\\1/\\\\2/'), 7, 'UTC'),
    match(text, '[A-Z][a-z]{2}'), parseDateTime64BestEffortOrNull(replaceRegexpAll(text, '^[A-Z][a-z]+,? (?:at )?|GMT| *[(].*[)]$', ''), 7, 'UTC'),
    NULL)`
  return bound('text', value, time)
}

function compileText(value: Value, context: CompileContext): Sql {
  switch (value.kind) {
    case 'at':
      return context.read(value.path, 'text')
    case 'first':
      return firstOf(value.values.map((part) => compileText(part, context)))
    case 'constant':
      return sql`${value.text}`
    case 'context':
      return sql`${context.tenantId}`
    case 'lower':
      return sql`lower(${compileText(value.value, context)})`
    case 'segment':
      // By dictionary: a file names few resources.
      return sql`extract(toLowCardinality(${compileText(value.value, context)}), ${`(?i)/${value.after}/([^/]+)`})`
    case 'lastSegment':
      return sql`extract(${compileText(value.value, context)}, '([^/]*)/?$')`
    case 'extract':
      return sql`extract(${compileText(value.value, context)}, ${value.pattern})`
    case 'translate': {
      const text = compileText(value.value, context)
      const words = Object.entries(value.words)
      return sql`transform(${text}, [${words.map(([from]) => from)}], [${words.map(([, to]) => to)}], ${text})`
    }
    case 'join': {
      const texts = value.values.map((part) => compileText(part, context))
      return sql`arrayStringConcat(arrayFilter(part -> notEmpty(part), [${texts}]), ${value.separator})`
    }
    case 'object':
      return objectOf(value.fields, context)
    case 'list':
      return listOf(value.values, context)
    case 'when':
      return sql`if(${compileCondition(value.condition, context.read)}, ${compileText(value.met, context)}, ${compileText(value.otherwise, context)})`
    case 'bag':
      return bagOf(value.style, value.without)
    default:
      return assertNever(value)
  }
}

/** JSON text, compact. Text that is not JSON becomes a JSON string; JSON's own null becomes nothing. */
function compileDynamic(value: Value, context: CompileContext): Sql {
  const text = compileText(value, context)
  if (isJson(value) || value.kind === 'bag') return text
  return bound(
    'text',
    text,
    sql`multiIf(empty(text) OR text = 'null', '', notEmpty(JSONExtractRaw(text)), JSONExtractRaw(text), toJSONString(text))`,
  )
}

function compileNumber(value: Value, type: 'int' | 'long' | 'real', context: CompileContext): Sql {
  if (value.kind === 'at') return context.read(value.path, type)
  if (value.kind === 'first') {
    return sql`coalesce(${value.values.map((part) => compileNumber(part, type, context))})`
  }
  const text = compileText(value, context)
  const name = { int: 'Int32', long: 'Int64', real: 'Float64' }[type]
  return sql`accurateCastOrNull(${text}, ${name})`
}

function booleanOf(text: Sql): Sql {
  return sql`CAST(transform(lower(${text}), ['true', '1', 'yes', 'false', '0', 'no'], [1, 1, 1, 0, 0, 0], NULL), 'Nullable(Bool)')`
}

function firstOf(texts: readonly Sql[]): Sql {
  const [head, ...rest] = texts
  if (head === undefined) return sql`''`
  if (rest.length === 0) return head
  const pairs = texts.slice(0, -1).flatMap((text) => [sql`notEmpty(${text})`, text])
  return sql`multiIf(${pairs}, ${texts.at(-1) ?? head})`
}

function objectOf(fields: Readonly<Record<string, Value>>, context: CompileContext): Sql {
  const members = Object.entries(fields).map(
    ([name, value]) => sql`(${JSON.stringify(name) + ':'}, ${compileText(value, context)}, ${isJson(value)})`,
  )
  const texts = sql`arrayMap(member -> concat(member.1, if(member.3, member.2, toJSONString(member.2))), arrayFilter(member -> notEmpty(member.2), [${members}]))`
  return wrapped('{', texts, '}')
}

function listOf(values: readonly Value[], context: CompileContext): Sql {
  const elements = values.map((value) => compileText(value, context))
  return wrapped('[', sql`arrayFilter(element -> notEmpty(element), [${elements}])`, ']')
}

/** Bound through an array, so that the text of the parts stands in the statement once. */
function wrapped(open: string, parts: Sql, close: string): Sql {
  return sql`arrayMap(parts -> if(empty(parts), '', concat(${open}, arrayStringConcat(parts, ','), ${close})), [${parts}])[1]`
}

function isJson(value: Value): boolean {
  return value.kind === 'object' || value.kind === 'list'
}
