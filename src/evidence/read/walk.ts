import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, type BigIntStats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { decodeName, unsafeName, UniqueNames } from './archive-names.ts'
import { Budget } from './budget.ts'
import { collect, fileSource, sliceSource } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { giveWay } from './give-way.ts'
import { defaultLimits } from './limits.ts'
import type { ReadLimits } from './limits.ts'
import { LookAhead } from './look-ahead.ts'
import type { Archive, Member, Skipped } from './member.ts'
import { problem, ReadError, refuse, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import { containerHeadBytes, recogniseContainer } from './recognise-container.ts'
import type { Container } from './recognise-container.ts'
import { Spool } from './spool.ts'
import { stampOf } from './stamp.ts'
import { listTar } from './tar.ts'
import { unpackedSource } from './unpack.ts'
import { listZip } from './zip.ts'

export interface WalkOptions {
  readonly limits?: Partial<ReadLimits>
  readonly signal?: AbortSignal
  /** Where archives within archives are unpacked to; the system's temporary folder otherwise. */
  readonly spoolFolder?: string
}

/** Where a walk stands within one file on disk. */
interface Place {
  readonly path: string
  readonly archives: readonly Archive[]
  readonly source: ByteSource
  readonly plainFile?: string
}

interface RootOptions {
  readonly limits: ReadLimits
  readonly signal: AbortSignal | undefined
  readonly spoolFolder: string | undefined
}

/** Of one file on disk. */
interface Walk extends RootOptions {
  readonly budget: Budget
  readonly stamp?: string
}

/**
 * Finds all content under files and folders, in a fixed order, archives opened. Evidence is only ever read. A path
 * that was named may be a link; links inside are not followed. Whatever is not read is reported with its reason.
 */
export async function* walkEvidence(
  paths: readonly string[],
  options: WalkOptions = {},
): AsyncIterable<Member | Skipped> {
  const limits = { ...defaultLimits, ...options.limits }
  for (const path of paths) {
    const root = await realpath(path).catch((error: unknown) => {
      throw refuse(
        'evidence-missing',
        `${JSON.stringify(path)} cannot be opened (${toProblem(error).message})`,
      )
    })
    const shown = path.length > 1 ? path.replace(/\/+$/u, '') : path
    yield* walkRoot(root, shown, {
      limits,
      signal: options.signal,
      spoolFolder: options.spoolFolder,
    })
  }
}

/** Something on disk that the walk is to come to. */
interface Entry {
  readonly path: Buffer
  readonly shown: string
  readonly depth: number
}

async function* walkRoot(root: string, shown: string, options: RootOptions): AsyncIterable<Member | Skipped> {
  const { limits, signal } = options
  await using ahead = new LookAhead(root, limits.maxFolderDepth)
  const entries: Entry[] = [{ path: Buffer.from(root), shown, depth: 0 }]
  for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
    await giveWay()
    signal?.throwIfAborted()
    try {
      const found = lstatSync(entry.path, { bigint: true })
      if (found.isDirectory()) for (const below of entriesIn(entry, limits)) entries.push(below)
      else if (found.isSymbolicLink()) yield skip(entry.shown, await describeLink(entry.path, root))
      else if (!found.isFile())
        yield skip(entry.shown, problem('special-file', 'it is a device, a pipe or a socket'))
      else {
        ahead.pass()
        yield* walkFile(entry, found, options)
      }
    } catch (error) {
      signal?.throwIfAborted()
      yield skip(entry.shown, toProblem(error))
    }
  }
}

/** What is in a folder, the last first. */
function entriesIn({ path, shown, depth }: Entry, limits: ReadLimits): Entry[] {
  if (depth >= limits.maxFolderDepth)
    throw refuse('nested-too-deep', `folders are nested more than ${limits.maxFolderDepth} deep`)
  const names = readdirSync(path, { encoding: 'buffer' })
  const start = Buffer.concat([path, Buffer.from(sep)])
  const shownStart = shown === '/' ? shown : `${shown}/`
  return names
    .toSorted((one, other) => Buffer.compare(other, one))
    .map((name) => ({
      path: Buffer.concat([start, name]),
      shown: shownStart + decodeName(name),
      depth: depth + 1,
    }))
}

function walkFile(
  { path, shown }: Entry,
  found: BigIntStats,
  options: RootOptions,
): AsyncIterable<Member | Skipped> {
  const sizeBytes = Number(found.size)
  const source = fileSource({ path, device: found.dev, inode: found.ino, sizeBytes })
  const plainFile = path.toString('utf8')
  const isNamed = Buffer.from(plainFile).equals(path)
  const walk: Walk = {
    ...options,
    budget: new Budget(options.limits, sizeBytes),
    ...(isNamed && { stamp: stampOf(found) }),
  }
  const named = isNamed ? { plainFile: resolve(plainFile) } : {}
  return walkContent({ path: shown, archives: [], source, ...named }, walk)
}

async function* walkContent(place: Place, walk: Walk): AsyncIterable<Member | Skipped> {
  walk.signal?.throwIfAborted()
  try {
    const head = await collect(place.source.stream({ end: containerHeadBytes }), containerHeadBytes)
    const found = recogniseContainer(head)
    if (found === undefined) yield asMember(place, walk)
    else if (typeof found === 'object') {
      const hint = `Open it with: ${found.command(place.path)}`
      throw refuse('unsupported-container', `it is a ${found.name}`, hint)
    } else if (place.archives.length >= walk.limits.maxNesting)
      throw refuse('nested-too-deep', `archives are nested more than ${walk.limits.maxNesting} deep`)
    else yield* walkArchive(place, found, walk)
  } catch (error) {
    walk.signal?.throwIfAborted()
    yield skip(place.path, toProblem(error), asMember(place, walk))
  }
}

async function* walkArchive(place: Place, container: Container, walk: Walk): AsyncIterable<Member | Skipped> {
  const { source, path } = place
  const inside = (sha256: string): readonly Archive[] => [...place.archives, { path, container, sha256 }]
  if (container === 'gz' || container === 'zst' || container === 'avro') {
    const content =
      container === 'avro'
        ? (await import('./avro.ts')).capturedBodies(source, walk.budget)
        : unpackedSource(source, container, walk.budget)
    yield* walkContent({ path, archives: inside(await hashOf(source, walk.signal)), source: content }, walk)
    return
  }
  const { archive, sha256 } = await randomAccess(source, walk)
  const names = new UniqueNames()
  let isEmpty = true
  const entries =
    container === 'zip' ? await listZip(archive, path, walk.budget) : listTarMembers(archive, walk.budget)
  for await (const entry of entries) {
    isEmpty = false
    const shown = `${path}!${names.next(entry.name.replace(/^(?:\.\/)+/u, ''))}`
    if (entry.kind === 'refused') {
      yield skip(entry.name === '' ? path : shown, entry.problem)
      continue
    }
    const member = { path: shown, archives: inside(sha256), source: entry.source }
    const unsafe = unsafeName(entry.name)
    if (unsafe === undefined) yield* walkContent(member, walk)
    else yield skip(shown, problem('path-traversal', unsafe), asMember(member, walk))
  }
  if (isEmpty) throw refuse('unrecognised', 'the archive is empty')
}

async function* listTarMembers(archive: Required<ByteSource>, budget: Budget) {
  const reader = await archive.openRandom()
  try {
    for await (const entry of listTar(reader)) {
      budget.spendMembers(1)
      if (entry.kind === 'refused') yield entry
      else
        yield {
          kind: entry.kind,
          name: entry.name,
          source: sliceSource(archive, entry.offset, entry.sizeBytes),
        }
    }
  } finally {
    await reader.close()
  }
}

async function randomAccess(
  source: ByteSource,
  walk: Walk,
): Promise<{ archive: Required<ByteSource>; sha256: string }> {
  const { sizeBytes, openRandom } = source
  if (sizeBytes !== undefined && openRandom)
    return {
      archive: { sizeBytes, openRandom, stream: source.stream },
      sha256: await hashOf(source, walk.signal),
    }
  const content = { stream: () => untilAborted(source.stream(), walk.signal) }
  const spool = new Spool(content, walk.spoolFolder)
  const described = await spool.describe()
  return { archive: spool.source(described.sizeBytes), sha256: described.sha256 }
}

async function* untilAborted(
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    signal?.throwIfAborted()
    yield chunk
  }
}

async function hashOf(source: ByteSource, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of untilAborted(source.stream({ passing: true }), signal)) hash.update(chunk)
  return hash.digest('hex')
}

function asMember(place: Place, walk: Walk): Member {
  const { sizeBytes } = place.source
  const open: Member['open'] = async function* (range) {
    try {
      yield* untilAborted(place.source.stream(range), walk.signal)
    } catch (error) {
      walk.signal?.throwIfAborted()
      throw new ReadError(toProblem(error), error)
    }
  }
  return {
    kind: 'member',
    path: place.path,
    container: place.archives.map((archive) => archive.container),
    archives: place.archives,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(place.plainFile !== undefined && { plainFile: place.plainFile }),
    ...(walk.stamp !== undefined && { stamp: walk.stamp }),
    open,
  }
}

/** No link is followed: what it points to inside the evidence is read where it stands. */
async function describeLink(path: Buffer, root: string): Promise<Problem> {
  try {
    const target = await realpath(path)
    const isInside = target === root || target.startsWith(root === sep ? root : root + sep)
    if (isInside) return problem('link', 'it is a link; what it points to is read where it stands')
    return problem(
      'link',
      'it is a link that leads out of the evidence',
      'If it belongs to the evidence, name what it points to.',
    )
  } catch {
    return problem('link', 'it is a link that leads nowhere')
  }
}

function skip(path: string, found: Problem, unopened?: Member): Skipped {
  return { kind: 'skipped', path, problem: found, ...(unopened && { unopened }) }
}
