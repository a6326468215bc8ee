import type { Connection } from '../engine/connection.ts'
import { sql, type Sql } from '../sql/template.ts'
import { createTable, storedTable } from '../tables/create.ts'
import { flowRecordsSelect } from '../tables/flow-records.ts'
import type { InsertContext } from '../tables/insert.ts'
import { openTable } from '../tables/open-table.ts'
import { tableOf } from '../tables/recognise.ts'
import { insertSelect, rejectSelect, shapesOf } from '../tables/statements.ts'
import { shapes as declaredShapes } from '../tables/tables.ts'
import type { Shape, Table } from '../tables/types.ts'
import type { Batch } from './batch.ts'
import { batchState, type Ledger, type QuarantineEntry } from './ledger.ts'
import { recordOpenColumns } from './open-columns.ts'
import { sourceEntry } from './source-entry.ts'
import type { PreparedFile } from './prepare.ts'
import { readSpan } from './read/member.ts'
import type { UnreadableRecord } from './read/raw-record.ts'
import { readRecords } from './read/records.ts'
import { Stage } from './stage.ts'

export interface LandContext {
  readonly connection: Connection
  readonly ledger: Ledger
  readonly stageDirectory: string
  readonly tenantId: string
  readonly run: number
  readonly startedAt: Date
  readonly signal: AbortSignal | undefined
}

export interface Landed {
  readonly tables: readonly Table[]
  readonly rows: number
}

const maxQuarantinedText = 65_536
const quarantineFlushEntries = 1000
const maxUnpackedTexts = 20

/**
 * Lands a batch: stages its files, inserts shape by shape, and where a file's rows don't reach its count, looks for
 * other shapes in it and quarantines the rest. Until it is marked as landed, all of it can be undone. `beforeCommit` may still refuse it.
 */
export async function landBatch(
  context: LandContext,
  batch: Batch,
  number: number,
  beforeCommit: () => Promise<void>,
): Promise<Landed> {
  const { ledger, run } = context
  const stage = await Stage.create(context.stageDirectory, number)
  try {
    await ledger.markBatch(number, run, batchState.started, [])
    await stageFiles(context, stage, batch, number)
    const landing = new Landing(context, batch, number)
    await landing.insert(batch.shapes, await stage.source())
    await landRest(context, landing, stage, batch.files, number)
    for (const table of landing.tables) await recordOpenColumns(context.connection, table, number)
    await beforeCommit()
    await ledger.addEvidence(
      batch.files.map((file) => ({
        evidence: file.evidence,
        sizeBytes: file.sizeBytes,
        content: JSON.stringify(file.content),
        unit: file.unit,
        records: file.expected,
        shapes: file.shapes.map((shape) => shape.id),
        batch: number,
      })),
    )
    await ledger.addSources(batch.files.map((file) => sourceEntry(file, run, 'taken', '')))
    await ledger.markBatch(
      number,
      run,
      batchState.landed,
      landing.tables.map((table) => table.name),
    )
    return { tables: landing.tables, rows: sum(await landing.rowsByEvidence()) }
  } finally {
    await stage.remove()
  }
}

/** Gives the engine what it can read itself, splits the rest, and quarantines what could not be split. */
async function stageFiles(context: LandContext, stage: Stage, batch: Batch, number: number): Promise<void> {
  const unreadable: QuarantineEntry[] = []
  for (const file of batch.files) {
    context.signal?.throwIfAborted()
    const readable = file.content.engineReadable
    if (readable !== undefined && file.member.plainFile !== undefined) {
      await stage.link(readable === 'lines' ? 'lines' : 'documents', file.evidence, file.member.plainFile)
    } else await stageRecords(stage, file, unreadable, number)
    if (unreadable.length >= quarantineFlushEntries) await context.ledger.addQuarantine(unreadable.splice(0))
  }
  await context.ledger.addQuarantine(unreadable)
}

async function stageRecords(
  stage: Stage,
  file: PreparedFile,
  unreadable: QuarantineEntry[],
  batch: number,
): Promise<void> {
  const options = file.dates === undefined ? {} : { dates: file.dates }
  for await (const records of readRecords(file.member, file.content, options)) {
    for (const record of records) {
      if (record.kind === 'record') {
        const line = record.table === undefined ? record.json : withTableName(record.json, record.table)
        if (stage.add(file.evidence, record.record, line) === 'flush') await stage.flush()
      } else {
        unreadable.push({
          evidence: file.evidence,
          record: record.record,
          ordinal: 0,
          reason: record.problem.code,
          message: record.problem.message,
          text: await beginningOf(file, record, unreadable.length),
          offsetBytes: record.offsetBytes,
          lengthBytes: record.lengthBytes,
          shape: '',
          batch,
        })
      }
    }
  }
}

/** The beginning of a record's text; only of the first ones where each costs to unpack the file from its beginning. */
async function beginningOf(file: PreparedFile, record: UnreadableRecord, earlier: number): Promise<string> {
  if (file.member.plainFile === undefined && earlier >= maxUnpackedTexts) return ''
  const length = Math.min(record.lengthBytes, maxQuarantinedText)
  return (await readSpan(file.member, record.offsetBytes, length)).toString('utf8')
}

/** Adds the table's name, which the export says once for all rows, to a row that does not say it. */
function withTableName(json: Uint8Array, table: string): Uint8Array {
  const rest = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString().trimStart().slice(1)
  const separator = rest.trimStart().startsWith('}') ? '' : ','
  return Buffer.from(`{"$table":${JSON.stringify(table)}${separator}${rest}`)
}

/** Inserts shapes into their tables, naming each table in the ledger before it is touched. */
class Landing {
  readonly #context: LandContext
  readonly #insertContext: InsertContext
  readonly #number: number
  readonly #shapes = new Map<string, Shape>()
  readonly #tables = new Map<string, Table>()

  constructor(context: LandContext, batch: Batch, number: number) {
    this.#context = context
    this.#number = number
    this.#insertContext = {
      batch: number,
      ingestedAt: context.startedAt,
      tenantId: context.tenantId,
      dayFirst: batch.dayFirst,
    }
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()]
  }

  get shapes(): readonly Shape[] {
    return [...this.#shapes.values()]
  }

  get insertContext(): InsertContext {
    return this.#insertContext
  }

  async insert(shapes: readonly Shape[], source: Sql): Promise<void> {
    const { connection, ledger, run, signal } = this.#context
    const options = signal === undefined ? {} : { signal }
    for (const shape of shapes) {
      const table = tableOf(shape)
      if (!this.#tables.has(table.name)) {
        await connection.command(createTable(table))
        await ledger.markBatch(this.#number, run, batchState.started, [table.name])
        this.#tables.set(table.name, table)
      }
      this.#shapes.set(shape.id, shape)
      await connection.command(insertSelect(shape, source, this.#insertContext), options)
    }
    if (shapes.some((shape) => shape.unit === 'tuple')) {
      await connection.command(
        sql`INSERT INTO ledger.FlowRecords (identity, evidence, record, tuples, firstTime, lastTime, batch)
          SELECT *, ${this.#number} FROM (${flowRecordsSelect(this.#number)})`,
        options,
      )
    }
  }

  /** Rows of this batch by evidence id, over all its tables. */
  async rowsByEvidence(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const table of this.tables) {
      const rows = await this.#context.connection.rows<{ evidence: string; rows: string }>(
        sql`SELECT _EvidenceId AS evidence, count() AS rows FROM ${storedTable(table)} WHERE _Batch = ${this.#number} GROUP BY evidence`,
      )
      for (const row of rows) counts.set(row.evidence, (counts.get(row.evidence) ?? 0) + Number(row.rows))
    }
    return counts
  }
}

/** For the files whose rows don't reach their count: lands the shapes that the sample missed, quarantines what is left. */
async function landRest(
  context: LandContext,
  landing: Landing,
  stage: Stage,
  files: readonly PreparedFile[],
  number: number,
): Promise<void> {
  const { connection } = context
  const rows = await landing.rowsByEvidence()
  const wanting = files.filter((file) => rows.get(file.evidence) !== file.expected)
  if (wanting.length === 0) return
  const source = await stage.source(wanting.map((file) => file.evidence))
  const found = await connection.rows<{ shape: string }>(
    sql`SELECT DISTINCT shape FROM (${shapesOf(source)})`,
  )
  const known = new Set(landing.shapes.map((shape) => shape.id))
  const missed = found.map(({ shape }) => shape).filter((id) => id !== '' && !known.has(id))
  await landing.insert(
    missed.map((id) => shapeById(id)),
    source,
  )
  await connection.command(
    sql`INSERT INTO ledger.Quarantine (evidence, record, ordinal, reason, text, lengthBytes, shape, batch)
      SELECT evidence, record, ordinal, reason, substringUTF8(text, 1, ${maxQuarantinedText}), length(text), shape, ${number}
      FROM (${rejectSelect(landing.shapes, source, landing.insertContext)})`,
  )
}

const shapesById: ReadonlyMap<string, Shape> = new Map(declaredShapes.map((shape) => [shape.id, shape]))

function shapeById(id: string): Shape {
  const shape = shapesById.get(id) ?? openTable(id.slice(0, id.indexOf('/'))).shapes[0]
  if (shape === undefined) throw new Error(`no shape ${id}`)
  return shape
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}
