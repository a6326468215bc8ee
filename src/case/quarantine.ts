import type { Connection } from '../engine/connection.ts'
import { sql } from '../sql/template.ts'
import type { ConflictListing } from './conflicts.ts'

/** Records that fit no table: row (for `show`), reason, file, shape and the beginning of the text. */
export async function listQuarantine(connection: Connection): Promise<ConflictListing> {
  const stream = await connection.query(
    sql`SELECT concat(left(q.evidence, 12), ':', toString(record), if(ordinal > 0, concat(':', toString(ordinal)), '')) AS row,
        q.reason AS reason, s.path AS path, record, ordinal, shape, lengthBytes, if(message = '', text, message) AS text
      FROM ledger.Quarantine AS q
      LEFT JOIN (SELECT evidence, any(path) AS path FROM ledger.Sources GROUP BY evidence) AS s ON q.evidence = s.evidence
      ORDER BY path, record, ordinal`,
  )
  return {
    columns: [
      { name: 'row', type: 'string' },
      { name: 'reason', type: 'string' },
      { name: 'path', type: 'string' },
      { name: 'record', type: 'long' },
      { name: 'ordinal', type: 'long' },
      { name: 'shape', type: 'string' },
      { name: 'lengthBytes', type: 'long' },
      { name: 'text', type: 'string' },
    ],
    rows: stream.rows,
  }
}
