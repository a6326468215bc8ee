import { createHash } from 'node:crypto'
import { array, has, text, tick, whole } from '../arguments.ts'
import { characters, hasTerm, regex } from '../matching.ts'
import type { Call, Meaning } from '../scope.ts'
import { textOf } from '../text.ts'
import { Unknown, isArray, type Value } from '../value.ts'

function digest(name: string): Meaning {
  return (call) => createHash(name).update(text(call, 0)).digest('hex')
}

function decoded(call: Call): Buffer | null {
  const source = text(call, 0)
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(source)
    ? Buffer.from(source, 'base64')
    : null
}

function decodedText(call: Call): Value {
  const bytes = decoded(call)
  if (!bytes) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return ''
  }
}

/** .NET writes the first three parts of a guid with their low bytes first. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

function xxHash(call: Call): Value {
  const bytes = call.types[0] === 'datetime' ? longBytes(tick(call.values[0])) : Buffer.from(text(call, 0))
  if (call.types[0] !== 'datetime' && call.types[0] !== 'string')
    throw new Unknown(`hash of ${call.types[0]}`)
  const hash = xxHash64(bytes)
  if (!has(call, 1)) return BigInt.asIntN(64, hash)
  const divisor = whole(call, 1)
  if (divisor === null || divisor <= 0n) throw new Unknown('hash by nothing')
  const signed = BigInt.asIntN(64, hash)
  if (signed < 0n) throw new Unknown('the remainder of a negative hash')
  return signed % divisor
}

function longBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(value)
  return bytes
}

const primes = [
  11_400_714_785_074_694_791n,
  14_029_467_366_897_019_727n,
  1_609_587_929_392_839_161n,
  9_650_029_242_287_828_579n,
  2_870_177_450_012_600_261n,
] as const

/** XXH64 with seed 0, of at most some kilobytes. */
export function xxHash64(bytes: Buffer): bigint {
  const [p1, p2, p3, p4, p5] = primes
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value)
  const rotate = (value: bigint, bits: bigint): bigint => wrap((value << bits) | (value >> (64n - bits)))
  const round = (state: bigint, input: bigint): bigint => wrap(rotate(wrap(state + input * p2), 31n) * p1)
  let at = 0
  let hash: bigint
  if (bytes.length >= 32) {
    const lanes = [wrap(p1 + p2), p2, 0n, wrap(-p1)]
    for (; at + 32 <= bytes.length; at += 32) {
      for (const [lane, state] of lanes.entries())
        lanes[lane] = round(state, bytes.readBigUInt64LE(at + lane * 8))
    }
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
    hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n))
    for (const state of lanes) hash = wrap((hash ^ round(0n, state)) * p1 + p4)
  } else hash = p5
  hash = wrap(hash + BigInt(bytes.length))
  for (; at + 8 <= bytes.length; at += 8)
    hash = wrap(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * p1 + p4)
  if (at + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes.readUInt32LE(at)) * p1), 23n) * p2 + p3)
    at += 4
  }
  for (; at < bytes.length; at += 1) hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at] ?? 0) * p5), 11n) * p1)
  hash = wrap((hash ^ (hash >> 33n)) * p2)
  hash = wrap((hash ^ (hash >> 29n)) * p3)
  return hash ^ (hash >> 32n)
}

/** The fields of the first record. */
function parseCsv(source: string): readonly string[] {
  const fields: string[] = []
  const pattern = /"((?:[^"]|"")*)"|([^,\n"]*)/y
  for (let at = 0; at <= source.length; at += 1) {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (!found) throw new Unknown('csv')
    fields.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    at += found[0].length
    if (source[at] !== ',') break
  }
  return fields
}

function replaceStrings(call: Call): Value {
  const [lookups, replacements] = [array(call, 1) ?? [], array(call, 2) ?? []]
  let parts: readonly { readonly text: string; readonly isDone: boolean }[] = [
    { text: text(call, 0), isDone: false },
  ]
  for (const [index, lookup] of lookups.entries()) {
    if (typeof lookup !== 'string' || lookup === '') continue
    const replacement = replacements[index]
    const put = { text: typeof replacement === 'string' ? replacement : lookup, isDone: true }
    parts = parts.flatMap((part) => {
      if (part.isDone) return [part]
      const pieces = part.text.split(lookup).map((piece) => ({ text: piece, isDone: false }))
      return pieces.flatMap((piece, place) => (place === 0 ? [piece] : [put, piece]))
    })
  }
  return parts.map((part) => part.text).join('')
}

export const encodingFunctions: Readonly<Record<string, Meaning>> = {
  hash_md5: digest('md5'),
  hash_sha1: digest('sha1'),
  hash_sha256: digest('sha256'),
  hash: xxHash,
  hash_xxhash64: xxHash,
  base64_decode_tostring: decodedText,
  base64_decodestring: decodedText,
  base64_decode_toarray: (call) => {
    const bytes = decoded(call)
    return bytes ? [...bytes].map((byte) => BigInt(byte)) : null
  },
  base64_encode_fromarray: (call) =>
    Buffer.from((array(call, 0) ?? []).map((byte) => Number(byte))).toString('base64'),
  base64_encode_fromguid: (call) => {
    if (call.values[0] === null) return ''
    const bytes = Buffer.from(text(call, 0).replaceAll('-', ''), 'hex')
    return Buffer.from(guidOrder.map((place) => bytes[place] ?? 0)).toString('base64')
  },
  base64_decode_toguid: (call) => {
    const bytes = decoded(call)
    if (bytes?.length !== 16) return null
    const digits = Buffer.from(guidOrder.map((place) => bytes[place] ?? 0)).toString('hex')
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  },
  url_decode: (call) => decodeURIComponent(text(call, 0)),
  parse_csv: (call) => parseCsv(text(call, 0)),
  replace_strings: replaceStrings,
  has_any_index: (call) => {
    const terms = call.values.slice(1).flatMap((value) => (isArray(value) ? value : [value]))
    return BigInt(terms.findIndex((term) => hasTerm(text(call, 0), textOf(term, 'dynamic'), false)))
  },
  indexof_regex: (call) => {
    if (has(call, 2)) throw new Unknown('indexof_regex in a part')
    const source = text(call, 0)
    const found = regex(text(call, 1)).exec(source)
    return found ? BigInt(characters(source.slice(0, found.index)).length) : -1n
  },
  new_guid: () => '00000000-0000-4000-8000-000000000000',
  rand: () => 0.5,
}
