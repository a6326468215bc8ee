import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from '../../src/sql/template.ts'
import { tableIn } from '../../src/sql/database.ts'
import { userOfPage, type ClusterCase } from './cluster-case.ts'
import type { Node } from './nodes.ts'

const command = join(import.meta.dirname, '..', '..', 'src', 'cli', 'azimuth.ts')

/** Starts `azimuth ingest` in a process of its own. */
export function startIngest({ folder }: ClusterCase, evidence: string) {
  return spawn(process.execPath, [command, 'ingest', evidence, '--case', folder.path], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      HOME: folder.path,
      XDG_DATA_HOME: folder.path,
      AZIMUTH_ENGINE_PASSWORD: userOfPage('writer').password,
    },
  })
}

/** How many notes the ledger holds of batches. */
export async function batchNotes({ owner }: ClusterCase): Promise<number> {
  const rows = await owner.rows<{ count: string }>(
    sql`SELECT count() AS count FROM ${tableIn('ledger', 'Batches')}`,
  )
  return Number(rows[0]?.count)
}

/** Ingests until the ledger holds so many notes, and kills a node then. Gives what the command said as it failed. */
export async function ingestKillingNode(
  whole: ClusterCase,
  node: Node | undefined,
  evidence: string,
  notes: number,
): Promise<string> {
  const child = startIngest(whole, evidence)
  const ending = Promise.all([readText(child.stderr), once(child, 'exit')])
  await untilNotes(whole, child, notes)
  await node?.kill()
  const [talk, [code]] = await ending
  if (code !== 1) throw new Error(`the command ended with ${String(code)}: ${talk}`)
  return talk
}

async function untilNotes(whole: ClusterCase, child: ChildProcess, count: number): Promise<void> {
  while (child.exitCode === null && (await batchNotes(whole)) < count) await wait(5)
}
