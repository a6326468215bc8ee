import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setInterval, setTimeout as wait } from 'node:timers/promises'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { nameDatabases, type DatabaseNames } from '../sql/database.ts'
import { sql, type Sql } from '../sql/template.ts'
import { askProgress, killQuery, type Progress } from './processes.ts'
import { clickhouseError, ClickHouseError } from './errors.ts'
import { InsertBody } from './insert-body.ts'
import { openRows, type RowStream, type RunSummary } from './row-stream.ts'
import { readResult, type ResultLine } from './rows.ts'
import { resultSettings } from './settings.ts'

export interface RunOptions {
  readonly signal?: AbortSignal
  readonly settings?: Readonly<Record<string, string | number>>
  readonly onProgress?: (progress: Progress) => void
  readonly limits?: Limits
  readonly queryId?: string
  /** Values of the statement's own parameters, `{name:Type}` in its text. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** Beyond any of these a statement fails with a `LimitError`. */
export interface Limits {
  readonly timeMs?: number
  readonly memoryBytes?: number
  readonly rows?: number
  readonly resultBytes?: number
}

/** Where a connection gets its clients from, and what is known of a request that failed on its way. */
export interface ClientSource {
  client(): Promise<ClickHouseClient>
  /** The client of a user who may watch and kill the queries of this connection, while they run. */
  supervisor(): Promise<ClickHouseClient>
  /** What the databases of the case are called there. */
  readonly databases: DatabaseNames
  /** Settings that go with every statement. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** The beginning of the ids of all queries for this case. */
  readonly queryIdPrefix?: string
  /** Whether every request reaches the same server, so that a query it does not list has ended. */
  readonly isOneServer: boolean
  explain(error: Error): Promise<Error>
  close(): Promise<void>
}

interface Answer {
  readonly stream: Readable
  readonly summary: Readonly<Record<string, string | undefined>>
}

/** Runs statements as one user of one ClickHouse, private or not. */
export class Connection {
  readonly #source: ClientSource

  constructor(source: ClientSource) {
    this.#source = source
  }

  /** What the databases of the case are called here. */
  get databases(): DatabaseNames {
    return this.#source.databases
  }

  /** The beginning of the ids of all queries for this case; empty where the server belongs to it. */
  get queryIdPrefix(): string {
    return this.#source.queryIdPrefix ?? ''
  }

  /** Runs a statement without a result: DDL, or INSERT … SELECT. */
  async command(statement: Sql, options: RunOptions = {}): Promise<RunSummary> {
    return await this.#run(statement, options)
  }

  /** Runs an INSERT whose data is `body`, read no faster than the server takes it. */
  async insert(
    statement: Sql,
    body: AsyncIterable<Uint8Array> | Readable,
    options: RunOptions = {},
  ): Promise<RunSummary> {
    return await this.#run(statement, options, new InsertBody(body))
  }

  /** Starts a query. Its 64-bit integers and decimals come as strings, and so do NaN and infinities. */
  async query(statement: Sql, options: RunOptions = {}): Promise<RowStream> {
    const queryId = options.queryId ?? this.queryIdPrefix + randomUUID()
    const text = sql`${statement}\nFORMAT JSONCompactEachRowWithProgress`
    const { stream } = await this.#send(text, queryId, options)
    return await openRows(this.#read(stream, queryId, options.signal), queryId, options.onProgress)
  }

  /** Runs a query with a small result and gives its rows as objects. */
  async rows<T>(statement: Sql, options: RunOptions = {}): Promise<T[]> {
    const { columns, rows } = await this.query(statement, options)
    const objects: T[] = []
    for await (const row of rows) {
      objects.push(Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])) as T)
    }
    return objects
  }

  /** Closes the sockets of a connection made by `connectEngine`; an engine closes its own. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.close()
  }

  async #run(statement: Sql, options: RunOptions, body?: InsertBody): Promise<RunSummary> {
    const queryId = options.queryId ?? this.queryIdPrefix + randomUUID()
    const settings = { ...options.settings, wait_end_of_query: 1 }
    using _ = this.#watch(queryId, options.onProgress, body)
    const { stream, summary } = await this.#send(statement, queryId, { ...options, settings }, body)
    await readAll(stream)
    if (body?.isCut === true) throw new Error('ClickHouse ended an insert before its data had ended')
    return {
      queryId,
      writtenRows: Number(summary['written_rows'] ?? 0),
      readRows: Number(summary['read_rows'] ?? 0),
      readBytes: Number(summary['read_bytes'] ?? 0),
      elapsedMs: Number(summary['elapsed_ns'] ?? 0) / 1e6,
    }
  }

  async #send(statement: Sql, queryId: string, options: RunOptions, body?: InsertBody): Promise<Answer> {
    const { signal } = options
    signal?.throwIfAborted()
    const client = await this.#source.client()
    signal?.throwIfAborted()
    const abandon = new AbortController()
    const pending = client.exec({
      query: nameDatabases(statement, this.#source.databases),
      query_id: queryId,
      clickhouse_settings: requestSettings(options, this.#source.settings),
      abort_signal: abandon.signal,
      ignore_error_response: true,
      ...(options.parameters === undefined ? {} : { query_params: { ...options.parameters } }),
      ...(body === undefined ? {} : { values: body.stream }),
    })
    let cancelled: Promise<void> | undefined
    using _ = onAbort(signal, () => {
      if (body !== undefined) abandon.abort()
      cancelled = this.#cancel(queryId, pending, abandon)
    })
    try {
      const { stream, summary, http_status_code: status } = await pending
      if (status !== 200) throw clickhouseError(await readAll(stream))
      return { stream, summary: { ...summary } }
    } catch (error) {
      body?.stream.destroy()
      await cancelled
      signal?.throwIfAborted()
      if (!(error instanceof ClickHouseError)) await this.#kill(queryId)
      throw body?.failure ?? (await this.#explain(error))
    }
  }

  /** The lines of a result; ends the query when its reader stops before the end, or by the signal. */
  async *#read(
    stream: Readable,
    queryId: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly ResultLine[]> {
    const stop = async (): Promise<void> => {
      stream.destroy()
      await this.#kill(queryId)
    }
    let stopped: Promise<void> | undefined
    let ended = false
    using _ = onAbort(signal, () => (stopped = stop()))
    try {
      yield* readResult(stream)
      signal?.throwIfAborted()
      ended = true
    } catch (error) {
      await stopped
      signal?.throwIfAborted()
      ended = error instanceof ClickHouseError
      throw await this.#explain(error)
    } finally {
      if (!ended) await (stopped ?? stop())
    }
  }

  /** Kills a query until its request is answered, since it may not have begun when it is first told to end. */
  async #cancel(queryId: string, pending: Promise<unknown>, abandon: AbortController): Promise<void> {
    const request = { answered: false }
    const answer = pending.catch(() => {}).then(() => (request.answered = true))
    for (let attempt = 0; attempt < killAttempts && !request.answered; attempt += 1) {
      if (!(await this.#kill(queryId, abandon))) await Promise.race([answer, wait(25)])
    }
    if (request.answered && !abandon.signal.aborted) return
    abandon.abort()
    await this.#kill(queryId)
  }

  async #kill(queryId: string, abandon?: AbortController): Promise<boolean> {
    try {
      return await killQuery(await this.#source.supervisor(), queryId)
    } catch {
      // Gone, or a cluster that lets nobody kill: it ends a reader's query when the socket closes.
      abandon?.abort()
      return false
    }
  }

  /** Asks now and then how far a statement has come. */
  #watch(queryId: string, onProgress: RunOptions['onProgress'], body: InsertBody | undefined): Disposable {
    const stop = new AbortController()
    if (onProgress !== undefined || (body !== undefined && this.#source.isOneServer)) {
      this.#follow(queryId, onProgress, body, stop.signal).catch(() => {
        // Who may not watch gets no progress.
      })
    }
    return { [Symbol.dispose]: () => stop.abort() }
  }

  async #follow(
    queryId: string,
    onProgress: RunOptions['onProgress'],
    body: InsertBody | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    let wasSeen = false
    let absences = 0
    for await (const _ of setInterval(progressIntervalMs, undefined, { signal, ref: false })) {
      const progress = await askProgress(await this.#source.supervisor(), queryId)
      if (signal.aborted) return
      if (progress !== undefined) onProgress?.(progress)
      wasSeen ||= progress !== undefined
      absences = progress === undefined ? absences + 1 : 0
      // A failed insert is answered only when its data has ended.
      const hasBegun = wasSeen || (body?.sentBytes ?? 0) > bytesBeforeBeginning
      if (hasBegun && absences >= absencesOfTheEnded && this.#source.isOneServer) body?.cut()
    }
  }

  async #explain(error: unknown): Promise<unknown> {
    if (error instanceof ClickHouseError || !(error instanceof Error)) return error
    return await this.#source.explain(error)
  }
}

const progressIntervalMs = 200
const absencesOfTheEnded = 3
// ClickHouse reads 256 KiB of an insert before it begins with it; sockets hold some more.
const bytesBeforeBeginning = 1 << 24
const killAttempts = 40

function requestSettings(options: RunOptions, standing: RunOptions['settings']): ClickHouseSettings {
  const { timeMs, memoryBytes, rows, resultBytes } = options.limits ?? {}
  const limits = {
    max_execution_time: timeMs === undefined ? undefined : timeMs / 1000,
    max_memory_usage: memoryBytes,
    max_result_rows: rows,
    max_result_bytes: resultBytes,
  }
  const settings: Record<string, string | number> = { ...resultSettings, ...standing, ...options.settings }
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue
    if (!(value > 0)) throw new Error(`a limit must be above 0: ${name}`)
    settings[name] = value
  }
  return settings
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): Disposable {
  if (signal?.aborted === true) listener()
  else signal?.addEventListener('abort', listener, { once: true })
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', listener) }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
