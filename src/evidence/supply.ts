import type { Source } from '../tables/source.ts'

/** How the engine reads a file of evidence: line by line, or as one `{"records":[…]}` document. */
export type StagedKind = 'lines' | 'documents'

/** What a statement reads: relations, and where the engine reads no files, the data in RowBinary that goes with it. */
export interface Supply {
  readonly source: Source
  readonly body?: () => AsyncIterable<Uint8Array>
}

/** What the engine is given of one batch. */
export interface Stage {
  /** Gives a plain file under its hash. */
  link(kind: StagedKind, evidence: string, file: string): Promise<void>
  /** Gives a small file's text. */
  addText(kind: StagedKind, evidence: string, text: Uint8Array): Promise<void>
  /** Adds a record that was split here. Where it says so, await `flush` before adding more. */
  add(evidence: string, record: number, line: Uint8Array): 'go on' | 'flush'
  flush(): Promise<void>
  hasDocument(evidence: string): boolean
  /** Takes a document back from the engine. */
  withdrawDocument(evidence: string): Promise<void>
  /** All that was staged, or what is of the named evidence only; each is for a statement of its own. */
  supplies(evidence?: readonly string[]): Promise<readonly Supply[]>
  /** What is of the named evidence, for statements that read it more than once. */
  reread(evidence: readonly string[]): Promise<Source>
  remove(): Promise<void>
}
