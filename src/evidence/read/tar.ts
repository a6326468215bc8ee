import { decodeName } from './archive-names.ts'
import type { RandomReader } from './bytes.ts'
import { problem } from './problem.ts'
import type { Problem } from './problem.ts'

/** An entry of an archive: content at a place in it, or a reason why there is none. */
export type TarEntry =
  | { readonly kind: 'file'; readonly name: string; readonly offset: number; readonly sizeBytes: number }
  | { readonly kind: 'refused'; readonly name: string; readonly problem: Problem }

const blockBytes = 512
const maxHeaderBytes = 2 ** 20

/**
 * Lists a tar archive: POSIX ustar and pax, GNU long names and sizes. Links, devices and sparse files are refused;
 * damage ends the list with a refused entry that says where.
 * Format: IEEE Std 1003.1 "pax", and the GNU tar manual, "Basic Tar Format".
 */
export async function* listTar(reader: RandomReader): AsyncIterable<TarEntry> {
  let position = 0
  const global: PaxFields = {}
  let local: PaxFields = {}
  let hasEnd = false
  while (position + blockBytes <= reader.sizeBytes) {
    const header = await reader.read(position, blockBytes)
    position += blockBytes
    if (header.every((byte) => byte === 0)) {
      hasEnd = true // archives may be strung together: what follows is read too
      continue
    }
    hasEnd = false
    if (!tarChecksumMatches(header)) {
      yield damage(position - blockBytes)
      return
    }
    const type = String.fromCharCode(header[156] ?? 0)
    const fields = { ...global, ...local }
    const sizeBytes =
      type === 'x' || type === 'g'
        ? readNumber(header, 124, 12)
        : (fields.sizeBytes ?? readNumber(header, 124, 12))
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      yield damage(position - blockBytes)
      return
    }
    const offset = position
    position += Math.ceil(sizeBytes / blockBytes) * blockBytes
    if ('xgLK'.includes(type)) {
      if (sizeBytes > maxHeaderBytes) {
        yield damage(offset)
        return
      }
      const content = await reader.read(offset, sizeBytes)
      if (type === 'g') readPax(content, global)
      if (type === 'x') readPax(content, local)
      if (type === 'L') local.name = decodeName(content.subarray(0, endOfText(content)))
      continue
    }
    const name = fields.name ?? readName(header)
    local = {}
    if (type === '5' || (name.endsWith('/') && sizeBytes === 0)) continue
    yield entryOf(type, name, offset, sizeBytes, fields.sparse === true)
  }
  if (!hasEnd && position === reader.sizeBytes) yield cutOff()
}

/** Whether a block is a tar header: its checksum counts it with the checksum's own bytes as spaces. */
export function tarChecksumMatches(header: Buffer): boolean {
  if (header.length < blockBytes) return false
  const expected = readNumber(header, 148, 8)
  let sum = 8 * 32
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += header[at] ?? 0
  return sum === expected && sum > 8 * 32
}

interface PaxFields {
  name?: string
  sizeBytes?: number
  sparse?: boolean
}

function entryOf(type: string, name: string, offset: number, sizeBytes: number, sparse: boolean): TarEntry {
  if (type === '1' || type === '2')
    return { kind: 'refused', name, problem: problem('link', 'links in archives are not followed') }
  if ('346'.includes(type))
    return { kind: 'refused', name, problem: problem('special-file', 'it is a device or a pipe') }
  if (type === 'S' || sparse)
    return {
      kind: 'refused',
      name,
      problem: problem(
        'unsupported-container',
        'it is stored as a sparse file',
        'Unpack the archive with tar and name the folder.',
      ),
    }
  return { kind: 'file', name, offset, sizeBytes }
}

function damage(position: number): TarEntry {
  return {
    kind: 'refused',
    name: '',
    problem: problem('corrupt', `the tar archive is damaged at byte ${position}; what follows was not read`),
  }
}

function cutOff(): TarEntry {
  const message = 'the tar archive has no end mark; members may be missing'
  return { kind: 'refused', name: '', problem: problem('truncated', message) }
}

function endOfText(bytes: Buffer): number {
  const end = bytes.indexOf(0)
  return end === -1 ? bytes.length : end
}

function readText(header: Buffer, offset: number, length: number): Buffer {
  const field = header.subarray(offset, offset + length)
  return field.subarray(0, endOfText(field))
}

function readName(header: Buffer): string {
  const name = readText(header, 0, 100)
  const prefix =
    header.toString('latin1', 257, 263) === 'ustar\0' ? readText(header, 345, 155) : Buffer.alloc(0)
  return decodeName(prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name)
}

/** An octal number, or GNU's big-endian form, marked by the highest bit. */
function readNumber(header: Buffer, offset: number, length: number): number {
  if (((header[offset] ?? 0) & 0x80) !== 0) {
    let value = (header[offset] ?? 0) & 0x7f
    for (let at = offset + 1; at < offset + length; at += 1) value = value * 256 + (header[at] ?? 0)
    return value
  }
  const digits = header.toString('latin1', offset, offset + length).replaceAll(/[\0 ]/gu, '')
  return /^[0-7]+$/u.test(digits) ? Number.parseInt(digits, 8) : digits === '' ? 0 : Number.NaN
}

/** Pax fields: `length key=value\n`, the length counting itself. */
function readPax(content: Buffer, fields: PaxFields): void {
  let position = 0
  while (position < content.length) {
    const space = content.indexOf(32, position)
    const length = Number(content.toString('latin1', position, Math.max(position, space)))
    if (space === -1 || !Number.isSafeInteger(length) || length <= space - position) return
    const equals = content.indexOf(61, space)
    const key = content.toString('latin1', space + 1, equals)
    const value = content.subarray(equals + 1, position + length - 1)
    if (key === 'path') fields.name = decodeName(value)
    if (key === 'size') fields.sizeBytes = Number(value.toString('latin1'))
    if (key.startsWith('GNU.sparse')) fields.sparse = true
    position += length
  }
}
