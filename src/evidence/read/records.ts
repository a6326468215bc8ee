import { isUtf8 } from 'node:buffer'
import { dateReader } from './csv-dates.ts'
import type { DateReading } from './csv-dates.ts'
import { CsvSplitter } from './csv-splitter.ts'
import { openText } from './encoding.ts'
import { JsonSplitter } from './json-splitter.ts'
import { defaultLimits } from './limits.ts'
import type { ReadLimits } from './limits.ts'
import { LineSplitter } from './line-splitter.ts'
import type { RecordSplitter } from './line-splitter.ts'
import type { Member } from './member.ts'
import { problem, ReadError, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RawRecord, ReadNote } from './raw-record.ts'
import type { Content } from './recognise-content.ts'
import { readStorageAnalyticsLine } from './storage-analytics.ts'

export interface RecordOptions {
  readonly limits?: Partial<ReadLimits>
  /** Rewrites the dates of a CSV as ISO 8601 in UTC; otherwise they stay as they are. */
  readonly dates?: DateReading
  /** Told at the end what cost no record. */
  readonly onNote?: (note: ReadNote) => void
}

/**
 * Splits a member into records, in batches that hold at least one, in the order of its bytes. A record that cannot be
 * read costs only itself; damage to the archive ends the list with an unreadable record that says so.
 */
export async function* readRecords(
  member: Pick<Member, 'open'>,
  content: Content,
  options: RecordOptions = {},
): AsyncIterable<readonly RawRecord[]> {
  if (content.problem) throw new ReadError(content.problem)
  const splitter = createSplitter(content, options)
  const text = openText(member, content.encoding)
  const place = (records: readonly RawRecord[]) => records.map((record) => placed(record, text.offsetOf))
  let last = 0
  let end = 0
  let failure: Problem | undefined
  try {
    for await (const chunk of text.chunks) {
      const records = place(splitter.push(chunk))
      end += chunk.length
      last = records.at(-1)?.record ?? last
      if (records.length > 0) yield records
    }
  } catch (error) {
    failure = toProblem(error)
  }
  const rest = splitter.finish()
  last = rest.at(-1)?.record ?? last
  if (rest.length > 0) yield place(rest.map((record) => (failure ? blame(record, failure) : record)))
  if (failure && !rest.some((record) => isTruncated(record)))
    yield [
      {
        kind: 'unreadable',
        record: last + 1,
        offsetBytes: text.offsetOf(end),
        lengthBytes: 0,
        problem: failure,
      },
    ]
  for (const note of splitter.notes.values()) options.onNote?.(note)
}

function createSplitter(content: Content, options: RecordOptions): RecordSplitter {
  const limits = { ...defaultLimits, ...options.limits }
  if (content.csv)
    return new CsvSplitter(
      content.csv,
      limits.maxRecordBytes,
      options.dates && dateReader(options.dates, content.csv.zones),
    )
  if (content.envelope === 'json-lines') return new LineSplitter(limits.maxRecordBytes)
  if (content.envelope === 'storage-analytics')
    return new LineSplitter(limits.maxRecordBytes, readStorageAnalyticsLine)
  return new JsonSplitter(limits, content.prefaceBytes)
}

/** Moves a record to where it stands in the member's own bytes, and refuses text that is not UTF-8. */
function placed(record: RawRecord, offsetOf: (position: number) => number): RawRecord {
  const offsetBytes = offsetOf(record.offsetBytes)
  const lengthBytes = offsetOf(record.offsetBytes + record.lengthBytes) - offsetBytes
  if (record.kind === 'unreadable' || isUtf8(record.json)) return { ...record, offsetBytes, lengthBytes }
  const found = problem('encoding', 'the record holds bytes that are not UTF-8')
  return { kind: 'unreadable', record: record.record, offsetBytes, lengthBytes, problem: found }
}

function isTruncated(record: RawRecord): boolean {
  return record.kind === 'unreadable' && record.problem.code === 'truncated'
}

function blame(record: RawRecord, failure: Problem): RawRecord {
  return record.kind === 'unreadable' && isTruncated(record) ? { ...record, problem: failure } : record
}
