import { setTimeout as delay } from 'node:timers/promises'
import type { CaseEngine } from '../engine/case-engine.ts'
import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { join, sql } from '../sql/template.ts'
import { storedTable } from '../tables/create.ts'
import { tableOf } from '../tables/recognise.ts'
import { batchedLedgerTables } from './ledger-schema.ts'
import { letMerge } from './merges.ts'

/** How far a batch came. A batch that only started is undone; one that landed is settled again. */
export const batchState = { started: 1, landed: 2, settled: 3, undone: 4 } as const

export interface EvidenceEntry {
  readonly evidence: string
  readonly sizeBytes: number
  /** How to read it again, as JSON: container, encoding, envelope, options. */
  readonly content: string
  /** What its count counts: `record` or `tuple`. */
  readonly unit: string
  readonly records: number
  readonly shapes: readonly string[]
  readonly batch: number
}

export interface SourceEntry {
  readonly run: number
  readonly position: number
  /** As the user sees it: `archive!member`. */
  readonly path: string
  /** The file on disk, and the path of the member as a walk from that file shows it. */
  readonly file: string
  readonly location: string
  readonly evidence: string
  readonly sizeBytes: number
  /** The outermost archive's hash, where the member lies in one. */
  readonly archive: string
  readonly state: 'taken' | 'known' | 'skipped'
  readonly reason: string
}

export interface QuarantineEntry {
  readonly evidence: string
  readonly record: number
  readonly ordinal: number
  /** How many units of its file's count it stands for: of a whole flow record, its tuples. */
  readonly records: number
  readonly reason: string
  readonly message: string
  readonly text: string
  /** Where it begins in the member; null where the engine met it, which counts records only. */
  readonly offsetBytes: number | null
  readonly lengthBytes: number
  readonly shape: string
  readonly batch: number
}

export interface UnfinishedBatch {
  readonly batch: number
  readonly state: number
  readonly tables: readonly string[]
}

/** What was ingested, from where and how far: kept in the engine, so that it lives and dies with the rows. */
export class Ledger {
  readonly #connection: Connection
  readonly #engine: CaseEngine

  constructor(engine: CaseEngine) {
    this.#connection = engine.owner
    this.#engine = engine
  }

  /** The next free numbers for a run and its first batch. */
  async nextNumbers(): Promise<{ run: number; batch: number }> {
    const rows = await this.#connection.rows<{ run: number; batch: number }>(
      sql`SELECT toUInt32(greatest((SELECT max(run) FROM ${tableIn('ledger', 'Batches')}), (SELECT max(run) FROM ${tableIn('ledger', 'Sources')})) + 1) AS run,
        toUInt32((SELECT max(batch) FROM ${tableIn('ledger', 'Batches')}) + 1) AS batch`,
    )
    return { run: rows[0]?.run ?? 1, batch: rows[0]?.batch ?? 1 }
  }

  async markBatch(batch: number, run: number, state: number, tables: readonly string[]): Promise<void> {
    await this.#connection.command(
      sql`INSERT INTO ${tableIn('ledger', 'Batches')} VALUES (${batch}, ${state}, ${run}, [${tables}], now64(3))`,
    )
  }

  async markSettled(batches: readonly number[]): Promise<void> {
    if (batches.length === 0) return
    const rows = join(batches.map((batch) => sql`(${batch}, ${batchState.settled}, 0, [], now64(3))`))
    await this.#connection.command(sql`INSERT INTO ${tableIn('ledger', 'Batches')} VALUES ${rows}`)
  }

  async unfinishedBatches(): Promise<UnfinishedBatch[]> {
    return this.#connection.rows<UnfinishedBatch>(
      sql`SELECT batch, max(state) AS reached, reached AS state, arrayDistinct(arrayFlatten(groupArray(tables))) AS tables
        FROM ${tableIn('ledger', 'Batches')} GROUP BY batch HAVING reached < ${batchState.settled} ORDER BY batch`,
    )
  }

  /**
   * Ends the statements that a killed command left running: the engine finishes what was sent, and would write into a
   * batch after it was undone. A request that is still on its way is waited for.
   */
  async endStrayWrites(): Promise<void> {
    const { queryIdPrefix } = this.#connection
    for (let quiet = 0; quiet < 3; quiet += 1) {
      for (const { own } of this.#engine.parts) {
        const killed = await own.rows(
          sql`KILL QUERY WHERE user = currentUser() AND startsWith(initial_query_id, ${queryIdPrefix})
            AND query_kind IN ('Insert', 'Delete') AND query_id != queryID() SYNC`,
        )
        if (killed.length > 0) quiet = 0
      }
      await delay(50)
    }
  }

  /** Takes back all that an unfinished batch left: its rows, evidence entries, quarantine and sightings. */
  async undo(batch: number, signal?: AbortSignal): Promise<void> {
    const options = signal === undefined ? {} : { signal }
    const rows = await this.#connection.rows<{ table: string }>(
      sql`SELECT DISTINCT arrayJoin(tables) AS table FROM ${tableIn('ledger', 'Batches')} WHERE batch = ${batch}`,
    )
    const tables = rows.map(({ table }) => table)
    await letMerge(this.#engine)
    for (const { own } of this.#engine.parts) {
      for (const table of tables) {
        await own.command(
          sql`DELETE FROM ${storedTable(tableOf({ table }))} WHERE _Batch = ${batch}`,
          options,
        )
      }
      for (const table of batchedLedgerTables) {
        await own.command(sql`DELETE FROM ${tableIn('ledger', table)} WHERE batch = ${batch}`, options)
      }
    }
    await this.markBatch(batch, 0, batchState.undone, tables)
  }

  /** The evidence ids that the case holds already. */
  async knownEvidence(): Promise<Set<string>> {
    const rows = await this.#connection.rows<{ evidence: string }>(
      sql`SELECT DISTINCT evidence FROM ${tableIn('ledger', 'Evidence')} WHERE batch IN (
        SELECT batch FROM ${tableIn('ledger', 'Batches')} GROUP BY batch HAVING max(state) IN (${[batchState.landed, batchState.settled]}))`,
    )
    return new Set(rows.map((row) => row.evidence))
  }

  async addEvidence(entries: readonly EvidenceEntry[]): Promise<void> {
    await this.#insertRows('Evidence', entries)
  }

  async addSources(entries: readonly SourceEntry[]): Promise<void> {
    await this.#insertRows(
      'Sources',
      entries.map((entry) => ({ ...entry, at: new Date().toISOString().slice(0, -1) })),
    )
  }

  async addQuarantine(entries: readonly QuarantineEntry[]): Promise<void> {
    await this.#insertRows('Quarantine', entries)
  }

  async #insertRows(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return
    const lines = rows.map((row) => JSON.stringify(row) + '\n')
    await this.#connection.insert(
      sql`INSERT INTO ${tableIn('ledger', table)} FORMAT JSONEachRow`,
      chunksOf(lines),
    )
  }
}

async function* chunksOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < lines.length; start += 1000) {
    yield Buffer.from(lines.slice(start, start + 1000).join(''))
  }
}
