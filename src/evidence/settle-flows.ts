import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import { isUnique, settledRange, type TimeRange } from './settle-range.ts'

/**
 * Leaves one sighting of each flow record among those that share the time range of the batches: the one in the lowest
 * evidence id. A flow record is a row of `FlowRecords`, its tuples are rows of `FlowTuples`.
 */
export async function settleFlows(connection: Connection, batches: readonly number[]): Promise<void> {
  const records = tableIn('ledger', 'FlowRecords')
  const range = await settledRange(connection, records, sql`firstTime`, sql`batch`, batches, 0)
  if (range === undefined) return
  const within = sql`firstTime >= ${range.from} AND firstTime <= ${range.to}`
  const { slices } = range
  for (let slice = 0; slice < slices; slice++) {
    const part = sql`${within} AND identity % ${slices} = ${slice}`
    if (await isUnique(connection, records, sql`identity`, part)) continue
    const losers = sql`SELECT identity, evidence, record, tuples, batch, firstTime, lastTime FROM (
      SELECT *, row_number() OVER (PARTITION BY identity ORDER BY evidence, record) AS place FROM ${records}
      WHERE ${part} AND identity IN (SELECT identity FROM ${records} WHERE ${part} GROUP BY identity HAVING count() > 1)
    ) WHERE place > 1`
    await connection.command(
      sql`INSERT INTO ${tableIn('ledger', 'Sightings')} SELECT 'FlowTuples', identity, evidence, record, 0, 0, tuples, 0, '', batch FROM (${losers})`,
    )
    const bounds = await connection.rows<TimeRange & { count: string }>(
      sql`SELECT toString(min(firstTime)) AS from, toString(max(lastTime)) AS to, count() AS count FROM (${losers})`,
    )
    const bound = bounds[0]
    if (bound === undefined || Number(bound.count) === 0) continue
    await connection.command(
      sql`DELETE FROM ${tableIn('logs', 'FlowTuples')} WHERE TimeGenerated >= ${bound.from} AND TimeGenerated <= ${bound.to}
        AND (_EvidenceId, _EvidenceRecord) IN (SELECT evidence, record FROM (${losers}))`,
    )
    await connection.command(
      sql`DELETE FROM ${records} WHERE (evidence, record) IN (SELECT evidence, record FROM (${losers}))`,
    )
  }
}
