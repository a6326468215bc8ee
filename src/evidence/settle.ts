import type { CaseEngine } from '../engine/case-engine.ts'
import { tableOf } from '../tables/recognise.ts'
import type { Ledger } from './ledger.ts'
import { settleFlows } from './settle-flows.ts'
import { settleTable } from './settle-keyed.ts'
import { settlePoor } from './settle-poor.ts'

interface BatchTables {
  readonly batch: number
  readonly tables: readonly string[]
}

/**
 * Settles every table that the batches brought rows to, and marks the batches as settled. Rows of one identity lie on
 * one shard, so each shard settles its own; rows of poor layouts find theirs on any.
 */
export async function settleAll(
  engine: CaseEngine,
  ledger: Ledger,
  batches: readonly BatchTables[],
): Promise<void> {
  const numbers = batches.map(({ batch }) => batch)
  for (const name of new Set(batches.flatMap(({ tables }) => tables))) {
    const table = tableOf({ table: name })
    const isFlows = table.identity.kind === 'record'
    await Promise.all(
      engine.parts.map(async ({ own }) => {
        await (isFlows ? settleFlows(own, numbers) : settleTable(own, table, numbers))
      }),
    )
    if (!isFlows) await settlePoor(engine, table, numbers)
  }
  await ledger.markSettled(numbers)
}
