import { randomUUID } from 'node:crypto'
import { define, type CaseEngine } from '../engine/case-engine.ts'
import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { createDatabase } from '../sql/table-definition.ts'
import { sql, type Sql } from '../sql/template.ts'

// The database `reference` holds what is looked up beside the logs: rows of files that the user names. Its tables never
// change, and each server of a cluster has all their rows.

const linesAtOnce = 2000

/**
 * Stores rows of texts in a table (`row` from 1, `cells`) that the reader can ask. Its name must tell its content; it
 * appears when it is whole, and the same content stored by another command at the same time is as good.
 */
export async function storeRows(
  engine: CaseEngine,
  name: string,
  rows: readonly (readonly string[])[],
): Promise<void> {
  const numbered = function* () {
    for (const [index, cells] of rows.entries()) yield [index + 1, cells]
  }
  await storeTable(engine, name, sql`row UInt64, cells Array(String)`, sql`row`, numbered)
}

/** The same for rows of any columns. */
export async function storeTable(
  engine: CaseEngine,
  name: string,
  columns: Sql,
  orderBy: Sql,
  rows: () => Iterable<readonly unknown[]>,
): Promise<void> {
  for (const { whole } of engine.parts) await storeOn(whole, name, columns, orderBy, rows())
}

async function storeOn(
  owner: Connection,
  name: string,
  columns: Sql,
  orderBy: Sql,
  rows: Iterable<readonly unknown[]>,
): Promise<void> {
  await owner.command(createDatabase('reference'))
  const draft = `draft-${randomUUID()}`
  await owner.command(sql`CREATE TABLE ${place(draft)} (${columns}) ENGINE = MergeTree ORDER BY ${orderBy}`)
  try {
    await owner.insert(sql`INSERT INTO ${place(draft)} FORMAT JSONCompactEachRow`, chunksOf(rows))
    await publish(owner, draft, name)
  } finally {
    await owner.command(sql`DROP TABLE IF EXISTS ${place(draft)} SYNC`)
  }
}

/** Whether the reference table is there, on every server. */
export async function hasReference(engine: CaseEngine, name: string): Promise<boolean> {
  const found = await Promise.all(engine.parts.map(({ whole }) => isOn(whole, name)))
  return found.every((isThere) => isThere)
}

async function isOn(owner: Connection, name: string): Promise<boolean> {
  const found = await owner.rows(
    sql`SELECT 1 FROM system.tables WHERE database = ${owner.databases.reference} AND name = ${name}`,
  )
  return found.length > 0
}

/** Forgets a reference table. */
export async function dropReference(engine: CaseEngine, name: string): Promise<void> {
  await define(engine, 'whole', sql`DROP TABLE IF EXISTS ${place(name)} SYNC`)
}

/** Gives the draft its name; another command may have been quicker with the same content. */
async function publish(owner: Connection, draft: string, name: string): Promise<void> {
  try {
    await owner.command(sql`RENAME TABLE ${place(draft)} TO ${place(name)}`)
  } catch (error) {
    if (!(await isOn(owner, name))) throw error
  }
}

/** A reference table by its name. */
export function place(name: string): Sql {
  return tableIn('reference', name)
}

async function* chunksOf(rows: Iterable<readonly unknown[]>): AsyncGenerator<Uint8Array> {
  let lines: string[] = []
  for (const row of rows) {
    lines.push(JSON.stringify(row))
    if (lines.length < linesAtOnce) continue
    yield Buffer.from(`${lines.join('\n')}\n`)
    lines = []
  }
  if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`)
}
