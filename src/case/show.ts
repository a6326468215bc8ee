import type { Connection } from '../engine/connection.ts'
import { AzimuthError } from '../error.ts'
import { locateRecords } from '../evidence/locate.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'

export interface ShownRecord {
  readonly path: string
  readonly offset: number
  readonly length: number
  /** SHA-256 of the file or member that the record stands in. */
  readonly sha256: string
  readonly bytes: Uint8Array
}

/** The bytes that a row came from. A row is `<evidence id prefix>:<record>[:<ordinal>]`. */
export async function showRow(connection: Connection, row: string): Promise<ShownRecord> {
  const [, prefix = '', record = ''] = /^([0-9a-f]{4,64}):(\d+)(?::\d+)?$/i.exec(row) ?? []
  if (prefix === '') {
    throw new AzimuthError('bad-row', `${JSON.stringify(row)} names no row`, {
      hint: 'write it as <evidence id>:<record>, both from the columns _EvidenceId and _EvidenceRecord',
    })
  }
  const evidence = await evidenceId(connection, prefix.toLowerCase())
  const located = await locateRecords(connection, evidence, [Number(record)])
  const found = located[0]
  if (found === undefined) {
    throw new AzimuthError('no-record', `evidence ${prefix} has no record ${record}`, {
      hint: 'records count from 1',
    })
  }
  const { path, offset, length, bytes } = found
  return { path, offset, length, sha256: evidence, bytes }
}

async function evidenceId(connection: Connection, prefix: string): Promise<string> {
  const rows = await connection.rows<{ evidence: string }>(
    sql`SELECT DISTINCT evidence FROM ${tableIn('ledger', 'Evidence')} WHERE startsWith(evidence, ${prefix}) LIMIT 2`,
  )
  const [first, second] = rows
  if (first === undefined) {
    throw new AzimuthError('no-evidence', `no evidence of this case begins with ${prefix}`)
  }
  if (second !== undefined) {
    throw new AzimuthError('ambiguous-row', `more than one piece of evidence begins with ${prefix}`, {
      hint: 'give more of its digits',
    })
  }
  return first.evidence
}
