import type { Connection } from '../engine/connection.ts'
import { identifier, sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import type { Table } from '../tables/types.ts'
import type { RequiredLog } from './rule.ts'

export const coverages = ['present', 'partly', 'absent'] as const
export type Coverage = (typeof coverages)[number]

/** Rows of a category of a table: from when to when, in milliseconds since 1970. */
export interface LogSpan {
  readonly table: string
  /** In lower case; empty where rows name none. */
  readonly category: string
  readonly rows: number
  readonly firstMs: number
  readonly lastMs: number
}

const dayMs = 86_400_000

/** Which logs are there, by table and category. */
export async function logSpans(owner: Connection, tables: readonly Table[]): Promise<readonly LogSpan[]> {
  const spans: LogSpan[] = []
  for (const table of tables) {
    const names = new Set(table.columns.map(({ name }) => name))
    const found = ['CategoryValue', 'Category'].find((name) => names.has(name))
    const category = found === undefined ? sql`''` : sql`lower(toString(${identifier(found)}))`
    const rows = await owner.rows<{ category: string; rows: string; first: string; last: string }>(
      sql`SELECT ${category} AS category, count() AS rows, toUnixTimestamp64Milli(min(TimeGenerated)) AS first,
        toUnixTimestamp64Milli(max(TimeGenerated)) AS last FROM ${storedTable(table)} GROUP BY category`,
    )
    for (const row of rows) {
      spans.push({
        table: table.name,
        category: row.category,
        rows: Number(row.rows),
        firstMs: Number(row.first),
        lastMs: Number(row.last),
      })
    }
  }
  return spans
}

/** A span of time, in milliseconds since 1970. */
export interface Window {
  readonly firstMs: number
  readonly lastMs: number
}

/**
 * Whether the logs that a rule needs were there in a window: all of them from its beginning to its end (to a day, since a
 * quiet log may begin late), some or for some of the time, or none.
 */
export function coverageOf(
  logs: readonly RequiredLog[],
  spans: readonly LogSpan[],
  window: Window,
): Coverage {
  const found = logs.map((log) => coverageOfLog(log, spans, window))
  if (found.every((item) => item === 'absent')) return 'absent'
  return found.every((item) => item === 'present') ? 'present' : 'partly'
}

function coverageOfLog(
  { table, category }: RequiredLog,
  spans: readonly LogSpan[],
  window: Window,
): Coverage {
  const ofTable = spans.filter((span) => span.table === table)
  const wanted = category?.toLowerCase()
  const isNamed = ofTable.some((span) => span.category !== '')
  // Exports of some kinds tell no category: then the table must do.
  const own = wanted === undefined || !isNamed ? ofTable : ofTable.filter((span) => span.category === wanted)
  const within = own.filter(({ firstMs, lastMs }) => lastMs >= window.firstMs && firstMs <= window.lastMs)
  if (within.length === 0) return 'absent'
  const first = Math.min(...within.map(({ firstMs }) => firstMs))
  const last = Math.max(...within.map(({ lastMs }) => lastMs))
  return first <= window.firstMs + dayMs && last >= window.lastMs - dayMs ? 'present' : 'partly'
}
