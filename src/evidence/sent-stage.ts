import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Connection } from '../engine/connection.ts'
import { tableIn } from '../sql/database.ts'
import { sql, type Sql } from '../sql/template.ts'
import { recordsIn, type Source } from '../tables/source.ts'
import { RowFile, rowHead } from './row-file.ts'
import type { Stage, StagedKind, Supply } from './supply.ts'

const maxChunkBytes = 2 ** 20
const newline = 10

/** Tables of records that statements read more than once; they lie on one server and go with their batch. */
export const rereadTable = 'Staged'

/**
 * What is sent to an engine that does not read our files: the texts of plain files in pieces of whole lines, whole
 * documents, and a file of the records that had to be split here.
 */
export class SentStage implements Stage {
  readonly #owner: Connection
  readonly #directory: string
  readonly #rereadTable: Sql
  readonly #linked = { lines: new Map<string, string>(), documents: new Map<string, string>() }
  readonly #texts: Readonly<Record<StagedKind, RowFile>>
  readonly #records: RowFile
  readonly #documentTexts = new Set<string>()
  readonly #withdrawn = new Set<string>()
  #isReread = false

  private constructor(owner: Connection, directory: string, batch: number) {
    this.#owner = owner
    this.#directory = directory
    this.#rereadTable = tableIn('ledger', `${rereadTable}${batch}`)
    this.#texts = {
      lines: new RowFile(joinPath(directory, 'lines.bin')),
      documents: new RowFile(joinPath(directory, 'documents.bin')),
    }
    this.#records = new RowFile(joinPath(directory, 'records.bin'))
  }

  static async create(owner: Connection, stageDirectory: string, batch: number): Promise<SentStage> {
    const directory = joinPath(stageDirectory, `batch${batch}`)
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return new SentStage(owner, directory, batch)
  }

  async link(kind: StagedKind, evidence: string, file: string): Promise<void> {
    this.#linked[kind].set(evidence, file)
    return Promise.resolve()
  }

  async addText(kind: StagedKind, evidence: string, text: Uint8Array): Promise<void> {
    if (kind === 'documents') this.#documentTexts.add(evidence)
    const first = kind === 'lines' ? 0 : undefined
    if (this.#texts[kind].add(evidence, first, text) === 'flush') await this.#texts[kind].flush()
  }

  add(evidence: string, record: number, line: Uint8Array): 'go on' | 'flush' {
    return this.#records.add(evidence, record, line)
  }

  async flush(): Promise<void> {
    for (const file of [this.#texts.lines, this.#texts.documents, this.#records]) await file.flush()
  }

  hasDocument(evidence: string): boolean {
    return this.#linked.documents.has(evidence) || this.#documentTexts.has(evidence)
  }

  async withdrawDocument(evidence: string): Promise<void> {
    if (this.#documentTexts.delete(evidence)) this.#withdrawn.add(evidence)
    this.#linked.documents.delete(evidence)
    return Promise.resolve()
  }

  async supplies(evidence?: readonly string[]): Promise<readonly Supply[]> {
    await this.flush()
    const isWanted = evidence === undefined ? () => true : (id: string) => evidence.includes(id)
    const wanted = evidence === undefined ? sql`true` : sql`evidence IN (${evidence})`
    const lines = [...this.#linked.lines].filter(([id]) => isWanted(id))
    const documents = [...this.#linked.documents].filter(([id]) => isWanted(id))
    const supplies: Supply[] = []
    if (lines.length > 0 || this.#texts.lines.isUsed) {
      const records = sql`SELECT evidence, first + number AS record, line
        FROM (SELECT toLowCardinality(evidence) AS evidence, first, text
          FROM input('evidence String, first UInt64, text String') WHERE ${wanted})
        ARRAY JOIN splitByChar('\n', text) AS line, arrayEnumerate(splitByChar('\n', text)) AS number
        WHERE notEmpty(trimBoth(line, ' \t\r'))`
      supplies.push({ source: { records }, body: () => this.#lineBody(lines) })
    }
    if (documents.length > 0 || this.#documentTexts.size > 0) {
      const kept = this.#withdrawn.size === 0 ? sql`true` : sql`evidence NOT IN (${[...this.#withdrawn]})`
      const source = {
        documents: sql`SELECT toLowCardinality(evidence) AS evidence, text AS line
          FROM input('evidence String, text String') WHERE ${wanted} AND ${kept}`,
      }
      supplies.push({ source, body: () => this.#documentBody(documents) })
    }
    if (this.#records.isUsed) {
      const records = sql`SELECT toLowCardinality(evidence) AS evidence, record, line
        FROM input('evidence String, record UInt64, line String') WHERE ${wanted}`
      supplies.push({ source: { records }, body: () => this.#records.read() })
    }
    return supplies
  }

  /** A statement reads what is sent with it only once: what is read again is stored meanwhile. */
  async reread(evidence: readonly string[]): Promise<Source> {
    const table = this.#rereadTable
    this.#isReread = true
    await this.#owner.command(
      sql`CREATE TABLE ${table} (evidence LowCardinality(String), record UInt64, line String)
        ENGINE = MergeTree ORDER BY (evidence, record)`,
    )
    for (const { source, body } of await this.supplies(evidence)) {
      if (body === undefined) throw new Error('a supply that is sent has a body')
      await this.#owner.insert(
        sql`INSERT INTO ${table} SELECT evidence, record, line FROM (${recordsIn(source)}) FORMAT RowBinary`,
        body(),
      )
    }
    return { records: sql`SELECT evidence, record, line FROM ${table}` }
  }

  async remove(): Promise<void> {
    for (const file of [this.#texts.lines, this.#texts.documents, this.#records]) await file.close()
    await rm(this.#directory, { recursive: true, force: true })
    if (this.#isReread) await this.#owner.command(sql`DROP TABLE IF EXISTS ${this.#rereadTable} SYNC`)
  }

  async *#lineBody(files: readonly (readonly [string, string])[]): AsyncGenerator<Uint8Array> {
    for (const [evidence, file] of files) yield* linePieces(evidence, file)
    yield* this.#texts.lines.read()
  }

  async *#documentBody(files: readonly (readonly [string, string])[]): AsyncGenerator<Uint8Array> {
    for (const [evidence, file] of files) {
      const { size } = await stat(file)
      yield rowHead(evidence, undefined, size)
      if (size > 0) yield* createReadStream(file, { end: size - 1 })
    }
    yield* this.#texts.documents.read()
  }
}

/** A file as rows of whole lines: evidence, how many lines stand before them, text. */
async function* linePieces(evidence: string, file: string): AsyncGenerator<Uint8Array> {
  let first = 0
  let pending: Uint8Array[] = []
  const piece = (): readonly Uint8Array[] => {
    const text = Buffer.concat(pending)
    const rows = [rowHead(evidence, first, text.byteLength), text]
    for (let at = text.indexOf(newline); at !== -1; at = text.indexOf(newline, at + 1)) first += 1
    first += 1
    pending = []
    return rows
  }
  const stream = createReadStream(file, { highWaterMark: maxChunkBytes }) as AsyncIterable<Buffer>
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(newline)
    if (end === -1) {
      pending.push(chunk)
      continue
    }
    pending.push(chunk.subarray(0, end))
    yield* piece()
    if (end + 1 < chunk.length) pending.push(chunk.subarray(end + 1))
  }
  if (pending.length > 0) yield* piece()
}
