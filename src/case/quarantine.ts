import type { Connection } from '../engine/connection.ts'
import { AzimuthError } from '../error.ts'
import { findSpans } from '../evidence/locate.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import type { ConflictListing } from './conflicts.ts'

const chunkRows = 10_000

interface QuarantinedRecord {
  readonly record: string
  readonly ordinal: number
  readonly reason: string
  readonly message: string
  readonly shape: string
  readonly offset: string | null
  readonly lengthBytes: string
  readonly text: string
}

/** Records that fit no table: row (for `show`), reason, file, place in it, shape and the beginning of the text. */
export async function listQuarantine(connection: Connection): Promise<ConflictListing> {
  return {
    columns: [
      { name: 'row', type: 'string' },
      { name: 'reason', type: 'string' },
      { name: 'path', type: 'string' },
      { name: 'record', type: 'long' },
      { name: 'ordinal', type: 'long' },
      { name: 'offset', type: 'long' },
      { name: 'length', type: 'long' },
      { name: 'shape', type: 'string' },
      { name: 'message', type: 'string' },
      { name: 'text', type: 'string' },
    ],
    rows: quarantineRows(connection),
  }
}

async function* quarantineRows(connection: Connection): AsyncIterable<readonly unknown[]> {
  const evidence = await connection.rows<{ evidence: string; path: string }>(
    sql`SELECT q.evidence AS evidence, any(s.path) AS path FROM ${tableIn('ledger', 'Quarantine')} AS q
      LEFT JOIN ${tableIn('ledger', 'Sources')} AS s ON q.evidence = s.evidence GROUP BY evidence ORDER BY path`,
  )
  for (const { evidence: id, path } of evidence) {
    for (let start = 0; ; start += chunkRows) {
      const records = await connection.rows<QuarantinedRecord>(
        sql`SELECT record, ordinal, reason, message, shape, offsetBytes AS offset, lengthBytes, text FROM ${tableIn('ledger', 'Quarantine')}
          WHERE evidence = ${id} ORDER BY record, ordinal LIMIT ${chunkRows} OFFSET ${start}`,
      )
      const offsets = await offsetsOf(connection, id, records)
      for (const { record, ordinal, reason, message, shape, offset, lengthBytes, text } of records) {
        const row = `${id.slice(0, 12)}:${record}${ordinal > 0 ? `:${ordinal}` : ''}`
        const place = offset ?? offsets.get(Number(record)) ?? null
        yield [row, reason, path, record, ordinal, place, lengthBytes, shape, message, text]
      }
      if (records.length < chunkRows) break
    }
  }
}

/** The engine counts records only: where they begin is found in the evidence, if it still stands where it stood. */
async function offsetsOf(
  connection: Connection,
  evidence: string,
  records: readonly QuarantinedRecord[],
): Promise<ReadonlyMap<number, number>> {
  const wanted = records.filter(({ offset }) => offset === null).map(({ record }) => Number(record))
  if (wanted.length === 0) return new Map()
  try {
    const { spans } = await findSpans(connection, evidence, wanted)
    return new Map(spans.map(({ record, offset }) => [record, offset]))
  } catch (error) {
    if (error instanceof AzimuthError && error.code.startsWith('evidence-')) return new Map()
    throw error
  }
}
