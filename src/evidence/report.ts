import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { sql } from '../sql/template.ts'
import type { Table } from '../tables/types.ts'
import { countEvidence, noCounts, type EvidenceCounts } from './account.ts'
import type { ManifestCheck } from './read/check-manifests.ts'
import type { Problem } from './read/problem.ts'

/** What became of one evidence file or archive member. */
export interface FileReport {
  readonly path: string
  readonly sha256: string
  readonly verdict: 'parsed' | 'partial' | 'skipped'
  readonly shape: string
  /** Rows that the file holds in each table now. */
  readonly tables: Readonly<Record<string, number>>
  readonly records: number
  readonly duplicates: number
  readonly quarantined: number
  readonly reason?: string
  /** Why it was taken for this shape. */
  readonly why?: string
}

export interface IngestReport {
  readonly files: readonly FileReport[]
  /** What lists of checksums beside the evidence say of its files. */
  readonly checksums: readonly ManifestCheck[]
  readonly totals: {
    readonly records: number
    readonly rows: number
    readonly duplicates: number
    readonly quarantined: number
  }
}

/** A file that a run met: landed by it, held already, or passed over. */
export type SeenFile =
  | {
      readonly kind: 'taken' | 'known'
      readonly path: string
      readonly evidence: string
      readonly why: string
    }
  | { readonly kind: 'skipped'; readonly path: string; readonly evidence: string; readonly problem: Problem }

/** What a run met and did, once its batches are settled. */
export interface FinishedRun {
  readonly seen: readonly SeenFile[]
  readonly batches: readonly number[]
  readonly tables: readonly Table[]
  readonly failures: ReadonlyMap<string, Problem>
}

/** Reports what became of each file that a run met, once its batches are settled. */
export async function buildReport(
  connection: Connection,
  run: FinishedRun,
  explain: boolean,
): Promise<Omit<IngestReport, 'checksums'>> {
  const seen = run.seen.map((file) => asFailed(file, run.failures))
  const [counts, entries] = await Promise.all([
    countEvidence(connection, run.tables, run.batches),
    evidenceEntries(connection, seen),
  ])
  const files = seen.map((file) => {
    const report = file.kind === 'skipped' ? skippedReport(file) : takenReport(file, counts, entries)
    return explain && file.kind !== 'skipped' ? { ...report, why: file.why } : report
  })
  const total = (of: (file: FileReport) => number): number => files.reduce((sum, file) => sum + of(file), 0)
  return {
    files,
    totals: {
      records: total((file) => file.records),
      rows: total((file) => Object.values(file.tables).reduce((sum, rows) => sum + rows, 0)),
      duplicates: total((file) => file.duplicates),
      quarantined: total((file) => file.quarantined),
    },
  }
}

function asFailed(file: SeenFile, failures: ReadonlyMap<string, Problem>): SeenFile {
  const failure = file.kind === 'skipped' ? undefined : failures.get(file.evidence)
  return failure === undefined
    ? file
    : { kind: 'skipped', path: file.path, evidence: file.evidence, problem: failure }
}

interface KnownEntry {
  readonly records: number
  readonly shapes: readonly string[]
}

async function evidenceEntries(
  connection: Connection,
  seen: readonly SeenFile[],
): Promise<ReadonlyMap<string, KnownEntry>> {
  const wanted = new Set(seen.map((file) => file.evidence))
  const rows = await connection.rows<{ evidence: string; records: string; shapes: readonly string[] }>(
    sql`SELECT evidence, records, shapes FROM ${tableIn('ledger', 'Evidence')}`,
  )
  return new Map(
    rows
      .filter((row) => wanted.has(row.evidence))
      .map((row) => [row.evidence, { records: Number(row.records), shapes: row.shapes }]),
  )
}

function takenReport(
  file: SeenFile & { kind: 'taken' | 'known' },
  counts: ReadonlyMap<string, EvidenceCounts>,
  entries: ReadonlyMap<string, KnownEntry>,
): FileReport {
  const entry = entries.get(file.evidence) ?? { records: 0, shapes: [] }
  const common = {
    path: file.path,
    sha256: file.evidence,
    shape: entry.shapes.join(', '),
    records: entry.records,
  }
  if (file.kind === 'known') {
    return { ...common, verdict: 'parsed', tables: {}, duplicates: entry.records, quarantined: 0 }
  }
  const { tables, rows, duplicates, quarantined, reasons } = counts.get(file.evidence) ?? noCounts()
  const adds = rows + duplicates + quarantined === entry.records
  const mismatch = `${entry.records} records were counted, ${rows + duplicates + quarantined} are accounted for`
  const reason = [...(adds ? [] : [mismatch]), ...reasons].join(', ')
  return {
    ...common,
    verdict: quarantined === 0 && adds ? 'parsed' : 'partial',
    tables,
    duplicates,
    quarantined,
    ...(reason !== '' && { reason }),
  }
}

function skippedReport(file: SeenFile & { kind: 'skipped' }): FileReport {
  const { message, hint } = file.problem
  return {
    path: file.path,
    sha256: file.evidence,
    verdict: 'skipped',
    shape: '',
    tables: {},
    records: 0,
    duplicates: 0,
    quarantined: 0,
    reason: hint === undefined ? message : `${message}. ${hint}`,
  }
}
