import { mkdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { openEngine } from '../src/engine/engine.ts'
import { sql } from '../src/sql/template.ts'
import { bareInsert, createBareTables } from './ingest-bare.ts'
import { duckdbStatements } from './ingest-duckdb.ts'
import type { Kind } from './ingest-inputs.ts'

// One rival's load, in a process of its own: `ingest-rival.ts bare|duckdb FOLDER LINKS KIND…`. Says what it stored.

const [rival, folder = '', links = '', ...kinds] = process.argv.slice(2)
const stored = await (rival === 'bare' ? loadBare : loadDuckdb)(kinds as Kind[])
console.log(JSON.stringify(stored))

interface Stored {
  readonly rows: number
  readonly bytes: number
}

async function loadBare(wanted: readonly Kind[]): Promise<Stored> {
  await using engine = await openEngine({ directory: join(folder, 'engine'), lingerMs: 0 })
  symlinkSync(links, join(engine.stageDirectory, 'input'))
  await createBareTables(engine.owner, wanted)
  for (const kind of wanted) await engine.owner.command(bareInsert(kind, `input/${kind}/*.json`))
  const [parts] = await engine.owner.rows<{ rows: string; bytes: string }>(
    sql`SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = 'logs'`,
  )
  return { rows: Number(parts?.rows), bytes: Number(parts?.bytes) }
}

async function loadDuckdb(wanted: readonly Kind[]): Promise<Stored> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'duck.db')
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  for (const statement of duckdbStatements(wanted, links)) await connection.run(statement)
  const tables = await connection.runAndReadAll('SELECT sum(estimated_size)::BIGINT FROM duckdb_tables()')
  const rows = Number(tables.getRows()[0]?.[0])
  connection.closeSync()
  instance.closeSync()
  return { rows, bytes: statSync(file).size }
}
