import { recognise } from '../tables/recognise.ts'
import type { JsonObject, Shape } from '../tables/types.ts'
import type { Member } from './read/member.ts'
import { problem, type Problem } from './read/problem.ts'
import { readRecords } from './read/records.ts'
import type { Content } from './read/recognise-content.ts'

const sampleRecords = 50
/** Of records that look alike so many are parsed, if they are recognised. */
const sampleRecordsOfKind = 3
const sampleBytes = 2 ** 18
const smallChunkBytes = 2 ** 16
const maxSampleRecords = 5000

export interface Sample {
  readonly shapes: readonly Shape[]
  readonly why: string
  readonly problem?: Problem
}

/** So that what reads the first records splits no more than it needs. */
function inSmallChunks(member: Member): Pick<Member, 'open'> {
  return {
    async *open(range) {
      for await (const chunk of member.open(range)) {
        for (let start = 0; start < chunk.length; start += smallChunkBytes)
          yield chunk.subarray(start, start + smallChunkBytes)
      }
    },
  }
}

/**
 * The shapes among the first records, of which more are read where none is known. What follows may hold other shapes:
 * landing finds them by counting.
 */
export async function sampleShapes(member: Member, content: Content): Promise<Sample> {
  const shapes = new Map<string, Shape>()
  const reasons = new Set<string>([content.why])
  let seen = 0
  let broken = 0
  let seenBytes = 0
  const knownOfKind = new Map<string, number>()
  const isEnough = (): boolean =>
    shapes.size > 0 ? seen >= sampleRecords || seenBytes >= sampleBytes : seen >= maxSampleRecords
  for await (const records of readRecords(inSmallChunks(member), content)) {
    for (const record of records) {
      if (isEnough()) break
      seen += 1
      seenBytes += record.lengthBytes
      const kind = record.kind === 'record' ? kindOf(record.json) : ''
      const known = knownOfKind.get(kind) ?? 0
      if (known >= sampleRecordsOfKind) continue
      const value = record.kind === 'record' ? parseObject(record.json, record.table) : undefined
      if (value === undefined) broken += 1
      const recognised = value && recognise(value, { path: member.path })
      if (recognised === undefined) continue
      if (kind !== '') knownOfKind.set(kind, known + 1)
      shapes.set(recognised.shape.id, recognised.shape)
      reasons.add(recognised.why)
    }
    if (isEnough()) break
  }
  // Where records are broken, nothing says that they are no logs: they go to quarantine.
  const why = [...reasons].join('; ')
  if (shapes.size > 0 || broken > 0) return { shapes: [...shapes.values()], why }
  const message =
    seen === 0 ? 'it holds no records' : `none of its first ${seen} records has the form of a log known here`
  return { shapes: [], why, problem: problem('unrecognised', message) }
}

function parseObject(json: Uint8Array, table: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString())
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // JSON.parse gives nothing but JSON values.
    const record = value as JsonObject
    return table === undefined ? record : { $table: table, ...record }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const categoryKey = Buffer.from('"category"')
const resourceKey = Buffer.from('"resourceId"')
const resourceTypeBytes = 24
const maxTextBytes = 1000

/** What a record seems to say of itself at first sight: its category, and the end of its resource. */
function kindOf(json: Uint8Array): string {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength)
  const category = textAfter(bytes, categoryKey)
  return category === '' ? '' : `${category} ${textAfter(bytes, resourceKey).slice(-resourceTypeBytes)}`
}

function textAfter(bytes: Buffer, key: Buffer): string {
  const at = bytes.indexOf(key)
  const start = at === -1 ? -1 : bytes.indexOf(quote, at + key.length)
  const end = start === -1 ? -1 : bytes.indexOf(quote, start + 1)
  return end === -1 || end - start > maxTextBytes ? '' : bytes.toString('latin1', start + 1, end)
}

const quote = 0x22
