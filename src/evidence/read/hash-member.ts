import { createHash } from 'node:crypto'
import type { Member } from './member.ts'

/** What one pass over a member's bytes tells. */
export interface MemberHash {
  readonly sha256: string
  readonly sizeBytes: number
  /** The SHA-256 of the first `at` bytes, for each length asked for that the member reaches. */
  readonly cuts: readonly { readonly at: number; readonly sha256: string }[]
  /** Lines that hold anything but spaces: an independent count of the records of JSON lines in an 8-bit encoding. */
  readonly lines: number
  readonly longestLineBytes: number
}

/** Hashes a member, with digests of its beginnings, and counts its lines, in one pass. */
export async function hashMember(
  member: Pick<Member, 'open'>,
  options: { readonly cutsAt?: readonly number[] } = {},
): Promise<MemberHash> {
  const hash = createHash('sha256')
  const counter = new LineCounter()
  const wanted = [...new Set(options.cutsAt)].toSorted((one, other) => one - other)
  const cuts: { at: number; sha256: string }[] = []
  let sizeBytes = 0
  for await (const chunk of member.open({ passing: true })) {
    counter.push(chunk)
    let from = 0
    for (
      let at = wanted[cuts.length];
      at !== undefined && at <= sizeBytes + chunk.length;
      at = wanted[cuts.length]
    ) {
      hash.update(chunk.subarray(from, at - sizeBytes))
      from = at - sizeBytes
      cuts.push({ at, sha256: hash.copy().digest('hex') })
    }
    hash.update(from === 0 ? chunk : chunk.subarray(from))
    sizeBytes += chunk.length
  }
  return {
    sha256: hash.digest('hex'),
    sizeBytes,
    cuts,
    lines: counter.finish(),
    longestLineBytes: counter.longestBytes,
  }
}

/** Counts lines that are not blank, and measures the longest. */
class LineCounter {
  longestBytes = 0
  #lines = 0
  /** Whether the line that is open at the chunk's end has shown anything yet. */
  #hasText = false
  #openBytes = 0

  push(chunk: Uint8Array): void {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      if (this.#hasText || hasText(chunk, start, end)) this.#lines += 1
      this.#hasText = false
      this.longestBytes = Math.max(this.longestBytes, this.#openBytes + end - start)
      this.#openBytes = 0
      start = end + 1
    }
    this.#openBytes += chunk.length - start
    this.longestBytes = Math.max(this.longestBytes, this.#openBytes)
    this.#hasText ||= hasText(chunk, start, chunk.length)
  }

  finish(): number {
    return this.#lines + (this.#hasText ? 1 : 0)
  }
}

function hasText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte !== 32 && byte !== 13 && byte !== 9) return true
  }
  return false
}
