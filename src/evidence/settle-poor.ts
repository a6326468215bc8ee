import type { CaseEngine } from '../engine/case-engine.ts'
import { tableIn } from '../sql/database.ts'
import { identifier, join, sql, type Sql } from '../sql/template.ts'
import { keyPart, storedTable } from '../tables/create.ts'
import type { Identity, KeyPart, Table } from '../tables/types.ts'
import { sightingFields } from './settle-keyed.ts'
import { settledRange } from './settle-range.ts'

/** Rows that lack what names them, and the key by which richer rows are found for them. */
interface Poor {
  readonly isPoor: Sql
  readonly isRich: Sql
  /** Which sightings were poor rows. */
  readonly wasPoor: Sql
  readonly key: readonly KeyPart[]
}

/**
 * Takes the rows of layouts without the table's key (a portal's CSV), and those without the id of their event, for
 * sightings of the rich rows that agree with them in the weak key or the key, one for one within each file: of three
 * poor rows of one export beside two rich ones, one stays, in whatever order they come. Rows are matched in the order
 * of time.
 */
export async function settlePoor(
  engine: CaseEngine,
  table: Table,
  batches: readonly number[],
): Promise<void> {
  if (table.identity.kind !== 'keyed') return
  const kinds = poorKinds(table, table.identity)
  if (kinds.length === 0) return
  const tolerance = table.identity.timeToleranceSeconds
  const range = await settledRange(
    engine.owner,
    storedTable(table),
    sql`TimeGenerated`,
    sql`_Batch`,
    batches,
    tolerance,
  )
  if (range === undefined) return
  const within = sql`TimeGenerated >= ${range.from} AND TimeGenerated <= ${range.to}`
  for (const poor of kinds) await settleKind(engine, table, within, poor)
}

function poorKinds(table: Table, identity: Extract<Identity, { kind: 'keyed' }>): Poor[] {
  const keyless = table.shapes.filter((shape) => shape.keyless).map((shape) => shape.richness)
  const isKeyless = (rank: Sql): Sql => sql`intDiv(${rank}, 256) IN (${keyless.length === 0 ? [0] : keyless})`
  const rowIsKeyless = isKeyless(sql`_Rank`)
  const sightingIsKeyless = isKeyless(sql`sighting.rank`)
  const { key, required, weakKey, eventId } = identity
  const kinds: Poor[] = []
  if (eventId !== undefined) {
    const hasKey = required.map((name) => sql`notEmpty(${identifier(name)})`)
    const id = identifier(eventId)
    kinds.push({
      isPoor: sql`(NOT ${rowIsKeyless} AND empty(${id}) AND ${join(hasKey, sql` AND `)})`,
      isRich: sql`notEmpty(${id})`,
      wasPoor: sql`NOT ${sightingIsKeyless} AND notEmpty(sighting.fields) AND empty(JSONExtractString(sighting.fields, ${eventId}))`,
      key,
    })
  }
  if (weakKey !== undefined) {
    kinds.push({
      isPoor: rowIsKeyless,
      isRich: sql`NOT ${rowIsKeyless}`,
      wasPoor: sightingIsKeyless,
      key: weakKey,
    })
  }
  return kinds
}

async function settleKind(
  engine: CaseEngine,
  table: Table,
  within: Sql,
  { isPoor, isRich, wasPoor, key }: Poor,
): Promise<void> {
  const name = storedTable(table)
  const found = await engine.owner.rows<{ poor: string }>(
    sql`SELECT count() AS poor FROM ${name} WHERE ${within} AND ${isPoor}`,
  )
  if (found[0]?.poor === '0') return
  const weakKey = sql`sipHash64(${join(key.map((part) => keyPart(part)))})`
  const columns = join(table.columns.map((column) => identifier(column.name)))
  const isSighted = sql`(_EvidenceId, _EvidenceRecord, _EvidenceOrdinal) IN (
      SELECT evidence, record, ordinal FROM ${tableIn('wholeLedger', 'Sightings')} WHERE table = ${table.name})`
  const rich = sql`SELECT ${weakKey} AS weakKey, _Identity FROM ${name} WHERE ${within} AND ${isRich}`
  const matched = sql`SELECT poor.*, rich.identities[poor.place + taken.matches] AS identity FROM (
      SELECT *, ${weakKey} AS weakKey, cityHash64(tuple(${columns})) AS rowHash,
        row_number() OVER (PARTITION BY weakKey, _EvidenceId ORDER BY TimeGenerated, rowHash, _EvidenceRecord) AS place
      FROM ${name} WHERE ${within} AND ${isPoor} AND NOT ${isSighted}
    ) AS poor INNER JOIN (
      SELECT weakKey, arraySort(groupArray(_Identity)) AS identities FROM (${rich}) GROUP BY weakKey
    ) AS rich ON poor.weakKey = rich.weakKey LEFT JOIN (
      SELECT weakKey, evidence, uniqExact(record, ordinal) AS matches
      FROM ${tableIn('ledger', 'Sightings')} AS sighting INNER JOIN (${rich}) AS known ON sighting.identity = known._Identity
      WHERE sighting.table = ${table.name} AND ${wasPoor} GROUP BY weakKey, evidence
    ) AS taken ON poor.weakKey = taken.weakKey AND poor._EvidenceId = taken.evidence
    WHERE poor.place + taken.matches <= length(rich.identities)`
  await engine.owner.command(
    sql`INSERT INTO ${tableIn('ledger', 'Sightings')}
      SELECT ${table.name}, identity, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, _Rank, 1, rowHash,
        ${sightingFields(table)}, _Batch FROM (${matched})`,
  )
  for (const { own } of engine.parts) {
    await own.command(sql`DELETE FROM ${name} WHERE ${within} AND ${isPoor} AND ${isSighted}`)
  }
}
