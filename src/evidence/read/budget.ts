import type { ReadLimits } from './limits.ts'
import { refuse } from './problem.ts'

/** What one file on disk may cost to unpack, over all its levels: bytes and members. */
export class Budget {
  readonly limits: ReadLimits
  readonly #maxBytes: number
  #bytes = 0
  #members = 0

  constructor(limits: ReadLimits, fileBytes: number) {
    this.limits = limits
    this.#maxBytes = Math.min(limits.maxUnpackedBytes, boundFor(limits, fileBytes))
  }

  spendBytes(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) throw bomb(this.#maxBytes)
  }

  spendMembers(members: number): void {
    this.#members += members
    if (this.#members > this.limits.maxMembers)
      throw refuse('too-many-members', `the archive has more than ${this.limits.maxMembers} members`)
  }
}

/** Bytes that may come out of so many packed ones. */
export function boundFor(limits: ReadLimits, packedBytes: number): number {
  return Math.max(limits.freeUnpackedBytes, limits.maxUnpackRatio * packedBytes)
}

export function bomb(maxBytes: number) {
  return refuse(
    'bomb',
    `it unpacks to more than ${maxBytes} bytes, more than its size can honestly hold`,
    'If it is genuine, unpack it yourself and name the folder.',
  )
}
