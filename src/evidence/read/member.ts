import { collect } from './bytes.ts'
import type { ByteRange } from './bytes.ts'
import type { Container } from './recognise-container.ts'
import type { Problem } from './problem.ts'

/** An archive that a member was found in. */
export interface Archive {
  readonly path: string
  readonly container: Container
  readonly sha256: string
}

/** Content found in the evidence: a file, or what an archive holds. */
export interface Member {
  readonly kind: 'member'
  /** As shown: `folder/file.json`, `archive.zip!inner/file.json`, `a.tar.gz!b.zip!c`. Escape it before printing. */
  readonly path: string
  /** From the outermost, such as `['gz', 'tar']`. Empty for a plain file. */
  readonly container: readonly Container[]
  /** The same containers with their hashes. */
  readonly archives: readonly Archive[]
  /** Known before reading, except for the content of `gz`, `zst` and `avro`. */
  readonly sizeBytes?: number
  /** The absolute path, where the content is a plain file that the engine could read itself. */
  readonly plainFile?: string
  /** Of the file on disk that it lies in, as the walk found it: what changes when it is written to. */
  readonly stamp?: string
  /** Content after unpacking, as often as one likes. Throws `ReadError` where it is damaged or exceeds a limit. */
  open(range?: ByteRange): AsyncIterable<Uint8Array>
}

/** Something in the evidence that is not read, and why. */
export interface Skipped {
  readonly kind: 'skipped'
  readonly path: string
  readonly problem: Problem
  /** Its bytes as they stand, unopened, where they can be read: to be hashed. */
  readonly unopened?: Member
}

/** The bytes that stand in a member at a place, such as those of a record. */
export async function readSpan(member: Member, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
  return collect(member.open({ start: offsetBytes, end: offsetBytes + lengthBytes }), lengthBytes)
}
