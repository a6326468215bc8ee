import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, relative, isAbsolute, sep } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ExternalProblem } from '../kql/external.ts'
import { isMissing } from './case-file.ts'

/** Bounds on a file that a query names: bytes on disk, and bytes unpacked. Kusto means such files for small tables too. */
export interface ExternalLimits {
  readonly packedBytes: number
  readonly unpackedBytes: number
}

export const externalLimits: ExternalLimits = { packedBytes: 100 * 2 ** 20, unpackedBytes: 256 * 2 ** 20 }

export interface ExternalContent {
  readonly path: string
  /** As they lie on disk. */
  readonly bytes: Buffer
  readonly text: string
}

/**
 * Reads the file that stands for an address: `DIR/<host>/<path>`, unpacked where it is gzip. Nothing outside the folder
 * is read, whatever the address or a link says.
 */
export async function readExternalFile(
  folder: string,
  address: string,
  limits = externalLimits,
): Promise<ExternalContent | ExternalProblem> {
  const parts = pathOf(address)
  if (parts === undefined)
    return problem('missing-file', `${address} is no http address of a file`, 'nothing else is looked up')
  const path = join(folder, ...parts)
  const bytes = await readInside(folder, path, limits.packedBytes)
  if (!Buffer.isBuffer(bytes)) return bytes
  const text = textOf(bytes, path, limits.unpackedBytes)
  return typeof text === 'string' ? { path, bytes, text } : text
}

/** Host and path of an address, without its query and the secret that KQL writes after a semicolon. */
function pathOf(address: string): readonly string[] | undefined {
  const url = URL.parse(address.replace(/;.*$/s, ''))
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined
  try {
    const segments = url.pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment))
    const isPlain = segments.every((segment) => !/[/\\\0]/.test(segment) && !/^\.{1,2}$/.test(segment))
    const host = url.hostname.replaceAll(/[[\]]/g, '')
    return isPlain && segments.length > 0 && !/^\.*$/.test(host) ? [host, ...segments] : undefined
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

async function readInside(folder: string, path: string, maxBytes: number): Promise<Buffer | ExternalProblem> {
  try {
    const [root, file] = [await realpath(folder), await realpath(path)]
    const inside = relative(root, file)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      return problem('missing-file', `${path} is a link out of ${folder}`, 'put the file itself there')
    // Not to hang on a pipe that somebody left there.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const found = await handle.stat()
      if (!found.isFile()) return problem('missing-file', `${path} is not a file`)
      if (found.size > maxBytes) return tooLarge(path, maxBytes)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!isMissing(error)) throw error
    return problem('missing-file', `there is no file ${path}`, 'put it there; nothing is fetched')
  }
}

function textOf(bytes: Buffer, path: string, maxBytes: number): string | ExternalProblem {
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004')))
    return problem('bad-argument', `${path} is a zip archive`, 'unpack it, or pack it with gzip')
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(path, maxBytes)
    if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return problem('bad-argument', `${path} is not text in UTF-8`)
    return problem('bad-argument', `${path} cannot be unpacked: ${error.message}`)
  }
}

function tooLarge(path: string, maxBytes: number): ExternalProblem {
  const size = `${maxBytes / 2 ** 20} MiB`
  return problem('bad-argument', `${path} is larger than ${size}`, 'name only what the query needs')
}

function problem(code: ExternalProblem['code'], message: string, hint?: string): ExternalProblem {
  return { code, message, ...(hint !== undefined && { hint }) }
}
