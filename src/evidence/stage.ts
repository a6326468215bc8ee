import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseEngine } from '../engine/case-engine.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import { FileStage } from './file-stage.ts'
import { rereadTable, SentStage } from './sent-stage.ts'
import type { Stage } from './supply.ts'

/** Begins to gather what the engine is given of a batch. */
export async function openStage(engine: CaseEngine, batch: number): Promise<Stage> {
  const { owner, stageDirectory } = engine
  return engine.readsFiles
    ? await FileStage.create(stageDirectory, batch)
    : await SentStage.create(owner, stageDirectory, batch)
}

/** Removes what commands that were killed left behind. Nobody else may be landing a batch. */
export async function clearStage(engine: CaseEngine): Promise<void> {
  for (const name of await readdir(engine.stageDirectory)) {
    if (/^batch\d+$/u.test(name))
      await rm(join(engine.stageDirectory, name), { recursive: true, force: true })
  }
  if (engine.readsFiles) return
  const left = await engine.owner.rows<{ name: string }>(
    sql`SELECT name FROM system.tables WHERE database = ${engine.owner.databases.ledger}
      AND match(name, ${`^${rereadTable}[0-9]+$`})`,
  )
  for (const { name } of left) await engine.owner.command(sql`DROP TABLE ${tableIn('ledger', name)} SYNC`)
}
