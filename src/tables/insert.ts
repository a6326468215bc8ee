import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { compileColumn, compileCondition, type CompileContext } from './compile.ts'
import { keyPart, provenanceColumns, storedTable } from './create.ts'
import { Extraction } from './extraction.ts'
import { lowered } from './declare.ts'
import { extractedFrom, type Spelling } from './documents.ts'
import { tableOf } from './recognise.ts'
import type { Column, Shape, Table } from './types.ts'

export interface InsertContext {
  readonly batch: number
  readonly ingestedAt: Date
  /** A GUID of the case, for records that name no tenant. */
  readonly tenantId: string
  /** For CSVs whose dates have the day first. */
  readonly dayFirst?: boolean
}

/** Times outside these years are taken for damage. */
const timeBounds = sql`TimeGenerated >= toDateTime64('1970-01-01 00:00:00', 7, 'UTC') AND TimeGenerated < toDateTime64('2106-01-01 00:00:00', 7, 'UTC')`

/**
 * Lands the records of one shape: reads a relation of `evidence`, `record`, `line`, takes those that the shape's
 * condition holds for and that have a readable time, and leaves all others alone.
 */
export function insertRecords(
  table: Table,
  shape: Shape,
  source: Sql,
  context: InsertContext,
  spelling?: Spelling,
): Sql {
  const columns = mappedColumns(table, shape)
  const names = [...columns.map((column) => column.name), ...provenanceColumns.map(([name]) => name)]
  return sql`INSERT INTO ${storedTable(table)} (${join(names.map((name) => identifier(name)))})
    SELECT ${join(columns.map((column) => identifier(column.name)))}, evidence, record, ordinal,
      ${identityOf(table, shape, columns)}, ${context.batch}, ${rankOf(shape, columns)}, ${ingestedAt(context)}
    FROM (${mappedRecords(columns, shape, source, context, spelling)}) WHERE ${timeBounds}`
}

/** Records of the shape that `insertRecords` leaves, with the reason. */
export function rejectRecords(table: Table, shape: Shape, source: Sql, context: InsertContext): Sql {
  const time = table.columns.filter((column) => column.name === 'TimeGenerated')
  return sql`SELECT evidence, record, ordinal, if(isNull(TimeGenerated), 'no-time', 'time-out-of-range') AS reason, line AS text, toInt64(1) AS records
    FROM (${mappedRecords(time, shape, source, context)}) WHERE isNull(TimeGenerated) OR NOT (${timeBounds})`
}

/** `evidence`, `record`, `line` and the mapped columns of the records that the shape's condition holds for. */
export function mappedRecords(
  columns: readonly Column[],
  shape: Shape,
  source: Sql,
  context: Pick<InsertContext, 'tenantId' | 'dayFirst'>,
  spelling?: Spelling,
): Sql {
  const extraction = new Extraction(sql`document`)
  const compile = (
    read: CompileContext['read'],
    decide: CompileContext['read'],
  ): { selected: Sql[]; condition: Sql } => ({
    selected: columns.map((column) => {
      const value = column.from[shape.name]
      if (value === undefined) throw new Error(`${shape.id} maps no ${column.name}`)
      const target = { read, tenantId: context.tenantId, dayFirst: shape.csv && context.dayFirst === true }
      return sql`${compileColumn(value, column.type, target)} AS ${identifier(column.name)}`
    }),
    condition: compileCondition(shape.when, decide),
  })
  compile(extraction.record, extraction.recordStrictly)
  const { selected, condition } = compile(extraction.read, extraction.readStrictly)
  return sql`SELECT evidence, record, ordinal, line, ${join(selected)}
    FROM (${extractedFrom(shape, source, extraction, spelling)})
    WHERE ${condition}`
}

/** The columns that a shape fills, in the table's order. */
export function mappedColumns(table: Table, shape: Shape): Column[] {
  return table.columns.filter((column) => column.from[shape.name] !== undefined)
}

/**
 * Whether a record of the shape is known by what others of its file are: the statement that lands them then holds all of
 * its records at once, sorted.
 */
export function comparesRecords(shape: Shape): boolean {
  if (shape.unit === 'tuple') return false
  const { identity } = tableOf(shape)
  return (
    identity.kind !== 'keyed' ||
    shape.keyless ||
    identity.eventId !== undefined ||
    identity.mayRepeat === true
  )
}

function identityOf(table: Table, shape: Shape, columns: readonly Column[]): Sql {
  const told = columns.filter((column) => !unhashed.has(column.name))
  const row = hashOf(told.map((column) => identifier(column.name)))
  const nth = sql`row_number() OVER (PARTITION BY evidence, ${row} ORDER BY record, ordinal)`
  if (table.identity.kind !== 'keyed' || shape.keyless) return hashOf([row, nth])
  const { key, required, eventId, mayRepeat } = table.identity
  const hasKey = join(
    required.map((name) => sql`notEmpty(${identifier(name)})`),
    sql` AND `,
  )
  const keyed = hashOf(key.map((part) => keyPart(part)))
  // Without its file's id: the file may come again, grown at its end.
  const unkeyed = hashOf([row, sql`record`, sql`ordinal`])
  const isAlike = (sharing: Sql): Sql => {
    const those = sql`OVER (PARTITION BY evidence, ${sharing}, ${keyed})`
    return sql`min(${row}) ${those} = max(${row}) ${those}`
  }
  if (eventId !== undefined) {
    const id = identifier(eventId)
    return sql`multiIf(notEmpty(${id}), ${hashOf([keyPart(lowered(eventId))])}, NOT (${hasKey}), ${unkeyed},
      ${isAlike(sql`empty(${id})`)}, ${keyed}, ${hashOf([keyed, row])})`
  }
  if (mayRepeat === true) {
    return sql`multiIf(NOT (${hasKey}), ${hashOf([row, nth])}, ${isAlike(hasKey)}, ${hashOf([keyed, nth])}, ${hashOf([keyed, row, nth])})`
  }
  return sql`if(${hasKey}, ${keyed}, ${unkeyed})`
}

/** Through a tuple, because the hash of a bare NULL is NULL. */
export function hashOf(parts: readonly Sql[]): Sql {
  return sql`sipHash64(tuple(${parts}))`
}

/** What says nothing of the event itself, or depends on the way it came. */
const unhashed: ReadonlySet<string> = new Set([
  'TenantId',
  'Type',
  'SourceSystem',
  '_BilledSize',
  '_IsBillable',
])

function rankOf(shape: Shape, columns: readonly Column[]): Sql {
  const filled = columns.map((column) => {
    const name = identifier(column.name)
    return column.type === 'string' || column.type === 'dynamic'
      ? sql`notEmpty(${name})`
      : sql`isNotNull(${name})`
  })
  return sql`toUInt16(${shape.richness * 256} + least(255, arraySum([${filled}])))`
}

/** When the batch was landed, to the second. */
export function ingestedAt(context: InsertContext): Sql {
  return sql`toDateTime(${Math.floor(context.ingestedAt.getTime() / 1000)}, 'UTC')`
}
