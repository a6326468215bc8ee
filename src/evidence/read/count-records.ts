import { openText } from './encoding.ts'
import type { Member } from './member.ts'
import { toProblem } from './problem.ts'
import type { Content } from './recognise-content.ts'
import { DocumentRecordCounter, LineRecordCounter, RowRecordCounter } from './record-counters.ts'
import type { RecordCounter } from './record-counters.ts'

/** How many records a member holds, by a count that has nothing in common with the splitting but the bytes. */
export interface RecordCount {
  /** Records, the unreadable among them. */
  readonly records: number
  /** Records with lists of flow tuples. */
  readonly flowRecords: number
  /** Flow tuples: the unit of flow logs. */
  readonly tuples: number
  /** Metrics with time series. */
  readonly seriesRecords: number
  /** Points of time series: the unit of metrics. */
  readonly points: number
}

/** What rows, duplicates and quarantined records add up to: records, but those of flow logs by tuple, of metrics by point. */
export function unitsOf(count: RecordCount): number {
  return count.records - count.flowRecords + count.tuples - count.seriesRecords + count.points
}

/**
 * Counts a member's records anew. In content that is damaged in its middle the counts may differ from the splitter's,
 * which then has unreadable records to show for it.
 */
export async function countRecords(member: Pick<Member, 'open'>, content: Content): Promise<RecordCount> {
  const counter = createCounter(content)
  if (content.problem) return { records: 0, flowRecords: 0, tuples: 0, seriesRecords: 0, points: 0 }
  try {
    for await (const chunk of openText(member, content.encoding, { passing: true }).chunks) {
      counter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    }
  } catch (error) {
    toProblem(error) // the damage is the splitter's to report
  }
  counter.finish()
  const { records, flowRecords, tuples, seriesRecords, points } = counter
  return { records, flowRecords, tuples, seriesRecords, points }
}

function createCounter(content: Content): RecordCounter {
  if (content.csv) return new RowRecordCounter(content.csv.dataStart)
  if (content.envelope === 'json-lines' || content.envelope === 'storage-analytics')
    return new LineRecordCounter()
  return new DocumentRecordCounter(content.prefaceBytes ?? 0)
}
