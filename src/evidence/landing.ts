import { makeTable, type CaseEngine } from '../engine/case-engine.ts'
import type { RunOptions } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { join, sql } from '../sql/template.ts'
import { storedTable, tableDefinition } from '../tables/create.ts'
import { flowRecordsSelect } from '../tables/flow-records.ts'
import type { Spelling } from '../tables/documents.ts'
import { comparesRecords, type InsertContext } from '../tables/insert.ts'
import { openTable } from '../tables/open-table.ts'
import { tableOf } from '../tables/recognise.ts'
import { recordsIn, type Source } from '../tables/source.ts'
import { insertSelect, rejectSelect, shapesOf, twins } from '../tables/statements.ts'
import { shapes as declaredShapes, tables as declaredTables } from '../tables/tables.ts'
import type { Shape, Table } from '../tables/types.ts'
import { batchState, type Ledger } from './ledger.ts'
import { accountedRecords, damageReasons } from './account.ts'
import { recordOpenColumns } from './open-columns.ts'
import type { Supply } from './supply.ts'

export interface LandContext {
  readonly engine: CaseEngine
  readonly ledger: Ledger
  readonly tenantId: string
  readonly run: number
  readonly startedAt: Date
  readonly signal: AbortSignal | undefined
}

export interface LandingOptions {
  readonly dayFirst: boolean
  /** Whether a record that is of several shapes is kept from coming to a second table. */
  readonly isCareful?: boolean
}

const maxQuarantinedText = 65_536

/**
 * Filters merged into one would hold back the extraction of each record until it is needed, and repeat it then. To remember
 * which blocks a condition leaves empty, the engine writes ours out, which took it longer than all else before the first row.
 */
const landingSettings = { query_plan_merge_filters: 0, use_query_condition_cache: 0 } as const

/** Two statements run at once, and each holds a block several times over while it is sorted and written. */
const smallBlocks = { min_insert_block_size_bytes: 67_108_864 } as const

/** A record becomes many rows. */
const tupleSettings = { ...landingSettings, ...smallBlocks } as const

/**
 * All records of a batch are sorted by their key: that takes memory for each block's spare room too, of which small ones
 * have little.
 */
const comparingSettings = { ...landingSettings, ...smallBlocks, max_block_size: 2048 } as const

/** Of servers elsewhere the memory is not ours, and small parts would be theirs to merge. */
function settingsOf(shape: Shape, engine: CaseEngine): RunOptions['settings'] {
  if (shape.unit === 'tuple') return engine.readsFiles ? tupleSettings : landingSettings
  return comparesRecords(shape) ? comparingSettings : landingSettings
}

/** Blocks of rows of any length stay small. */
const sendingSettings = { input_format_max_block_size_bytes: 8_388_608 } as const

/** For looking at every record in every way: evaluated by branches, what they share would be evaluated once for each. */
const searchingSettings = { ...landingSettings, short_circuit_function_evaluation: 'disable' } as const

/** Made when the case is opened; an open table is made when it is first met. */
const declared: ReadonlySet<string> = new Set(declaredTables.map((table) => table.name))

/** Brings the rows of one batch into their tables, naming each table in the ledger before it is touched. */
export class Landing {
  readonly #context: LandContext
  readonly #insertContext: InsertContext
  readonly #batch: number
  readonly #isCareful: boolean
  readonly #shapes = new Map<string, Shape>()
  readonly #tables = new Map<string, Table>()

  constructor(context: LandContext, batch: number, { dayFirst, isCareful = false }: LandingOptions) {
    this.#context = context
    this.#batch = batch
    this.#isCareful = isCareful
    this.#insertContext = {
      batch,
      ingestedAt: context.startedAt,
      tenantId: context.tenantId,
      dayFirst,
    }
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()]
  }

  /** Notes in the ledger that the batch begins, and which tables it is going to touch. */
  async begin(shapes: readonly Shape[]): Promise<void> {
    const { ledger, run } = this.#context
    for (const shape of shapes) {
      const table = tableOf(shape)
      if (declared.has(table.name)) this.#tables.set(table.name, table)
    }
    await ledger.markBatch(this.#batch, run, batchState.started, [...this.#tables.keys()])
  }

  /**
   * Inserts the records of these shapes, and passes over all others. Where several are looked for, documents are taken
   * apart, since one that holds another kind too is read whole for none. With a spelling, only the records that have it are
   * inserted of shapes whose spellings can be told apart.
   */
  async insert(shapes: readonly Shape[], given: readonly Supply[], spelling?: Spelling): Promise<void> {
    const { engine, ledger, run } = this.#context
    const supplies =
      shapes.length === 1
        ? given
        : given.map(({ source, ...rest }) => ({ source: { records: recordsIn(source) }, ...rest }))
    for (const shape of shapes) {
      const table = tableOf(shape)
      if (!this.#tables.has(table.name)) {
        if (!declared.has(table.name)) await makeTable(engine, tableDefinition(table))
        await ledger.markBatch(this.#batch, run, batchState.started, [table.name])
        this.#tables.set(table.name, table)
      }
      this.#shapes.set(shape.id, shape)
      for (const supply of supplies) await this.#insertShape(shape, supply, spelling)
    }
  }

  async #insertShape(shape: Shape, { source, body }: Supply, spelling: Spelling | undefined): Promise<void> {
    const { owner } = this.#context.engine
    const statement = insertSelect(
      shape,
      this.#isCareful ? this.#unlanded(source) : source,
      this.#insertContext,
      shape.hasAllKeys ? spelling : undefined,
    )
    const settings = settingsOf(shape, this.#context.engine)
    await (body === undefined
      ? owner.command(statement, this.#with(settings))
      : owner.insert(
          sql`${statement} FORMAT RowBinary`,
          body(),
          this.#with({ ...settings, ...sendingSettings }),
        ))
  }

  /** Records of a source that no table has yet of this batch. */
  #unlanded(source: Source): Source {
    const places = this.tables.map(
      (table) =>
        sql`SELECT _EvidenceId, _EvidenceRecord FROM ${storedTable(table)} WHERE _Batch = ${this.#batch}`,
    )
    return {
      records: sql`SELECT * FROM (${recordsIn(source)})
        WHERE (evidence, record) NOT IN (${join(places, sql` UNION ALL `)})`,
    }
  }

  /** Evidence of which a record came to tables more than once, because it is of several shapes. */
  async doubled(): Promise<ReadonlySet<string>> {
    if (this.#shapes.size < 2) return new Set()
    const places = this.tables.map(
      ({
        name,
        ...table
      }) => sql`SELECT _EvidenceId AS evidence, _EvidenceRecord AS record, (${name}, bitShiftRight(_Rank, 8)) AS place
        FROM ${storedTable({ name, ...table })} WHERE _Batch = ${this.#batch}`,
    )
    const rows = await this.#context.engine.owner.rows<{ evidence: string }>(
      sql`SELECT DISTINCT evidence FROM (SELECT evidence, record FROM (${join(places, sql` UNION ALL `)})
        GROUP BY evidence, record HAVING min(place) != max(place))`,
    )
    return new Set(rows.map(({ evidence }) => evidence))
  }

  /** Inserts the records of shapes that were not looked for so far. */
  async insertOthers(source: Source): Promise<void> {
    const found = await this.#context.engine.owner.rows<{ shape: string }>(
      sql`SELECT DISTINCT shape FROM (${shapesOf(recordsIn(source))})`,
      this.#searching,
    )
    const known = new Set([...this.#shapes.values()].flatMap((shape) => [shape.id, ...twins(shape)]))
    const missed = found.map(({ shape }) => shape).filter((id) => id !== '' && !known.has(id))
    await this.insert(
      missed.map((id) => shapeById(id)),
      [{ source }],
    )
  }

  /** Quarantines the records that none of the inserts took. */
  async quarantineRest(source: Source): Promise<void> {
    const rejected = rejectSelect([...this.#shapes.values()], recordsIn(source), this.#insertContext)
    await this.#context.engine.owner.command(
      sql`INSERT INTO ${tableIn('ledger', 'Quarantine')} (evidence, record, ordinal, records, reason, text, lengthBytes, shape, batch)
        SELECT evidence, record, ordinal, records, reason, substringUTF8(text, 1, ${maxQuarantinedText}), length(text), shape, ${this.#batch}
        FROM (${rejected})`,
      this.#searching,
    )
  }

  /** Notes what the landed rows imply for the ledger: flow records, and columns of open tables. */
  async finish(): Promise<void> {
    const { owner, parts } = this.#context.engine
    if (this.tables.some((table) => table.identity.kind === 'record')) {
      const statement = sql`INSERT INTO ${tableIn('ledger', 'FlowRecords')} (identity, evidence, record, tuples, firstTime, lastTime, batch)
        SELECT *, ${this.#batch} FROM (${flowRecordsSelect(this.#batch)})`
      // A record and its tuples lie on one shard.
      await Promise.all(parts.map(({ own }) => own.command(statement, this.#options)))
    }
    for (const table of this.tables) await recordOpenColumns(owner, table, this.#batch)
  }

  /** Rows of this batch by evidence id, over all its tables. */
  async rowsByEvidence(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const table of this.tables) {
      const rows = await this.#context.engine.owner.rows<{ evidence: string; rows: string }>(
        sql`SELECT _EvidenceId AS evidence, count() AS rows FROM ${storedTable(table)} WHERE _Batch = ${this.#batch} GROUP BY evidence`,
      )
      for (const row of rows) counts.set(row.evidence, (counts.get(row.evidence) ?? 0) + Number(row.rows))
    }
    return counts
  }

  /** Units of this batch in quarantine by evidence id, and how many of them are damage that can hide from a count. */
  async quarantinedByEvidence(): Promise<Map<string, { readonly units: number; readonly damaged: number }>> {
    const rows = await this.#context.engine.owner.rows<{ evidence: string; units: string; damaged: string }>(
      sql`SELECT evidence, sum(records) AS units, sumIf(records, reason IN (${damageReasons})) AS damaged
        FROM ${tableIn('ledger', 'Quarantine')} WHERE batch = ${this.#batch} GROUP BY evidence`,
    )
    return new Map(
      rows.map((row) => [row.evidence, { units: Number(row.units), damaged: Number(row.damaged) }]),
    )
  }

  /** Records of each evidence id that have come to a table or to quarantine. */
  async accountedRecords(evidence: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return accountedRecords(this.#context.engine.owner, this.tables, evidence)
  }

  get #options(): RunOptions {
    return this.#with(landingSettings)
  }

  get #searching(): RunOptions {
    return this.#with(searchingSettings)
  }

  #with(settings: RunOptions['settings']): RunOptions {
    const { signal } = this.#context
    return { ...(settings && { settings }), ...(signal !== undefined && { signal }) }
  }
}

const shapesById: ReadonlyMap<string, Shape> = new Map(declaredShapes.map((shape) => [shape.id, shape]))

function shapeById(id: string): Shape {
  const shape = shapesById.get(id) ?? openTable(id.slice(0, id.indexOf('/'))).shapes[0]
  if (shape === undefined) throw new Error(`no shape ${id}`)
  return shape
}
