import type { CaseEngine } from '../engine/case-engine.ts'
import { AzimuthError } from '../error.ts'
import { sql } from '../sql/template.ts'
import { tablesVersion } from '../tables/create.ts'

// A comment of the ledger's database tells whose it is: `tables 4`, on a server elsewhere `tables 4 of case ID on 2 shards`.

/** What a case notes of its tables when they are made; before, without their version. */
export function markOf(engine: CaseEngine, caseId: string | undefined, isMade: boolean): string {
  const version = isMade ? `tables ${tablesVersion}` : ''
  if (caseId === undefined) return version
  return `${version} of case ${caseId} on ${engine.parts.length} shards`.trimStart()
}

/** Whether the case's tables are made. Those of another version, another case, or over other shards are refused. */
export async function areTablesMade(engine: CaseEngine, caseId: string | undefined): Promise<boolean> {
  const { ledger } = engine.owner.databases
  const [found] = await engine.owner.rows<{ comment: string }>(
    sql`SELECT comment FROM system.databases WHERE name = ${ledger}`,
  )
  if (found === undefined) return false
  const [, version, holder, shards] =
    /^(?:tables (\d+))? ?(?:of case (\S+) on (\d+) shards)?$/.exec(found.comment) ?? []
  if (holder !== caseId) {
    throw new AzimuthError('case-database', `the database ${ledger} on that server is not of this case`, {
      hint: 'give this case other databases there: --engine-database NAME',
    })
  }
  if (shards !== undefined && Number(shards) !== engine.parts.length) {
    const message = `the case lies on ${shards} shards, and the cluster has ${engine.parts.length}`
    throw new AzimuthError('case-shards', message, {
      hint: 'a record is found by its shard: ingest the evidence into a new case over all shards',
    })
  }
  if (version !== undefined && Number(version) !== tablesVersion) {
    const message = `the tables of this case are of version ${version}, not ${tablesVersion}`
    throw new AzimuthError('case-tables', message, {
      hint: 'ingest the evidence into a new case: azimuth ingest PATH… --case NAME',
    })
  }
  return version !== undefined
}
