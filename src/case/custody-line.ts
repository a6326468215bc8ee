import { createHash } from 'node:crypto'

/** What the entry before the first one hashes to. */
export const chainStart = '0'.repeat(64)

/** What a command read or wrote, by its SHA-256 in hex. */
export type CustodyObject = { readonly name: string; readonly sha256: string; readonly bytes?: number }

/** The unended line that a killed process left behind, named by the entry that was written after it. */
export type TornLine = {
  readonly kind: 'fragment' | 'line-end'
  readonly bytes: number
  readonly sha256: string
}

/** One line of `custody.jsonl`. `hash` is the SHA-256 of the line without its `hash`. */
export type CustodyEntry = {
  readonly seq: number
  readonly time: string
  /** Tells the runs of commands apart. */
  readonly run: string
  readonly started: string
  readonly user: string
  readonly host: string
  readonly versions: Readonly<Record<string, string>>
  readonly command: string
  readonly arguments: readonly string[]
  readonly outcome: string
  readonly inputs: readonly CustodyObject[]
  readonly outputs: readonly CustodyObject[]
  readonly torn?: TornLine
  readonly previous: string
  readonly hash: string
}

/** Prints an entry as one line of ASCII, its hash last. */
export function sealCustodyLine(entry: Omit<CustodyEntry, 'hash'>): {
  readonly text: string
  readonly hash: string
} {
  const bare = JSON.stringify(entry).replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const hash = digest(bare)
  return { text: `${bare.slice(0, -1)},"hash":"${hash}"}`, hash }
}

/** The hash that a line carries and the one that its bytes (as Latin-1) give; undefined where it carries none. */
export function hashesOfLine(
  line: string,
): { readonly carried: string; readonly computed: string } | undefined {
  const carried = /,"hash":"([0-9a-f]{64})"\}$/.exec(line)
  if (carried?.[1] === undefined) return undefined
  return { carried: carried[1], computed: digest(`${line.slice(0, carried.index)}}`) }
}

/** The entry of a line whose hash is right; undefined for any other text. */
export function parseCustodyLine(line: string): CustodyEntry | undefined {
  const hashes = hashesOfLine(line)
  if (hashes === undefined || hashes.carried !== hashes.computed) return undefined
  // A line with the right hash was printed by `sealCustodyLine`, or forged on purpose; the chain tells the latter.
  return JSON.parse(line) as CustodyEntry
}

export function digest(latin1: string): string {
  return createHash('sha256').update(latin1, 'latin1').digest('hex')
}
