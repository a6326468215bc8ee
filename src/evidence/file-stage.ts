import { mkdir, rm, symlink } from 'node:fs/promises'
import { join as joinPath, resolve } from 'node:path'
import { join, sql, type Sql } from '../sql/template.ts'
import type { Source } from '../tables/source.ts'
import { RowFile } from './row-file.ts'
import type { Stage, StagedKind, Supply } from './supply.ts'

/** Of evidence that holds nothing but what cannot be split. */
const nothing = sql`SELECT '' AS evidence, toUInt64(0) AS record, '' AS line WHERE false`

/** A dictionary-coded text, as the tables store it: no row carries 64 bytes of it. */
const evidenceOfFile = sql`toLowCardinality(substring(_file, 1, 64))`

/** Blocks of rows of any length stay small. */
const settings = sql`SETTINGS use_hive_partitioning = 0, input_format_max_block_size_bytes = 8388608`

/**
 * What the engine reads for one batch, under names that we made: links to large files that it can parse itself, one file
 * with the texts of the small ones, and a file of records (RowBinary: evidence, record, line) for all that had to be
 * split here.
 */
export class FileStage implements Stage {
  readonly #directory: string
  readonly #name: string
  readonly #linked = { lines: new Set<string>(), documents: new Set<string>() }
  readonly #texts: Readonly<Record<StagedKind, RowFile>>
  readonly #records: RowFile
  /** Evidence whose text is among the documents. */
  readonly #documentTexts = new Set<string>()
  readonly #withdrawn = new Set<string>()

  private constructor(directory: string, name: string) {
    this.#directory = directory
    this.#name = name
    this.#texts = {
      lines: new RowFile(joinPath(directory, 'lines.bin')),
      documents: new RowFile(joinPath(directory, 'documents.bin')),
    }
    this.#records = new RowFile(joinPath(directory, 'records.bin'))
  }

  static async create(stageDirectory: string, batch: number): Promise<FileStage> {
    const name = `batch${batch}`
    const directory = joinPath(stageDirectory, name)
    await rm(directory, { recursive: true, force: true })
    await mkdir(joinPath(directory, 'lines'), { recursive: true, mode: 0o700 })
    await mkdir(joinPath(directory, 'documents'), { mode: 0o700 })
    return new FileStage(directory, name)
  }

  async link(kind: StagedKind, evidence: string, file: string): Promise<void> {
    await symlink(resolve(file), joinPath(this.#directory, kind, `${evidence}.json`))
    this.#linked[kind].add(evidence)
  }

  /** Copies it: the engine takes thousands of files one by one, each at the price of many records. */
  async addText(kind: StagedKind, evidence: string, text: Uint8Array): Promise<void> {
    if (kind === 'documents') this.#documentTexts.add(evidence)
    if (this.#texts[kind].add(evidence, undefined, text) === 'flush') await this.#texts[kind].flush()
  }

  hasDocument(evidence: string): boolean {
    return this.#linked.documents.has(evidence) || this.#documentTexts.has(evidence)
  }

  async withdrawDocument(evidence: string): Promise<void> {
    if (this.#documentTexts.delete(evidence)) this.#withdrawn.add(evidence)
    if (this.#linked.documents.delete(evidence))
      await rm(joinPath(this.#directory, 'documents', `${evidence}.json`))
  }

  add(evidence: string, record: number, line: Uint8Array): 'go on' | 'flush' {
    return this.#records.add(evidence, record, line)
  }

  async flush(): Promise<void> {
    for (const file of [this.#texts.lines, this.#texts.documents, this.#records]) await file.flush()
  }

  async supplies(evidence?: readonly string[]): Promise<readonly Supply[]> {
    return [{ source: await this.#source(evidence) }]
  }

  async reread(evidence: readonly string[]): Promise<Source> {
    return await this.#source(evidence)
  }

  async remove(): Promise<void> {
    for (const file of [this.#texts.lines, this.#texts.documents, this.#records]) await file.close()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #source(evidence?: readonly string[]): Promise<Source> {
    await this.flush()
    const named = (relations: readonly Sql[]): Sql => {
      const union = join(relations, sql` UNION ALL `)
      return evidence === undefined ? union : sql`SELECT * FROM (${union}) WHERE evidence IN (${evidence})`
    }
    const records = [...this.#lineRelations(), ...this.#recordRelations()]
    const documents = [...this.#documentRelations()]
    if (records.length + documents.length === 0) return { records: nothing }
    return {
      ...(records.length > 0 && { records: named(records) }),
      ...(documents.length > 0 && { documents: named(documents) }),
    }
  }

  *#lineRelations(): Generator<Sql> {
    // What begins with a brace need not be copied to see it.
    const hasText = sql`(startsWith(line, '{') OR notEmpty(trimBoth(line, ' \t\r')))`
    if (this.#linked.lines.size > 0) {
      yield sql`SELECT ${evidenceOfFile} AS evidence, toUInt64(assumeNotNull(_row_number) + 1) AS record, line
        FROM file(${this.#path('lines', '*.json')}, 'LineAsString', 'line String') WHERE ${hasText} ${settings}`
    }
    if (this.#texts.lines.isUsed) {
      yield sql`SELECT evidence, toUInt64(number) AS record, line FROM (${this.#textRelation('lines')})
        ARRAY JOIN splitByChar('\n', text) AS line, arrayEnumerate(splitByChar('\n', text)) AS number WHERE ${hasText}`
    }
  }

  *#documentRelations(): Generator<Sql> {
    if (this.#linked.documents.size > 0) {
      yield sql`SELECT ${evidenceOfFile} AS evidence, line
        FROM file(${this.#path('documents', '*.json')}, 'LineAsString', 'line String') ${settings}`
    }
    if (this.#documentTexts.size > 0) {
      const kept = this.#withdrawn.size === 0 ? sql`true` : sql`evidence NOT IN (${[...this.#withdrawn]})`
      yield sql`SELECT evidence, text AS line FROM (${this.#textRelation('documents')}) WHERE ${kept}`
    }
  }

  *#recordRelations(): Generator<Sql> {
    if (!this.#records.isUsed) return
    yield sql`SELECT toLowCardinality(evidence) AS evidence, record, line
      FROM file(${this.#path('records.bin')}, 'RowBinary', 'evidence String, record UInt64, line String') ${settings}`
  }

  #textRelation(kind: StagedKind): Sql {
    return sql`SELECT toLowCardinality(evidence) AS evidence, text
      FROM file(${this.#path(`${kind}.bin`)}, 'RowBinary', 'evidence String, text String') ${settings}`
  }

  #path(...names: readonly string[]): string {
    return [this.#name, ...names].join('/')
  }
}
