import type { Connection } from '../engine/connection.ts'
import { tableOf } from '../tables/recognise.ts'
import { batchState, type Ledger } from './ledger.ts'
import { settleFlows } from './settle-flows.ts'
import { settleTable } from './settle-keyed.ts'
import { settlePoor } from './settle-poor.ts'

interface BatchTables {
  readonly batch: number
  readonly tables: readonly string[]
}

/** Settles every table that the batches brought rows to, and marks the batches as settled. */
export async function settleAll(
  connection: Connection,
  ledger: Ledger,
  batches: readonly BatchTables[],
): Promise<void> {
  const numbers = batches.map(({ batch }) => batch)
  for (const name of new Set(batches.flatMap(({ tables }) => tables))) {
    const table = tableOf({ table: name })
    if (table.identity.kind === 'record') await settleFlows(connection, numbers)
    else {
      await settleTable(connection, table, numbers)
      await settlePoor(connection, table, numbers)
    }
  }
  for (const batch of numbers) await ledger.markBatch(batch, 0, batchState.settled, [])
}
