import type { Shape, Unit } from '../tables/types.ts'
import { chunkBytes, collect } from './read/bytes.ts'
import { countRecords, unitsOf } from './read/count-records.ts'
import { hashMember } from './read/hash-member.ts'
import type { Member } from './read/member.ts'
import { problem, toProblem, type Problem } from './read/problem.ts'
import { recogniseContent, type Content } from './read/recognise-content.ts'
import { dateReader, settleDayOrder, type DateReading, type DayOrder } from './read/csv-dates.ts'
import type { ReadLimits } from './read/limits.ts'
import { sampleShapes } from './sample.ts'
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
    const expected = isRecordPerLine({ content, unit })
      ? hash.lines
      : unitsOf(await countRecords(member, content))
    return {
      kind: 'prepared',
      ...common,
      evidence,
      sizeBytes,
      content,
      unit,
      dayFirst,
      ...dates,
      expected,
      ...sample,
    }
  } catch (error) {
    return { kind: 'passed', ...common, evidence, sizeBytes, problem: toProblem(error) }
  }
}

/** Whether each line is a record, and the number of lines what is expected: where as many rows come of it, none is missing. */
export function isRecordPerLine({ content, unit }: Pick<PreparedFile, 'content' | 'unit'>): boolean {
  return content.envelope === 'json-lines' && unit === 'record' && content.encoding === 'utf-8'
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
