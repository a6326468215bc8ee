import { mkdir, open, readdir, rm, symlink, type FileHandle } from 'node:fs/promises'
import { join as joinPath, resolve } from 'node:path'
import { join, sql, type Sql } from '../sql/template.ts'
import type { Source } from '../tables/source.ts'

const flushBytes = 1 << 20

/** A dictionary-coded text, as the tables store it: no row carries 64 bytes of it. */
const evidenceOfFile = sql`toLowCardinality(substring(_file, 1, 64))`

/**
 * What the engine reads for one batch, under names that we made: links to evidence that it can parse itself, and a
 * file of records (RowBinary: evidence, record, line) for all that had to be split here.
 */
export class Stage {
  readonly #directory: string
  readonly #name: string
  readonly #linked: { readonly lines: Set<string>; readonly documents: Set<string> } = {
    lines: new Set(),
    documents: new Set(),
  }
  #file: FileHandle | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0

  private constructor(directory: string, name: string) {
    this.#directory = directory
    this.#name = name
  }

  static async create(stageDirectory: string, batch: number): Promise<Stage> {
    const name = `batch${batch}`
    const directory = joinPath(stageDirectory, name)
    await rm(directory, { recursive: true, force: true })
    await mkdir(joinPath(directory, 'lines'), { recursive: true, mode: 0o700 })
    await mkdir(joinPath(directory, 'documents'), { mode: 0o700 })
    return new Stage(directory, name)
  }

  /** Links a plain file of JSON lines, or one `{"records":[…]}` document, under its hash. */
  async link(kind: 'lines' | 'documents', evidence: string, file: string): Promise<void> {
    await symlink(resolve(file), joinPath(this.#directory, kind, `${evidence}.json`))
    this.#linked[kind].add(evidence)
  }

  hasDocument(evidence: string): boolean {
    return this.#linked.documents.has(evidence)
  }

  /** Takes a document back from the engine. */
  async unlinkDocument(evidence: string): Promise<void> {
    await rm(joinPath(this.#directory, 'documents', `${evidence}.json`))
    this.#linked.documents.delete(evidence)
  }

  /** Adds a record that was split here. Where it says so, await `flush` before adding more. */
  add(evidence: string, record: number, line: Uint8Array): 'go on' | 'flush' {
    const head = Buffer.allocUnsafe(65 + 8 + 10)
    head[0] = 64
    head.write(evidence, 1, 64, 'latin1')
    head.writeBigUInt64LE(BigInt(record), 65)
    const length = writeVarint(head, 73, line.byteLength)
    this.#pending.push(head.subarray(0, length), line)
    this.#pendingBytes += length + line.byteLength
    return this.#pendingBytes >= flushBytes ? 'flush' : 'go on'
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return
    this.#file ??= await open(joinPath(this.#directory, 'records.bin'), 'ax', 0o600)
    const chunk = Buffer.concat(this.#pending, this.#pendingBytes)
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.appendFile(chunk)
  }

  /** All that was staged, or what is of the named evidence only. */
  async source(evidence?: readonly string[]): Promise<Source> {
    await this.flush()
    const settings = sql`SETTINGS use_hive_partitioning = 0`
    const parts: Sql[] = []
    if (this.#linked.lines.size > 0) {
      parts.push(sql`SELECT ${evidenceOfFile} AS evidence, toUInt64(assumeNotNull(_row_number) + 1) AS record, line
        FROM file(${this.#path('lines', '*.json')}, 'LineAsString', 'line String')
        WHERE notEmpty(trimBoth(line, ' \t\r')) ${settings}`)
    }
    if (this.#file !== undefined) {
      parts.push(sql`SELECT toLowCardinality(evidence) AS evidence, record, line
        FROM file(${this.#path('records.bin')}, 'RowBinary', 'evidence String, record UInt64, line String') ${settings}`)
    }
    const named = (relation: Sql): Sql =>
      evidence === undefined ? relation : sql`SELECT * FROM (${relation}) WHERE evidence IN (${evidence})`
    const documents = sql`SELECT ${evidenceOfFile} AS evidence, line
      FROM file(${this.#path('documents', '*.json')}, 'LineAsString', 'line String') ${settings}`
    return {
      ...(parts.length > 0 && { records: named(join(parts, sql` UNION ALL `)) }),
      ...(this.#linked.documents.size > 0 && { documents: named(documents) }),
    }
  }

  async remove(): Promise<void> {
    await this.#file?.close()
    await rm(this.#directory, { recursive: true, force: true })
  }

  #path(...names: readonly string[]): string {
    return [this.#name, ...names].join('/')
  }
}

/** Removes what commands that were killed left behind. Nobody else may be landing a batch. */
export async function clearStage(stageDirectory: string): Promise<void> {
  for (const name of await readdir(stageDirectory)) {
    if (/^batch\d+$/u.test(name)) await rm(joinPath(stageDirectory, name), { recursive: true, force: true })
  }
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let position = start
  let rest = value
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[position++] = rest
  return position
}
