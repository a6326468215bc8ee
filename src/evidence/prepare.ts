import { recognise } from '../tables/recognise.ts'
import type { JsonObject, Shape, Unit } from '../tables/types.ts'
import { chunkBytes, collect } from './read/bytes.ts'
import { countRecords, unitsOf } from './read/count-records.ts'
import { hashMember } from './read/hash-member.ts'
import type { Member } from './read/member.ts'
import { problem, toProblem, type Problem } from './read/problem.ts'
import { readRecords } from './read/records.ts'
import { recogniseContent, type Content } from './read/recognise-content.ts'
import { stampOf } from './stamp.ts'
import { dateReader, settleDayOrder, type DateReading, type DayOrder } from './read/csv-dates.ts'
import type { ReadLimits } from './read/limits.ts'
import { locationOf, type Location, type Root } from './location.ts'

/** A member whose records are about to be landed. */
export interface PreparedFile {
  readonly kind: 'prepared'
  readonly position: number
  readonly member: Member
  readonly location: Location
  readonly evidence: string
  readonly sizeBytes: number
  readonly content: Content
  readonly shapes: readonly Shape[]
  readonly unit: Unit
  /** In a CSV: `4/3/2025` is the fourth of March. */
  readonly dayFirst: boolean
  /** In a CSV whose times are not in UTC: how they are rewritten. */
  readonly dates?: DateReading
  /** Of a plain file: what changes when it is written to. */
  readonly stamp: string | undefined
  /** Records (of flow logs: tuples), counted by other means than those that split and map them. */
  readonly expected: number
  readonly why: string
}

/** A member that is not landed, and why. */
export interface PassedFile {
  readonly kind: 'passed'
  readonly position: number
  readonly member: Member
  readonly location: Location
  readonly evidence: string
  readonly sizeBytes: number
  readonly problem: Problem
}

export interface PrepareOptions {
  readonly limits?: Partial<ReadLimits>
  readonly timeZone?: string
  readonly dayFirst?: boolean
}

const sampleRecords = 50
const sampleBytes = 2 ** 18
const smallChunkBytes = 2 ** 16
const maxSampleRecords = 5000
const maxEngineLineBytes = 8 * 2 ** 20
/** A plain file is soon read again; what lies in an archive is unpacked each time. */
const keptBytes = { plain: chunkBytes, packed: 4 * 2 ** 20 }

/** Hashes a member and recognises by its content how it holds its records and what they are. */
export async function prepare(
  found: Member,
  position: number,
  root: Root,
  options: PrepareOptions = {},
): Promise<PreparedFile | PassedFile> {
  const common = { position, member: found, location: locationOf(found, root) }
  let evidence = ''
  let sizeBytes = found.sizeBytes ?? 0
  try {
    const stamp = stampOf(common.location.file)
    const member = await inMemory(found)
    const hash = await hashMember(member)
    ;({ sha256: evidence, sizeBytes } = hash)
    const content = boundLines(await recogniseContent(member, options), hash.longestLineBytes)
    const passed = { kind: 'passed', ...common, evidence, sizeBytes } as const
    if (content.problem !== undefined) return { ...passed, problem: content.problem }
    const sample = await sampleShapes(member, content)
    if (sample.problem !== undefined) return { ...passed, problem: sample.problem }
    const order = await settleDayOrder(member, content)
    const dayFirst = isDayFirst(order, options.dayFirst)
    if (dayFirst === undefined) return { ...passed, problem: unsettled(order) }
    const dates = datesOf(content, dayFirst, options.timeZone)
    const unit = sample.shapes.find((shape) => shape.unit !== 'record')?.unit ?? 'record'
    const isLines = content.envelope === 'json-lines' && unit === 'record' && content.encoding === 'utf-8'
    const expected = isLines ? hash.lines : unitsOf(await countRecords(member, content))
    return {
      kind: 'prepared',
      ...common,
      evidence,
      sizeBytes,
      content,
      unit,
      dayFirst,
      ...dates,
      stamp,
      expected,
      ...sample,
    }
  } catch (error) {
    return { kind: 'passed', ...common, evidence, sizeBytes, problem: toProblem(error) }
  }
}

/** The engine reads lines whole: a file with one that is too long is split here, where it costs only itself. */
function boundLines(content: Content, longestLineBytes: number): Content {
  if (content.engineReadable !== 'lines' || longestLineBytes <= maxEngineLineBytes) return content
  const { engineReadable: _, ...rest } = content
  return rest
}

/** A small member is read once: everything that is asked of it here is asked of its bytes in memory. */
async function inMemory(member: Member): Promise<Member> {
  const limit = member.plainFile === undefined ? keptBytes.packed : keptBytes.plain
  if (member.sizeBytes === undefined || member.sizeBytes > limit) return member
  const bytes = await collect(member.open(), limit)
  return {
    ...member,
    async *open(range) {
      yield bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)
    },
  }
}

function isDayFirst(order: DayOrder, told: boolean | undefined): boolean | undefined {
  if (order === 'conflict' || (order === 'ambiguous' && told === undefined)) return undefined
  return order === 'ambiguous' ? told : order === 'day-first'
}

/** Throws where the time zone is none. */
function datesOf(
  content: Content,
  dayFirst: boolean,
  timeZone: string | undefined,
): { readonly dates?: DateReading } {
  if (content.csv === undefined || timeZone === undefined) return {}
  const dates = { dayOrder: dayFirst ? 'day-first' : 'month-first', timeZone } as const
  dateReader(dates, content.csv.zones)
  return { dates }
}

function unsettled(order: DayOrder): Problem {
  return order === 'conflict'
    ? problem('date-order', 'some of its dates have the day first and others the month')
    : problem(
        'date-order',
        'its dates can be read with the day or the month first',
        'Say which: --day-first yes, or --day-first no',
      )
}

interface Sample {
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
async function sampleShapes(member: Member, content: Content): Promise<Sample> {
  const shapes = new Map<string, Shape>()
  const reasons = new Set<string>([content.why])
  let seen = 0
  let broken = 0
  let parsedBytes = 0
  const isEnough = (): boolean =>
    shapes.size > 0 ? seen >= sampleRecords || parsedBytes >= sampleBytes : seen >= maxSampleRecords
  for await (const records of readRecords(inSmallChunks(member), content)) {
    for (const record of records) {
      if (isEnough()) break
      seen += 1
      parsedBytes += record.lengthBytes
      const value = record.kind === 'record' ? parseObject(record.json, record.table) : undefined
      if (value === undefined) broken += 1
      const recognised = value && recognise(value, { path: member.path })
      if (recognised === undefined) continue
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
