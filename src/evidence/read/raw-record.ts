import type { Problem } from './problem.ts'

/** A record as it stands in the evidence. Offsets count the member's own bytes, whatever its encoding. */
export interface ReadRecord {
  readonly kind: 'record'
  /** 1-based; the line number where the content is lines. */
  readonly record: number
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** One JSON object in UTF-8 without line ends. It is not checked further: the engine does that. */
  readonly json: Uint8Array
  /** The table that the export itself names for it. */
  readonly table?: string
}

/** A record that cannot be read, or what stands where a record should. */
export interface UnreadableRecord {
  readonly kind: 'unreadable'
  readonly record: number
  readonly offsetBytes: number
  readonly lengthBytes: number
  readonly problem: Problem
}

export type RawRecord = ReadRecord | UnreadableRecord

/** Something that cost no record, yet is worth telling: the content goes on elsewhere, or was still being written. */
export interface ReadNote {
  readonly code: 'unfinished' | 'front-cut'
  readonly message: string
}
