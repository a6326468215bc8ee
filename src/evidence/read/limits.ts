/** Bounds on what evidence may cost to read. Each is tested with a file made to exceed it. */
export interface ReadLimits {
  /** Unpacked bytes for each packed byte, over all levels of one file, once `freeUnpackedBytes` are used up. */
  readonly maxUnpackRatio: number
  /** Unpacked bytes that any archive may have, whatever its ratio. */
  readonly freeUnpackedBytes: number
  /** Unpacked bytes, over all levels of one file, whatever its size. */
  readonly maxUnpackedBytes: number
  /** Archives within archives; `a.tar.gz` counts two. */
  readonly maxNesting: number
  /** Members of one file, over all levels. */
  readonly maxMembers: number
  /** Folders within folders. */
  readonly maxFolderDepth: number
  /** One record. A longer one is passed over and reported. */
  readonly maxRecordBytes: number
  /** A `{"records": [...]}` document that the engine may read in one piece. */
  readonly maxDocumentBytes: number
  /** Columns of a CSV header or of a table of a `{"tables": [...]}` document. */
  readonly maxColumns: number
}

export const defaultLimits: ReadLimits = {
  maxUnpackRatio: 500,
  freeUnpackedBytes: 64 * 2 ** 20,
  maxUnpackedBytes: 256 * 2 ** 30,
  maxNesting: 6,
  maxMembers: 1_000_000,
  maxFolderDepth: 200,
  maxRecordBytes: 64 * 2 ** 20,
  maxDocumentBytes: 64 * 2 ** 20,
  maxColumns: 5_000,
}
