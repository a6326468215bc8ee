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
import { withoutSecrets } from './secrets.ts'

/** What a command tells of itself; who, where, when and the chain are added. Digests are SHA-256 in hex. */
export type CustodyRecord = {
  readonly command: string
  readonly arguments: readonly string[]
  readonly versions: Readonly<Record<string, string>>
  readonly started: Date
  readonly outcome: 'done' | 'failed' | 'interrupted'
  readonly inputs?: readonly CustodyObject[]
  readonly outputs?: readonly CustodyObject[]
}

/** Where a case keeps its custody, and the note of its last entry that tells when entries at the end are gone. */
export function custodyFile(folder: string): string {
  return join(folder, 'custody.jsonl')
}

export function custodyHeadFile(folder: string): string {
  return join(folder, 'custody.head')
}

/** Appends one entry to the case's custody and flushes it to disk. A line torn by a kill stays and is named by the entry. */
export async function appendCustody(folder: string, record: CustodyRecord): Promise<CustodyEntry> {
  return await withAppendLock(join(folder, 'custody.lock'), async () => {
    const handle = await open(custodyFile(folder), 'a+', 0o600)
    try {
      const { last, torn } = await readTail(handle)
      const entry = {
        seq: (last?.seq ?? 0) + 1,
        time: new Date().toISOString(),
        started: record.started.toISOString(),
        user: userName(),
        host: hostname(),
        versions: record.versions,
        command: record.command,
        arguments: withoutSecrets(record.arguments),
        outcome: record.outcome,
        inputs: record.inputs ?? [],
        outputs: record.outputs ?? [],
        ...(torn !== undefined && { torn }),
        previous: last?.hash ?? chainStart,
      }
      const line = sealCustodyLine(entry)
      await handle.appendFile(`${torn === undefined ? '' : '\n'}${line.text}\n`)
      await handle.sync()
      await writeHead(folder, entry.seq, line.hash)
      return { ...entry, hash: line.hash }
    } finally {
      await handle.close()
    }
  })
}

type Tail = { readonly last: CustodyEntry | undefined; readonly torn: TornLine | undefined }

/** Reads backwards until a whole entry is found; a fragment that a kill left is what stands after the last line end. */
async function readTail(handle: FileHandle): Promise<Tail> {
  const { size } = await handle.stat()
  for (let length = 65_536; ; length *= 4) {
    const start = Math.max(0, size - length)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
    const lines = buffer.toString('latin1', 0, bytesRead).split('\n')
    const rest = lines.pop() ?? ''
    const whole = parseCustodyLine(rest)
    if (whole !== undefined) return { last: whole, torn: describe('line-end', rest) }
    const last = lines
      .toReversed()
      .map(parseCustodyLine)
      .find((entry) => entry !== undefined)
    if (last === undefined && start > 0) continue
    return { last, torn: rest === '' ? undefined : describe('fragment', rest) }
  }
}

function describe(kind: TornLine['kind'], text: string): TornLine {
  return { kind, bytes: text.length, sha256: digest(text) }
}

async function writeHead(folder: string, seq: number, hash: string): Promise<void> {
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
