import { randomUUID } from 'node:crypto'
import { open, rename, writeFile, type FileHandle } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { withAppendLock } from './append-lock.ts'
import {
  chainStart,
  digest,
  parseCustodyLine,
  sealCustodyLine,
  type CustodyEntry,
  type CustodyObject,
  type TornLine,
} from './custody-line.ts'
import { abandonedMarkers, removeMarker, writeMarker, type CustodyMarker } from './custody-marker.ts'
import { withoutSecrets } from './secrets.ts'

/** What a command tells of itself when it begins; who and where are added. Secrets are left out of its arguments. */
export type CustodyStart = {
  readonly command: string
  readonly arguments: readonly string[]
  readonly versions: Readonly<Record<string, string>>
  readonly started: Date
}

/** What it tells when it ends. Digests are SHA-256 in hex. */
export type CustodyEnd = {
  readonly outcome: 'done' | 'failed' | 'interrupted'
  readonly inputs?: readonly CustodyObject[]
  readonly outputs?: readonly CustodyObject[]
}

/** Notes that a command begins; its entry is written when the result is called. If it is killed, the next command enters it. */
export async function beginCustody(
  folder: string,
  start: CustodyStart,
): Promise<(end: CustodyEnd) => Promise<CustodyEntry>> {
  const marker: CustodyMarker = {
    run: randomUUID(),
    pid: process.pid,
    host: hostname(),
    user: userName(),
    started: start.started.toISOString(),
    command: start.command,
    arguments: withoutSecrets(start.arguments),
    versions: start.versions,
  }
  await writeMarker(folder, marker)
  return async (end) => await append(folder, marker, end)
}

/** Enters a command that has ended. */
export async function appendCustody(
  folder: string,
  record: CustodyStart & CustodyEnd,
): Promise<CustodyEntry> {
  const end = await beginCustody(folder, record)
  return await end(record)
}

/** Where a case keeps its custody, and the note of its last entry that tells when entries at the end are gone. */
export function custodyFile(folder: string): string {
  return join(folder, 'custody.jsonl')
}

export function custodyHeadFile(folder: string): string {
  return join(folder, 'custody.head')
}

/**
 * Appends the entry of a command, after those of commands that were killed, and flushes it to disk. A line torn by a
 * kill stays and is named by the entry that follows it.
 */
async function append(folder: string, own: CustodyMarker, end: CustodyEnd): Promise<CustodyEntry> {
  return await withAppendLock(join(folder, 'custody.lock'), async () => {
    const handle = await open(custodyFile(folder), 'a+', 0o600)
    try {
      let tail = await readTail(handle)
      const killed = await abandonedMarkers(folder)
      for (const marker of killed) {
        if (tail.recent.includes(`"run":"${marker.run}"`)) continue
        tail = await appendEntry(handle, tail, marker, { outcome: 'killed' })
      }
      const { last } = await appendEntry(handle, tail, own, end)
      await handle.sync()
      await writeHead(folder, last)
      for (const { run } of [...killed, own]) await removeMarker(folder, run)
      return last
    } finally {
      await handle.close()
    }
  })
}

type WholeTail = Tail & { readonly last: CustodyEntry }

async function appendEntry(
  handle: FileHandle,
  { last, torn, recent }: Tail,
  { run, user, host, started, command, arguments: words, versions }: CustodyMarker,
  { outcome, inputs = [], outputs = [] }: Omit<CustodyEnd, 'outcome'> & { readonly outcome: string },
): Promise<WholeTail> {
  const entry = {
    seq: (last?.seq ?? 0) + 1,
    time: new Date().toISOString(),
    run,
    started,
    user,
    host,
    versions,
    command,
    arguments: words,
    outcome,
    inputs,
    outputs,
    ...(torn !== undefined && { torn }),
    previous: last?.hash ?? chainStart,
  }
  const line = sealCustodyLine(entry)
  await handle.appendFile(`${torn === undefined ? '' : '\n'}${line.text}\n`)
  return { last: { ...entry, hash: line.hash }, torn: undefined, recent }
}

type Tail = {
  readonly last: CustodyEntry | undefined
  readonly torn: TornLine | undefined
  /** The text of the last entries. */
  readonly recent: string
}

/** Reads backwards until a whole entry is found; a fragment that a kill left is what stands after the last line end. */
async function readTail(handle: FileHandle): Promise<Tail> {
  const { size } = await handle.stat()
  for (let length = 65_536; ; length *= 4) {
    const start = Math.max(0, size - length)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
    const recent = buffer.toString('latin1', 0, bytesRead)
    const lines = recent.split('\n')
    const rest = lines.pop() ?? ''
    const whole = parseCustodyLine(rest)
    if (whole !== undefined) return { last: whole, torn: describe('line-end', rest), recent }
    const last = lines
      .toReversed()
      .map(parseCustodyLine)
      .find((entry) => entry !== undefined)
    if (last === undefined && start > 0) continue
    return { last, torn: rest === '' ? undefined : describe('fragment', rest), recent }
  }
}

function describe(kind: TornLine['kind'], text: string): TornLine {
  return { kind, bytes: text.length, sha256: digest(text) }
}

async function writeHead(folder: string, { seq, hash }: CustodyEntry): Promise<void> {
  const file = custodyHeadFile(folder)
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${seq} ${hash}\n`, { mode: 0o600 })
  await rename(draft, file)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
