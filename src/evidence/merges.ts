import type { CaseEngine } from '../engine/case-engine.ts'
import { sql } from '../sql/template.ts'

/**
 * So many batches leave some dozens of parts, which are soon merged after them. More would be many to merge and to ask,
 * and in the end the engine would take no more.
 */
export const maxUnmergedBatches = 16

/**
 * Merging what a batch brought, while others are landed, takes a tenth of their time. A private engine, whose cores they
 * share, waits with it. It also waits with deletions: `letMerge` comes before them.
 */
export async function holdMerges(engine: CaseEngine): Promise<void> {
  if (engine.readsFiles) await engine.owner.command(sql`SYSTEM STOP MERGES`)
}

/** The engine merges as it sees fit. */
export async function letMerge(engine: CaseEngine): Promise<void> {
  if (engine.readsFiles) await engine.owner.command(sql`SYSTEM START MERGES`)
}
