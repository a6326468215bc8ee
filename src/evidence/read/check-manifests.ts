import { createHash } from 'node:crypto'
import { readdirSync, type Dirent } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { readChecksumList } from './checksum-lists.ts'
import type { ListedSum } from './checksum-lists.ts'
import { collect, fileSource } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { defaultLimits } from './limits.ts'
import { problem, ReadError, refuse, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'

/** What a list of checksums beside the evidence says of a file, and what the file says. */
export interface ManifestCheck {
  /** The list. */
  readonly manifest: string
  readonly path: string
  readonly algorithm: ListedSum['algorithm']
  readonly expected: string
  /** Absent where the file cannot be read. */
  readonly actual?: string
  readonly ok: boolean
  readonly problem?: Problem
}

const manifestName =
  /^(?:tag)?manifest-(?:md5|sha1|sha256|sha512)\.txt$|^(?:md5|sha1|sha256|sha512)sums?(?:\.txt)?$|^checksums?(?:\.txt)?$|\.(?:md5|sha1|sha256|sha512)(?:sum)?s?$/iu
const maxListBytes = 256 * 2 ** 20

/** Checks the files that lists of checksums name: `manifest-sha256.txt` of BagIt, `SHA256SUMS`, `x.zip.sha256` and so on. */
export async function* checkManifests(root: string, signal?: AbortSignal): AsyncIterable<ManifestCheck> {
  const real = await realpath(root)
  const found = await lstat(real)
  const folder = found.isDirectory() ? real : dirname(real)
  for (const list of findLists(folder, found.isDirectory() ? defaultLimits.maxFolderDepth : 0)) {
    const sums = await readList(list)
    for (const sum of sums) {
      signal?.throwIfAborted()
      const name =
        sum.path === undefined ? basename(list).replace(/\.[^.]+$/u, '') : decodeBagIt(sum.path, list)
      const path = resolve(dirname(list), name.replaceAll('\\', '/'))
      if (!found.isDirectory() && path !== real) continue
      const shown = {
        manifest: relative(folder, list),
        path: relative(folder, path),
        algorithm: sum.algorithm,
        expected: sum.expected,
      }
      yield { ...shown, ...(await checkFile(path, folder, sum)) }
    }
  }
}

async function checkFile(
  path: string,
  folder: string,
  sum: ListedSum,
): Promise<Pick<ManifestCheck, 'actual' | 'ok' | 'problem'>> {
  try {
    if (!path.startsWith(folder + sep))
      throw refuse('path-traversal', 'the list names a file outside of the evidence')
    const hash = createHash(sum.algorithm)
    for await (const chunk of (await openPlain(path)).stream({ passing: true })) hash.update(chunk)
    const actual = hash.digest('hex')
    return { actual, ok: actual === sum.expected }
  } catch (error) {
    return { ok: false, problem: toProblem(error) }
  }
}

async function readList(path: string): Promise<readonly ListedSum[]> {
  try {
    const source = await openPlain(path)
    if ((source.sizeBytes ?? 0) > maxListBytes) return []
    return readChecksumList((await collect(source.stream(), maxListBytes)).toString('utf8')) ?? []
  } catch (error) {
    if (error instanceof ReadError || (error instanceof Error && 'code' in error)) return []
    throw error
  }
}

async function openPlain(path: string): Promise<ByteSource> {
  const found = await lstat(path, { bigint: true })
  if (!found.isFile()) throw new ReadError(problem('special-file', 'it is not a regular file'))
  return fileSource({ path, device: found.dev, inode: found.ino, sizeBytes: Number(found.size) })
}

function* findLists(folder: string, depth: number): Iterable<string> {
  const entries = entriesOf(folder)
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isFile() && manifestName.test(entry.name)) yield path
    else if (entry.isDirectory() && depth > 0) yield* findLists(path, depth - 1)
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // The walk says what is wrong with it.
    return []
  }
}

/** BagIt writes line ends and percent signs in names as `%0A`, `%0D` and `%25` (RFC 8493, 2.1.3). */
function decodeBagIt(path: string, list: string): string {
  if (!/^(?:tag)?manifest-/iu.test(basename(list))) return path
  return path.replaceAll(/%(0A|0D|25)/giu, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}
