import { Readable } from 'node:stream'
import { fromRandomAccessReader, getFileNameLowLevel, RandomAccessReader } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import type { Budget } from './budget.ts'
import { sliceSource } from './bytes.ts'
import type { ByteSource, RandomReader } from './bytes.ts'
import { problem, refuse } from './problem.ts'
import type { Problem } from './problem.ts'
import { quote } from './recognise-container.ts'
import { declaredSource } from './unpack.ts'
import type { Compression } from './unpack.ts'

/** A member of a zip, or a reason why it cannot be read. */
export type ZipEntry =
  | { readonly kind: 'file'; readonly name: string; readonly source: ByteSource }
  | { readonly kind: 'refused'; readonly name: string; readonly problem: Problem }

const compressions: ReadonlyMap<number, Compression | undefined> = new Map([
  [0, undefined],
  [8, 'deflate'],
  [93, 'zst'],
])

/**
 * Lists a zip by its central directory (zip64 included). What the directory declares is charged to the budget before
 * a byte is unpacked, and members that share bytes, as bombs do, are refused.
 */
export async function listZip(
  archive: Required<ByteSource>,
  path: string,
  budget: Budget,
): Promise<readonly ZipEntry[]> {
  const reader = await archive.openRandom()
  try {
    const entries = await readDirectory(reader, budget)
    refuseOverlap(entries)
    if (entries.some((entry) => nameOf(entry) === '[Content_Types].xml'))
      throw refuse(
        'unsupported-container',
        'it is an Office document',
        'Save the sheet as CSV (UTF-8) and name that file.',
      )
    return entries
      .filter((entry) => !nameOf(entry).endsWith('/'))
      .map((entry) => describeEntry(archive, path, entry, budget))
  } finally {
    await reader.close()
  }
}

function describeEntry(archive: Required<ByteSource>, path: string, entry: Entry, budget: Budget): ZipEntry {
  const name = nameOf(entry)
  const refused = (found: Problem): ZipEntry => ({ kind: 'refused', name, problem: found })
  const open = `Open it with: 7z x ${quote(path)} -oevidence`
  if (entry.isEncrypted()) return refused(problem('encrypted', 'it is encrypted', `${open} -p'PASSWORD'`))
  const type = (entry.externalFileAttributes >>> 16) & 0xf000 // `zip -` marks what it read from a pipe as one
  if (entry.versionMadeBy >>> 8 === 3 && type === 0xa000)
    return refused(problem('link', 'links in archives are not followed'))
  if (entry.versionMadeBy >>> 8 === 3 && ![0, 0x8000, 0x1000].includes(type))
    return refused(problem('special-file', 'it is not a regular file'))
  if (!compressions.has(entry.compressionMethod))
    return refused(
      problem(
        'unsupported-container',
        `its compression (method ${entry.compressionMethod}) is not known here`,
        open,
      ),
    )
  const declared = { sizeBytes: entry.uncompressedSize, crc32: entry.crc32 }
  const packed = memberSource(archive, entry)
  return {
    kind: 'file',
    name,
    source: declaredSource(packed, compressions.get(entry.compressionMethod), declared, budget),
  }
}

/** The packed bytes of a member: they follow its local header, whose own lengths only it knows. */
function memberSource(archive: Required<ByteSource>, entry: Entry): ByteSource {
  let start: Promise<number> | undefined
  return {
    sizeBytes: entry.compressedSize,
    async *stream() {
      start ??= dataStart(archive, entry)
      yield* sliceSource(archive, await start, entry.compressedSize).stream()
    },
  }
}

async function dataStart(archive: Required<ByteSource>, entry: Entry): Promise<number> {
  const reader = await archive.openRandom()
  try {
    const at = entry.relativeOffsetOfLocalHeader
    const header = await reader.read(at, 30)
    if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50)
      throw refuse('corrupt', 'its header in the zip is missing')
    const name = await reader.read(at + 30, header.readUInt16LE(26))
    if (!name.equals(entry.fileNameRaw)) throw refuse('corrupt', 'the zip gives it two different names')
    return at + 30 + name.length + header.readUInt16LE(28)
  } finally {
    await reader.close()
  }
}

async function readDirectory(reader: RandomReader, budget: Budget): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  const zip = await openZip(reader)
  budget.spendMembers(zip.entryCount)
  try {
    for await (const entry of zip.eachEntry()) {
      entries.push(entry)
      if (compressions.has(entry.compressionMethod)) budget.spendBytes(entry.uncompressedSize)
    }
  } catch (error) {
    throw asCorrupt(error)
  }
  return entries
}

async function openZip(reader: RandomReader): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false }
    const done = (error: Error | null, zip: ZipFile) => (error ? reject(asCorrupt(error)) : resolve(zip))
    fromRandomAccessReader(new DirectoryReader(reader), reader.sizeBytes, options, done)
  })
}

class DirectoryReader extends RandomAccessReader {
  readonly #reader: RandomReader

  constructor(reader: RandomReader) {
    super()
    this.#reader = reader
  }

  override _readStreamForRange(): Readable {
    throw new Error('members are not read through yauzl')
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#reader.read(position, length).then(
      (found) => {
        if (found.length < length) return done(refuse('truncated', 'the zip ends inside its directory'))
        found.copy(buffer, offset)
        done(null)
      },
      (error: Error) => done(error),
    )
  }
}

function refuseOverlap(entries: readonly Entry[]): void {
  const spans = entries
    .map((entry) => ({
      start: entry.relativeOffsetOfLocalHeader,
      end: entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize,
    }))
    .toSorted((one, other) => one.start - other.start)
  for (const [index, span] of spans.entries())
    if (span.start < (spans[index - 1]?.end ?? 0))
      throw refuse('bomb', 'its members share the same bytes, as zip bombs do')
}

function nameOf(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
}

function asCorrupt(error: unknown): unknown {
  if (error instanceof Error && !('code' in error))
    return refuse('corrupt', `the zip is damaged (${error.message})`)
  return error
}
