import { randomUUID } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { sql } from '../../src/sql/template.ts'
import { tableIn } from '../../src/sql/database.ts'
import { faultsOf, fingerprint, unfinishedBatches } from '../whole-case.ts'
import { openClusterCase, userOfPage, type ClusterCase } from './cluster-case.ts'
import type { Node } from './nodes.ts'
import type { Scene } from './scene.ts'

const command = join(import.meta.dirname, '..', '..', 'src', 'cli', 'azimuth.ts')

/**
 * Takes the scene's evidence into a new case on its nodes, kills some of these when a part of the ledger's notes is
 * written, tries again in vain, brings them back, and expects what an undisturbed ingest leaves.
 */
export async function ingestKilling(scene: Scene, victims: readonly Node[], moment: number): Promise<void> {
  const { folder, evidence, nodes, expected } = scene
  const database = `azimuth_killed_${randomUUID().replaceAll('-', '')}`
  await using killed = await openClusterCase(join(folder, database), nodes, { database })
  await killed.case.tables()
  const first = startIngest(killed, evidence)
  await untilNotes(killed, first.child, moment * (await batchNotes(scene.whole)))
  await Promise.all(victims.map((node) => node.kill()))
  for (const { ended } of [first, startIngest(killed, evidence)]) {
    const { code, talk } = await ended
    expect(code, talk).toBe(1)
    expect(talk).toMatch(/\[engine-(?:node|unreachable)\]/)
  }
  await Promise.all(victims.map((node) => node.start()))
  await killed.case.ingest([evidence])
  expect(await unfinishedBatches(killed)).toBe(0)
  expect(await fingerprint(killed)).toEqual(expected)
  expect(await faultsOf(killed)).toEqual([])
}

/** Starts `azimuth ingest` in a process of its own. */
function startIngest({ folder }: ClusterCase, evidence: string) {
  const child = spawn(process.execPath, [command, 'ingest', evidence, '--case', folder.path], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      HOME: folder.path,
      XDG_DATA_HOME: folder.path,
      AZIMUTH_ENGINE_PASSWORD: userOfPage('writer').password,
    },
  })
  const ended = Promise.all([readText(child.stderr), once(child, 'exit')]).then(([talk, [code]]) => ({
    talk,
    code: code as unknown,
  }))
  return { child, ended }
}

/** How many notes the ledger holds of batches. */
async function batchNotes({ owner }: ClusterCase): Promise<number> {
  const rows = await owner.rows<{ count: string }>(
    sql`SELECT count() AS count FROM ${tableIn('ledger', 'Batches')}`,
  )
  return Number(rows[0]?.count)
}

async function untilNotes(whole: ClusterCase, child: ChildProcess, count: number): Promise<void> {
  while (child.exitCode === null && (await batchNotes(whole)) < count) await wait(5)
}
