import type { Diagnostic } from './diagnostic.ts'
import type { OutputColumn } from './output.ts'

/** What became of one evidence file or archive member. */
export type FileReport = {
  readonly path: string
  readonly sha256: string
  readonly verdict: 'parsed' | 'partial' | 'skipped'
  readonly shape: string
  readonly tables: Readonly<Record<string, number>>
  readonly records: number
  readonly duplicates: number
  readonly quarantined: number
  readonly reason?: string
  /** Why it was taken for this shape; only where asked. */
  readonly why?: string
}

export type IngestReport = {
  readonly files: readonly FileReport[]
  readonly totals: { readonly records: number; readonly duplicates: number; readonly quarantined: number }
}

export type IngestProgress = {
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly quarantined: number
  readonly path?: string
}

export type IngestOptions = {
  readonly signal: AbortSignal
  readonly onProgress: (progress: IngestProgress) => void
  readonly explain?: boolean
  readonly dayFirst?: boolean
  readonly timeZone?: string
}

export type Refusal = { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
export type RowStream = AsyncIterable<readonly unknown[]>
export type Answer =
  | { readonly ok: true; readonly columns: readonly OutputColumn[]; readonly rows: RowStream }
  | Refusal
export type Compiled =
  | {
      readonly ok: true
      readonly columns: readonly OutputColumn[]
      readonly plan: unknown
      readonly sql: string
    }
  | Refusal
export type Listing = { readonly columns: readonly OutputColumn[]; readonly rows: RowStream }

/** What the commands need of an open case. */
export type Case = AsyncDisposable & {
  ingest(paths: readonly string[], options: IngestOptions): Promise<IngestReport>
  ask(kql: string, options: { readonly signal: AbortSignal }): Promise<Answer>
  compile(kql: string): Promise<Compiled>
  tables(): Promise<
    readonly {
      readonly table: string
      readonly rows: number
      readonly first: string | null
      readonly last: string | null
      readonly sources: number
    }[]
  >
  quarantine(): Promise<Listing>
  conflicts(): Promise<Listing>
  show(row: string): Promise<{
    readonly path: string
    readonly offset: number
    readonly length: number
    readonly sha256: string
    readonly bytes: Uint8Array
  }>
  verify(): AsyncIterable<{
    readonly severity: 'ok' | 'note' | 'fault'
    readonly code: string
    readonly subject: string
    readonly message: string
  }>
}
