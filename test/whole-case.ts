import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCase, type Case } from '../src/case/case.ts'
import { createCaseFolder, readCaseFolder, type CaseFolder } from '../src/case/case-file.ts'
import { caseTables } from '../src/case/case-schema.ts'
import type { VerifyFinding } from '../src/case/verify.ts'
import type { Connection } from '../src/engine/connection.ts'
import { openEngine } from '../src/engine/engine.ts'
import { inspectEngine } from '../src/engine/status.ts'
import { tableIn } from '../src/sql/database.ts'
import { identifier, join as joinSql, sql } from '../src/sql/template.ts'
import { provenanceColumns, storedTable } from '../src/tables/create.ts'

/** A case in a folder of its own, with a connection that sees what its questions cannot. */
export interface WholeCase extends AsyncDisposable {
  readonly case: Case
  readonly owner: Connection
  readonly folder: CaseFolder
  readonly engineDirectory: string
}

/** Rows of one table, a hash of what they say, and one of the records that they were taken from. */
export interface TablePrint {
  readonly rows: number
  readonly content: string
  readonly winners: string
}

/** Cases are compared, so all stand in for the same tenant. */
export const tenantId = '99999999-9999-4999-8999-999999999999'

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'azimuth-whole-'))
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

/** Makes a case folder that holds no rows yet. */
export async function makeCaseFolder(path: string): Promise<CaseFolder> {
  const { schema, name, created } = await createCaseFolder(path)
  writeFileSync(join(path, 'case.json'), JSON.stringify({ schema, name, created, tenantId }))
  const folder = await readCaseFolder(path)
  if (folder === undefined) throw new Error(`no case in ${path}`)
  return folder
}

export async function openWholeCase(folder: CaseFolder): Promise<WholeCase> {
  const engineDirectory = join(folder.path, 'engine')
  const opened = await openCase({ folder })
  await opened.tables()
  const engine = await openEngine({ directory: engineDirectory, lingerMs: 0 })
  return {
    case: opened,
    owner: engine.owner,
    folder,
    engineDirectory,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      await killEngine(engineDirectory)
    },
  }
}

export async function makeWholeCase(path: string): Promise<WholeCase> {
  return await openWholeCase(await makeCaseFolder(path))
}

/** Ends the engine of a case at once, as the system does when memory runs out. */
export async function killEngine(engineDirectory: string): Promise<void> {
  const { running } = await inspectEngine(engineDirectory)
  if (running === undefined) return
  process.kill(running.pid, 'SIGKILL')
  while (isRunning(running.pid)) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** What the case's tables hold, whatever way and order it came in. */
export async function fingerprint({ owner }: WholeCase): Promise<Readonly<Record<string, TablePrint>>> {
  const prints: Record<string, TablePrint> = {}
  for (const table of await caseTables(owner)) {
    const columns = joinSql(table.columns.map((column) => identifier(column.name)))
    const provenance = joinSql(
      provenanceColumns
        .filter(([name]) => name !== '_Batch' && name !== '_IngestedAt')
        .map(([name]) => identifier(name)),
    )
    const [print] = await owner.rows<{ rows: string; content: string; winners: string }>(
      sql`SELECT count() AS rows, toString(sum(sipHash64(tuple(${columns})))) AS content,
        toString(sum(sipHash64(tuple(${columns}, ${provenance})))) AS winners FROM ${storedTable(table)}`,
    )
    if (print === undefined || print.rows === '0') continue
    prints[table.name] = { ...print, rows: Number(print.rows) }
  }
  return prints
}

export function rowsOf(prints: Readonly<Record<string, TablePrint>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(prints).map(([table, { rows }]) => [table, rows]))
}

/** What `verify` found wrong, after making sure that it looked. */
export async function faultsOf(whole: WholeCase): Promise<readonly VerifyFinding[]> {
  const findings = await Array.fromAsync(whole.case.verify())
  if (!findings.some(({ code }) => code === 'evidence' || code === 'counts'))
    throw new Error('verify looked at nothing')
  return findings.filter(({ severity }) => severity === 'fault')
}

/** Batches that neither settled nor were undone. */
export async function unfinishedBatches({ owner }: WholeCase): Promise<number> {
  const rows = await owner.rows<{ count: string }>(
    sql`SELECT count() AS count FROM (SELECT batch FROM ${tableIn('ledger', 'Batches')} GROUP BY batch HAVING max(state) < 3)`,
  )
  return Number(rows[0]?.count)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The rows of an answer. */
export async function answerOf(whole: WholeCase, kql: string): Promise<readonly (readonly unknown[])[]> {
  const answer = await whole.case.ask(kql)
  if (!answer.ok) throw new Error(JSON.stringify(answer.diagnostics))
  return await Array.fromAsync(answer.rows)
}
