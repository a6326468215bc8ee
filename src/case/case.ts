import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseEngine } from '../engine/case-engine.ts'
import { openEngine } from '../engine/engine.ts'
import type { IngestOptions } from '../evidence/ingest.ts'
import type { IngestReport } from '../evidence/report.ts'
import type { Compilation, CompiledTable } from '../kql/compilation.ts'
import type { CompileOptions, Compiler } from '../kql/compile.ts'
import type { Diagnostic } from '../kql/diagnostic.ts'
import type { Schema } from '../kql/schema.ts'
import type { CaseFolder } from './case-file.ts'
import { ask, textRows, type Answer, type AskOptions } from './ask.ts'
import type { ReadEstimate } from './estimate.ts'
import type { Table } from '../tables/types.ts'
import type { EvidenceSpan } from './evidence-span.ts'
import type { ConflictListing } from './conflicts.ts'
import type { ShownRecord } from './show.ts'
import type { StoredFunction } from './stored-functions.ts'
import type { TableSummary } from './summary.ts'
import type { VerifyFinding } from './verify.ts'
import type { Watchlist } from './watchlists.ts'

export interface OpenCaseOptions {
  readonly folder: CaseFolder
  readonly signal?: AbortSignal
  /** Of the user on the servers of the case, where it has any. */
  readonly password?: string
}

/** Opens a case: its engine starts, and the compiler loads when first asked, side by side. */
export async function openCase(options: OpenCaseOptions): Promise<Case> {
  return Promise.resolve(new Case(options))
}

/** A case on disk, with its engine. */
export class Case {
  readonly folder: CaseFolder
  readonly #signal: AbortSignal | undefined
  readonly #engine: Promise<CaseEngine>
  #compiler: Promise<Compiler> | undefined

  constructor(options: OpenCaseOptions) {
    this.folder = options.folder
    this.#signal = options.signal
    this.#engine = this.#open(options.password ?? '')
    this.#engine.catch(() => {})
  }

  /** Takes evidence in; waits while another process ingests into the same case. */
  async ingest(
    paths: readonly string[],
    options: IngestOptions & { readonly onWait?: () => void } = {},
  ): Promise<IngestReport> {
    const [{ ingest }, { lockIngest }] = await Promise.all([
      import('../evidence/ingest.ts'),
      import('../evidence/ingest-lock.ts'),
    ])
    using _lock = await lockIngest(join(this.folder.path, 'ingest.lock'), options)
    const target = { engine: this.#engine, tenantId: this.folder.tenantId }
    const spoolFolder = join(this.folder.path, 'spool')
    await mkdir(spoolFolder, { recursive: true, mode: 0o700 })
    const report = await ingest(target, paths, { spoolFolder, ...options })
    await this.#closeCompiler()
    return report
  }

  /** Asks a question in KQL, as the user who can only read. */
  async ask(kql: string, options: AskOptions = {}): Promise<Answer> {
    const compilation = await this.compile(kql, options)
    if (!compilation.ok) return compilation
    const engine = await this.#engine
    return ask(engine.reader, compilation, { ...(this.#signal && { signal: this.#signal }), ...options })
  }

  /** Compiles KQL against the tables of this case. */
  async compile(kql: string, options: AskOptions = {}): Promise<Compilation> {
    this.#compiler ??= this.#loadCompiler()
    const compiler = await this.#compiler
    const { signal = this.#signal, limits, external, geoip, onRead, ...compile } = options
    const files = { ...(external !== undefined && { external }), ...(geoip !== undefined && { geoip }) }
    const asking = { ...(signal && { signal }), ...(limits && { limits }) }
    return compiler.compile(kql, {
      ...compile,
      ...(signal && { signal }),
      ...(await this.files([kql], { ...files, ...(onRead && { onRead }) })),
      discover: async (sql) => textRows((await this.#engine).reader, sql, asking),
    })
  }

  /** What the compiler is told of the files that questions with these texts may name. */
  async files(
    texts: readonly string[],
    { external, geoip, onRead }: Pick<AskOptions, 'external' | 'geoip' | 'onRead'>,
  ): Promise<Pick<CompileOptions, 'external' | 'geoip'>> {
    return {
      ...(external !== undefined && { external: await this.#externalReader(external, onRead) }),
      ...(geoip !== undefined && (await this.#geoip(texts, geoip, onRead))),
    }
  }

  /** What a compiled question is going to read. */
  async estimate(
    asked: CompiledTable,
    { signal, limits }: AskOptions = {},
  ): Promise<readonly ReadEstimate[]> {
    const { estimateReads } = await import('./estimate.ts')
    const options = { ...(signal && { signal }), ...(limits && { limits }) }
    return estimateReads(await this.#engine, asked.sql, options)
  }

  /** The functions that the case keeps. */
  async functions(): Promise<readonly StoredFunction[]> {
    const { storedFunctions } = await import('./stored-functions.ts')
    return storedFunctions(this.folder.path)
  }

  /** Keeps a function written in KQL, unless it has problems; these are given back, placed in its text. */
  async addFunction(name: string, text: string): Promise<readonly Diagnostic[]> {
    const { addFunction } = await import('./add-function.ts')
    const load = async (): Promise<Compiler> => await (this.#compiler ??= this.#loadCompiler())
    const problems = await addFunction(load, await this.#schema(), this.folder.path, name, text)
    await this.#closeCompiler()
    return problems
  }

  /** Forgets a function; false where there was none. */
  async removeFunction(name: string): Promise<boolean> {
    const { removeFunction } = await import('./stored-functions.ts')
    await this.#closeCompiler()
    return removeFunction(this.folder.path, name)
  }

  /** The watchlists that the case keeps. */
  async watchlists(): Promise<readonly Watchlist[]> {
    const { watchlists } = await import('./watchlists.ts')
    return watchlists(this.folder.path)
  }

  /** Keeps the rows of a CSV as a watchlist; its key is the first column unless named. */
  async addWatchlist(name: string, csv: Uint8Array, key?: string): Promise<Watchlist> {
    const { storeWatchlist } = await import('./watchlists.ts')
    await this.#closeCompiler()
    return storeWatchlist(await this.#engine, this.folder.path, name, csv, key)
  }

  /** Forgets a watchlist; false where there was none. */
  async removeWatchlist(name: string): Promise<boolean> {
    const { removeWatchlist } = await import('./watchlists.ts')
    await this.#closeCompiler()
    return removeWatchlist(await this.#engine, this.folder.path, name)
  }

  /** What rooms above ask with, many times over: the engine's connections, and the compiler for this case's tables. */
  async workbench(): Promise<{ readonly engine: CaseEngine; readonly compiler: Compiler }> {
    this.#compiler ??= this.#loadCompiler()
    const [engine, compiler] = await Promise.all([this.#engine, this.#compiler])
    return { engine, compiler }
  }

  /** Each table that holds rows: how many, from when to when, out of how many files. */
  async tables(): Promise<readonly TableSummary[]> {
    const { summarizeTables } = await import('./summary.ts')
    const { owner } = await this.#engine
    return summarizeTables(owner, await this.logTables())
  }

  /** The tables of the case that hold records of their own. */
  async logTables(): Promise<readonly Table[]> {
    const { caseTables } = await import('./case-schema.ts')
    return caseTables((await this.#engine).owner)
  }

  /** From when to when the records of the case are; nothing where it has none. */
  async evidenceSpan(): Promise<EvidenceSpan | undefined> {
    const { evidenceSpan } = await import('./evidence-span.ts')
    const { owner } = await this.#engine
    return evidenceSpan(owner, await this.logTables())
  }

  /** Records that fit no table, with reason, file and place. */
  async quarantine(): Promise<ConflictListing> {
    const { listQuarantine } = await import('./quarantine.ts')
    return listQuarantine((await this.#engine).owner)
  }

  /** Events that two exports tell differently: the value in the table beside the value of the other sighting. */
  async conflicts(): Promise<ConflictListing> {
    const { listConflicts } = await import('./conflicts.ts')
    const { owner } = await this.#engine
    return listConflicts(owner, await this.logTables())
  }

  /** The original bytes of a row: `<evidence id prefix>:<record>[:<ordinal>]`. */
  async show(row: string): Promise<ShownRecord> {
    const { showRow } = await import('./show.ts')
    return showRow((await this.#engine).owner, row)
  }

  /** Hashes all evidence again, walks custody, and proves the counts. */
  async *verify(): AsyncIterable<VerifyFinding> {
    const { verifyCase } = await import('./verify.ts')
    const { owner } = await this.#engine
    yield* verifyCase(owner, this.folder.path, await this.logTables(), this.#signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = await this.#engine.catch(() => undefined)
    await Promise.all([engine?.[Symbol.asyncDispose](), this.#closeCompiler()])
  }

  async #closeCompiler(): Promise<void> {
    const compiler = await this.#compiler?.catch(() => undefined)
    this.#compiler = undefined
    await compiler?.[Symbol.asyncDispose]()
  }

  async #open(password: string): Promise<CaseEngine> {
    const { engine: address, tenantId, path } = this.folder
    const directory = join(path, 'engine')
    if (address === undefined) {
      const starting = openEngine({ directory, ...(this.#signal && { signal: this.#signal }) })
      // Tables are many modules, loaded while the engine starts.
      const [engine, { prepareTables }] = await Promise.all([starting, import('./case-schema.ts')])
      await prepareTables(engine)
      return engine
    }
    const { prepareTables } = await import('./case-schema.ts')
    const { openRemote } = await import('../engine/remote.ts')
    const queryIdPrefix = `azimuth-${tenantId}-`
    const engine = await openRemote(address, { password, directory, queryIdPrefix })
    try {
      await prepareTables(engine, tenantId)
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw error
    }
    return engine
  }

  /** The file is only read for queries that ask where addresses are. */
  async #geoip(
    asked: readonly string[],
    file: string,
    onRead: AskOptions['onRead'],
  ): Promise<Pick<CompileOptions, 'geoip'>> {
    const texts = [...asked, ...(await this.functions()).map(({ text }) => text)]
    if (!texts.some((text) => text.includes('geo_info_from_ip_address'))) return {}
    const { storeGeoIp } = await import('./geoip.ts')
    return { geoip: await storeGeoIp(await this.#engine, file, onRead) }
  }

  async #externalReader(
    folder: string,
    onRead: AskOptions['onRead'],
  ): Promise<NonNullable<CompileOptions['external']>> {
    const { externalReader } = await import('./external-rows.ts')
    return externalReader(this.#engine, folder, onRead)
  }

  async #loadCompiler(): Promise<Compiler> {
    const [{ createCompiler }, { declaredSchema }] = await Promise.all([
      import('../kql/compile.ts'),
      import('./case-schema.ts'),
    ])
    const [compiler, schema] = await Promise.all([createCompiler(declaredSchema), this.#schema()])
    if (schema !== declaredSchema) compiler.setSchema(schema)
    return compiler
  }

  async #schema(): Promise<Schema> {
    const { caseSchema } = await import('./case-schema.ts')
    const { owner } = await this.#engine
    return caseSchema(owner, this.folder.path)
  }
}
