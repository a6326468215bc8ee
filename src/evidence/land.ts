import type { Source } from '../tables/source.ts'
import type { Table } from '../tables/types.ts'
import { splitRecords } from './account.ts'
import type { Batch } from './batch.ts'
import { allEnded } from './in-order.ts'
import { Landing, type LandContext } from './landing.ts'
import { batchState } from './ledger.ts'
import { isRecordPerLine, type PreparedFile } from './prepare.ts'
import { countRecords, unitsOf } from './read/count-records.ts'
import { sourceEntry } from './source-entry.ts'
import { splitFiles, stageFiles, type StagingContext } from './stage-files.ts'
import { openStage } from './stage.ts'
import type { Stage } from './supply.ts'

export interface Landed {
  readonly tables: readonly Table[]
  readonly rows: number
}

/** Told of a batch that is being landed beside others. */
export interface LandingTurns {
  /** Awaited when all is ready for the engine. */
  readonly mayInsert?: () => Promise<void>
  /** The engine has done what is most of the work: all rows are where they belong. */
  readonly onInserted?: () => void
}

/**
 * Lands a batch: stages its files, inserts shape by shape, and where a file's rows don't reach its count, looks for
 * other spellings and shapes in it and quarantines the rest. Until it is marked as landed, all of it can be undone, and
 * `beforeCommit` may refuse it.
 */
export async function landBatch(
  context: LandContext,
  batch: Batch,
  number: number,
  { beforeCommit, mayInsert, onInserted }: LandingTurns & { readonly beforeCommit: () => void },
): Promise<Landed> {
  const { ledger, run, signal } = context
  const stage = await openStage(context.engine, number)
  try {
    const landing = new Landing(context, number, batch)
    await landing.begin(batch.shapes)
    const staging = { ledger, batch: number, signal }
    await stageFiles(staging, stage, batch.files)
    const supplies = await stage.supplies()
    await mayInsert?.()
    await landing.insert(batch.shapes, supplies, landsPlainFirst(batch) ? 'plain' : undefined)
    const { recounted, rows } = await landRest(landing, stage, batch, staging)
    const doubled = await landing.doubled()
    if (doubled.size > 0 && batch.isCareful !== true)
      throw new DoubledFiles(batch.files.filter((file) => doubled.has(file.evidence)))
    onInserted?.()
    await landing.finish()
    beforeCommit()
    const entries = batch.files.map((file) => ({
      evidence: file.evidence,
      sizeBytes: file.sizeBytes,
      content: JSON.stringify(file.content),
      unit: file.unit,
      records: recounted.get(file.evidence) ?? file.expected,
      shapes: file.shapes.map((shape) => shape.id),
      batch: number,
    }))
    const sources = batch.files.map((file) => sourceEntry(file, run, 'taken', ''))
    await allEnded([ledger.addEvidence(entries), ledger.addSources(sources)])
    const names = landing.tables.map((table) => table.name)
    await ledger.markBatch(number, run, batchState.landed, names)
    return { tables: landing.tables, rows: rows.values().reduce((sum, count) => sum + count, 0) }
  } finally {
    await stage.remove()
  }
}

/** Files with records that came to more than one table: to be landed again, each shape after the other. */
export class DoubledFiles extends Error {
  readonly files: readonly PreparedFile[]

  constructor(files: readonly PreparedFile[]) {
    super('records of several shapes came to several tables')
    this.files = files
  }
}

/**
 * Whether the records that must be respelled are left for where rows are found to be missing: they are rare, and to be
 * ready for them costs a tenth. Only where the count of records is beyond doubt, whatever stands in them.
 */
function landsPlainFirst({ shapes, files, isCareful }: Batch): boolean {
  return isCareful !== true && shapes.some((shape) => shape.hasAllKeys) && files.every(isRecordPerLine)
}

type Counts = ReadonlyMap<string, number>

/**
 * For the files whose rows don't reach their count: other spellings, what the engine could not parse whole, other shapes,
 * quarantine. Gives the number of records of those whose count had to be taken anew, and all rows by file.
 */
async function landRest(
  landing: Landing,
  stage: Stage,
  batch: Batch,
  staging: StagingContext,
): Promise<{ readonly recounted: Counts; readonly rows: Counts }> {
  const found = await Promise.all([landing.rowsByEvidence(), landing.quarantinedByEvidence()])
  const unsplit = found[1]
  let rows = found[0]
  const isWanting = ({ evidence, expected }: PreparedFile): boolean =>
    unsplit.has(evidence) || (rows.get(evidence) ?? 0) !== expected
  let wanting = batch.files.filter(isWanting)
  let reread: Source | undefined
  if (wanting.length > 0 && landsPlainFirst(batch)) {
    reread = await stage.reread(idsOf(wanting))
    const spelt = batch.shapes.filter((shape) => shape.hasAllKeys)
    await landing.insert(spelt, [{ source: reread }], 'respelled')
    rows = await landing.rowsByEvidence()
    wanting = wanting.filter(isWanting)
  }
  if (wanting.length === 0) return { recounted: new Map(), rows }
  const unparsed = wanting.filter((file) => stage.hasDocument(file.evidence) && !rows.has(file.evidence))
  if (unparsed.length > 0) {
    // One bad value makes a whole document unreadable to the engine: split, it costs only its record.
    for (const file of unparsed) await stage.withdrawDocument(file.evidence)
    await splitFiles(staging, stage, unparsed)
    await landing.insert(batch.shapes, await stage.supplies(idsOf(unparsed)))
  }
  const source = reread ?? (await stage.reread(idsOf(wanting)))
  await landing.insertOthers(source)
  await landing.quarantineRest(source)
  const [landed, quarantined] = await Promise.all([landing.rowsByEvidence(), landing.quarantinedByEvidence()])
  const accounted = await landing.accountedRecords(idsOf(wanting))
  const recounted = new Map<string, number>()
  for (const { evidence, member, content } of wanting) {
    // The sample may have missed what is counted by its elements.
    const counted = unitsOf(await countRecords(member, content))
    const { units: unsound = 0, damaged = 0 } = quarantined.get(evidence) ?? {}
    const units = (landed.get(evidence) ?? 0) + unsound
    // Where brackets are damaged the count may end early, and where records are, see others.
    const mayDiffer = damaged > 0 || units > counted
    const isWhole = mayDiffer && accounted.get(evidence) === (await splitRecords(member, content))
    recounted.set(evidence, isWhole ? units : counted)
  }
  return { recounted, rows: landed }
}

function idsOf(files: readonly PreparedFile[]): string[] {
  return files.map((file) => file.evidence)
}
