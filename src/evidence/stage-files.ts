import type { Ledger, QuarantineEntry } from './ledger.ts'
import type { PreparedFile } from './prepare.ts'
import { collect } from './read/bytes.ts'
import { countTuples } from './read/flow-tuples.ts'
import { defaultLimits } from './read/limits.ts'
import { readSpan } from './read/member.ts'
import type { UnreadableRecord } from './read/raw-record.ts'
import { readRecords } from './read/records.ts'
import type { Stage } from './supply.ts'

const maxQuarantinedText = 65_536
/** Up to this size a copy costs less than a file of its own costs the engine. */
const smallBytes = 2 ** 19
const quarantineFlushEntries = 1000
const maxUnpackedTexts = 20
const maxUnpackedFlows = 1000

export interface StagingContext {
  readonly ledger: Ledger
  readonly batch: number
  readonly signal: AbortSignal | undefined
}

/** Gives the engine what it can read itself, splits the rest, and quarantines what could not be split. */
export async function stageFiles(
  context: StagingContext,
  stage: Stage,
  files: readonly PreparedFile[],
): Promise<void> {
  const split: PreparedFile[] = []
  for (const file of files) {
    context.signal?.throwIfAborted()
    const { content, evidence, member, sizeBytes } = file
    const kind = content.engineReadable === 'lines' ? 'lines' : 'documents'
    if (content.engineReadable === undefined || member.plainFile === undefined) split.push(file)
    else if (sizeBytes > smallBytes) await stage.link(kind, evidence, member.plainFile)
    else await stage.addText(kind, evidence, await collect(member.open(), smallBytes))
  }
  await splitFiles(context, stage, split)
}

/** Splits files into records for the engine, and quarantines what could not be split. */
export async function splitFiles(
  context: StagingContext,
  stage: Stage,
  files: readonly PreparedFile[],
): Promise<void> {
  const unreadable: QuarantineEntry[] = []
  for (const file of files) {
    const options = file.dates === undefined ? {} : { dates: file.dates }
    for await (const records of readRecords(file.member, file.content, options)) {
      context.signal?.throwIfAborted()
      for (const record of records) {
        if (record.kind === 'unreadable') {
          unreadable.push(await quarantineEntry(file, record, unreadable.length, context.batch))
          continue
        }
        const line = record.table === undefined ? record.json : withTableName(record.json, record.table)
        if (stage.add(file.evidence, record.record, line) === 'flush') await stage.flush()
      }
      if (unreadable.length >= quarantineFlushEntries)
        await context.ledger.addQuarantine(unreadable.splice(0))
    }
  }
  await context.ledger.addQuarantine(unreadable)
}

async function quarantineEntry(
  file: PreparedFile,
  record: UnreadableRecord,
  earlier: number,
  batch: number,
): Promise<QuarantineEntry> {
  // Where the file must be unpacked from its beginning each time, only the first texts are worth it.
  const isFlows = file.unit === 'tuple'
  const isCheap =
    file.member.plainFile !== undefined || earlier < (isFlows ? maxUnpackedFlows : maxUnpackedTexts)
  const length = Math.min(record.lengthBytes, isFlows ? defaultLimits.maxRecordBytes : maxQuarantinedText)
  const text = isCheap ? (await readSpan(file.member, record.offsetBytes, length)).toString('utf8') : ''
  return {
    evidence: file.evidence,
    record: record.record,
    ordinal: 0,
    records: unitsIn(text),
    reason: record.problem.code,
    message: record.problem.message,
    text: text.slice(0, maxQuarantinedText),
    offsetBytes: record.offsetBytes,
    lengthBytes: record.lengthBytes,
    shape: '',
    batch,
  }
}

/** A whole flow record stands for its tuples, anything else for itself. */
function unitsIn(text: string): number {
  return text.trimEnd().endsWith('}') && text.includes('"flowTuples"') ? Math.max(1, countTuples(text)) : 1
}

/** Adds the table's name, which the export says once for all rows, to a row that does not say it. */
function withTableName(json: Uint8Array, table: string): Uint8Array {
  const rest = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString().trimStart().slice(1)
  const separator = rest.trimStart().startsWith('}') ? '' : ','
  return Buffer.from(`{"$table":${JSON.stringify(table)}${separator}${rest}`)
}
