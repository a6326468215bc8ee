import { randomUUID } from 'node:crypto'
import type { Connection } from '../engine/connection.ts'
import { identifier, sql } from '../sql/template.ts'

/** The database of what is looked up beside the logs: rows of files that the user names. Its tables never change. */
export const referenceDatabase = 'reference'

const linesAtOnce = 2000

/**
 * Stores rows of texts in a table (`row` from 1, `cells`) that the reader can ask. Its name must tell its content; it
 * appears when it is whole, and the same content stored by another command at the same time is as good.
 */
export async function storeRows(
  owner: Connection,
  name: string,
  rows: Iterable<readonly string[]>,
): Promise<void> {
  await owner.command(sql`CREATE DATABASE IF NOT EXISTS ${identifier(referenceDatabase)}`)
  const draft = `draft-${randomUUID()}`
  await owner.command(sql`CREATE TABLE ${place(draft)} (row UInt64, cells Array(String))
    ENGINE = MergeTree ORDER BY row`)
  try {
    await owner.insert(sql`INSERT INTO ${place(draft)} FORMAT JSONCompactEachRow`, chunksOf(rows))
    await publish(owner, draft, name)
  } finally {
    await owner.command(sql`DROP TABLE IF EXISTS ${place(draft)} SYNC`)
  }
}

/** Whether the reference table is there. */
export async function hasReference(owner: Connection, name: string): Promise<boolean> {
  const found = await owner.rows(
    sql`SELECT 1 FROM system.tables WHERE database = ${referenceDatabase} AND name = ${name}`,
  )
  return found.length > 0
}

/** Forgets a reference table. */
export async function dropReference(owner: Connection, name: string): Promise<void> {
  await owner.command(sql`DROP TABLE IF EXISTS ${place(name)} SYNC`)
}

/** Gives the draft its name; another command may have been quicker with the same content. */
async function publish(owner: Connection, draft: string, name: string): Promise<void> {
  try {
    await owner.command(sql`RENAME TABLE ${place(draft)} TO ${place(name)}`)
  } catch (error) {
    if (!(await hasReference(owner, name))) throw error
  }
}

function place(name: string): ReturnType<typeof sql> {
  return sql`${identifier(referenceDatabase)}.${identifier(name)}`
}

async function* chunksOf(rows: Iterable<readonly string[]>): AsyncGenerator<Uint8Array> {
  let lines = ''
  let count = 0
  for (const cells of rows) {
    count += 1
    lines += `${JSON.stringify([count, cells])}\n`
    if (count % linesAtOnce > 0) continue
    yield Buffer.from(lines)
    lines = ''
  }
  if (lines !== '') yield Buffer.from(lines)
}
