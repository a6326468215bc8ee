import { openText } from './encoding.ts'
import { TupleCounter } from './flow-tuples.ts'
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
}

/** What a file's rows, duplicates and quarantined records add up to: its records, those of flow logs by their tuples. */
export function unitsOf(count: RecordCount): number {
  return count.records - count.flowRecords + count.tuples
}

/**
 * Counts a member's records anew. In content that is damaged in its middle the counts may differ from the splitter's,
 * which then has unreadable records to show for it.
 */
export async function countRecords(member: Pick<Member, 'open'>, content: Content): Promise<RecordCount> {
  const counter = createCounter(content)
  const tuples = new TupleCounter()
  if (content.problem) return { records: 0, flowRecords: 0, tuples: 0 }
  try {
    for await (const chunk of openText(member, content.encoding).chunks) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      tuples.push(bytes)
      counter.push(bytes)
    }
  } catch (error) {
    toProblem(error) // the damage is the splitter's to report
  }
  tuples.finish()
  counter.finish()
  return { records: counter.records, flowRecords: counter.flowRecords, tuples: tuples.tuples }
}

function createCounter(content: Content): RecordCounter {
  if (content.envelope === 'csv') return new RowRecordCounter()
  if (content.envelope === 'json-lines' || content.envelope === 'storage-analytics')
    return new LineRecordCounter()
  return new DocumentRecordCounter()
}
