import type { KqlType } from './types.ts'

/** What a query can name: tables with their columns, and stored functions. */
export interface Schema {
  readonly tables: readonly TableSchema[]
  readonly functions?: readonly FunctionSchema[]
  /** What `_GetWatchlist` gives, by the names that it takes. */
  readonly watchlists?: readonly TableSchema[]
}

export interface TableSchema {
  readonly name: string
  /** The SQL database and table that hold the rows. */
  readonly database: string
  readonly source: string
  readonly columns: readonly ColumnSchema[]
  readonly open?: OpenColumns
  /** A table that is known and that nothing was brought for: it can be named and has no rows. */
  readonly absent?: true
  /** The stored columns that tell when a row was ingested: as the event's own time, and in fact. */
  readonly ingestionTime?: { readonly event: string; readonly actual: string }
}

export interface ColumnSchema {
  readonly name: string
  readonly type: KqlType
  /** Bound only when the query's text names it; never part of `*`. */
  readonly hidden?: boolean
  /** The value lies in the open bag column under this key. */
  readonly bagKey?: string
  /** The table has an index of the terms of `termText` of it (src/sql/term-text.ts). */
  readonly terms?: true
  /** The value lies in the stored table's `cells`, an Array(String), at this place (from 1). */
  readonly cell?: number
}

/** Columns beyond the declared ones, in a String column that holds a JSON object. */
export interface OpenColumns {
  readonly bagColumn: string
  /** Types by name; any other column is typed by its suffix (`_s`, `_d`, `_b`, `_t`, `_g`). */
  readonly types?: Readonly<Record<string, KqlType>>
}

export interface FunctionSchema {
  readonly name: string
  /** As KQL declares them, with brackets: `(table: string, days: int = 7)`. */
  readonly parameters: string
  /** KQL text, with or without its braces. */
  readonly body: string
}

const suffixTypes: Readonly<Record<string, KqlType>> = {
  s: 'string',
  d: 'real',
  b: 'bool',
  t: 'datetime',
  g: 'guid',
}

/** The type that a column of an open schema has by its name, or nothing where the name tells none. */
export function openColumnType(open: OpenColumns, name: string): KqlType | undefined {
  const suffix = /_([sdbtg])$/.exec(name)?.[1]
  return open.types?.[name] ?? (suffix === undefined ? undefined : suffixTypes[suffix])
}
