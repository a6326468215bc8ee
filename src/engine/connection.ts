import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import { AzimuthError } from '../error.ts'
import { sql, type Sql } from '../sql/template.ts'
import { clickhouseError, ClickHouseError } from './errors.ts'
import { readResult, type Column, type Progress, type ResultEvent } from './rows.ts'
import { resultSettings } from './settings.ts'

export interface RunOptions {
  readonly signal?: AbortSignal
  readonly settings?: Readonly<Record<string, string | number>>
  readonly onProgress?: (progress: Progress) => void
  readonly limits?: Limits
  readonly queryId?: string
}

/** Beyond any of these a statement fails with a `LimitError`. */
export interface Limits {
  readonly timeMs?: number
  readonly memoryBytes?: number
  readonly rows?: number
  readonly resultBytes?: number
}

export interface RunSummary {
  readonly queryId: string
  readonly writtenRows: number
  readonly readRows: number
  readonly readBytes: number
  readonly elapsedMs: number
}

/** A result whose rows arrive as they are read; leaving the loop early ends the query. */
export interface RowStream {
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<readonly unknown[]>
  /** Resolves after the last row. */
  summary(): Promise<RunSummary>
}

/** Where a connection gets its client, and what it knows of a request that failed on the way. */
export interface ClientSource {
  client(): Promise<ClickHouseClient>
  /** A better error for a lost connection, if there is one. */
  explain(error: Error): Promise<Error>
  /** Kills a query in the name of someone who may. */
  kill(queryId: string): Promise<boolean>
}

interface Answer {
  readonly queryId: string
  readonly stream: Readable
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly summary: Readonly<Record<string, string | undefined>>
}

/** Runs statements as one user of one ClickHouse, private or not. */
export class Connection {
  readonly #source: ClientSource

  constructor(source: ClientSource) {
    this.#source = source
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
    const values = body instanceof Readable ? body : Readable.from(body, { objectMode: false })
    return await this.#run(statement, options, values)
  }

  /** Starts a query. Its 64-bit integers and decimals come as strings, and so do NaN and infinities. */
  async query(statement: Sql, options: RunOptions = {}): Promise<RowStream> {
    const text: Sql = sql`${statement}\nFORMAT JSONCompactEachRowWithProgress`
    const answer = await this.#send(text, options)
    return await openRows(
      streamEvents(answer, options.signal, this.#source),
      answer.queryId,
      options.onProgress,
    )
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

  async #run(statement: Sql, options: RunOptions, body?: Readable): Promise<RunSummary> {
    const settings = { ...options.settings, wait_end_of_query: 1 }
    const queryId = options.queryId ?? randomUUID()
    const { stream, summary } = await this.#send(statement, { ...options, settings, queryId }, body)
    await readAll(stream)
    return {
      queryId,
      writtenRows: Number(summary['written_rows'] ?? 0),
      readRows: Number(summary['read_rows'] ?? 0),
      readBytes: Number(summary['read_bytes'] ?? 0),
      elapsedMs: Number(summary['elapsed_ns'] ?? 0) / 1e6,
    }
  }

  async #send(statement: Sql, options: RunOptions, body?: Readable): Promise<Answer> {
    const { signal, queryId = randomUUID() } = options
    signal?.throwIfAborted()
    const client = await this.#source.client()
    const request = new AbortController()
    const pending = client.exec({
      query: statement.text,
      query_id: queryId,
      clickhouse_settings: requestSettings(options),
      abort_signal: request.signal,
      ignore_error_response: true,
      ...(body === undefined ? {} : { values: body }),
    })
    using _ = onAbort(signal, () => {
      if (body !== undefined) request.abort()
      cancelled = this.#cancel(queryId, pending, request)
    })
    let cancelled: Promise<void> | undefined
    try {
      const { stream, response_headers: headers, summary, http_status_code: status } = await pending
      if (status !== 200) throw clickhouseError(await readAll(stream))
      return { queryId, stream, headers, summary: { ...summary } }
    } catch (error) {
      await cancelled
      signal?.throwIfAborted()
      if (body?.errored != null) throw body.errored
      throw await this.#explain(error)
    }
  }

  /** Kills the query until its request has been answered, since it may not have begun when it is first told to end. */
  async #cancel(queryId: string, pending: Promise<unknown>, abandon: AbortController): Promise<void> {
    const request = { answered: false }
    const end = pending.catch(() => {}).then(() => (request.answered = true))
    while (!request.answered) {
      const killed = await this.#source.kill(queryId).catch(() => abandon.abort())
      if (killed !== true) await Promise.race([end, wait(25)])
    }
    if (abandon.signal.aborted) await this.#source.kill(queryId).catch(() => false)
  }

  async #explain(error: unknown): Promise<unknown> {
    return error instanceof AzimuthError || !(error instanceof Error)
      ? error
      : await this.#source.explain(error)
  }
}

/** The events of a result; tells the server to stop when its reader stops before the end, or by the signal. */
async function* streamEvents(
  answer: Answer,
  signal: AbortSignal | undefined,
  source: ClientSource,
): AsyncGenerator<readonly ResultEvent[]> {
  const tag = answer.headers['x-clickhouse-exception-tag']
  const stop = async (): Promise<void> => {
    answer.stream.destroy()
    await source.kill(answer.queryId).catch(() => false)
  }
  let stopped: Promise<void> | undefined
  let finished = false
  using _ = onAbort(signal, () => (stopped = stop()))
  try {
    yield* readResult(answer.stream, typeof tag === 'string' ? tag : undefined)
    signal?.throwIfAborted()
    finished = true
  } catch (error) {
    await stopped
    signal?.throwIfAborted()
    finished = error instanceof ClickHouseError
    throw error instanceof Error && !finished ? await source.explain(error) : error
  } finally {
    if (!finished) await (stopped ?? stop())
  }
}

/** Reads up to the columns, and leaves the rows to be read. */
async function openRows(
  events: AsyncGenerator<readonly ResultEvent[]>,
  queryId: string,
  onProgress: ((progress: Progress) => void) | undefined,
): Promise<RowStream> {
  const end = Promise.withResolvers<RunSummary>()
  end.promise.catch(() => {})
  let progress: Progress = { readRows: 0, readBytes: 0, totalRows: 0, elapsedMs: 0 }
  let columns: readonly Column[] = []
  const take = (batch: readonly ResultEvent[]): (readonly unknown[])[] => {
    const taken: (readonly unknown[])[] = []
    for (const event of batch) {
      if (event.kind === 'row') taken.push(event.row)
      else if (event.kind === 'columns') columns = event.columns
      else {
        progress = event.progress
        onProgress?.(progress)
      }
    }
    return taken
  }

  let first: (readonly unknown[])[] = []
  for (let step = await events.next(); step.done !== true; step = await events.next()) {
    first = take(step.value)
    if (columns.length > 0) break
  }

  async function* rows(): AsyncGenerator<readonly unknown[]> {
    try {
      yield* first
      for await (const batch of events) yield* take(batch)
      const { readRows, readBytes, elapsedMs } = progress
      end.resolve({ queryId, writtenRows: 0, readRows, readBytes, elapsedMs })
    } catch (error) {
      end.reject(error)
      throw error
    } finally {
      await events.return(undefined)
      end.reject(new Error('the result was not read to its end'))
    }
  }
  return { columns, rows: rows(), summary: () => end.promise }
}

function requestSettings(options: RunOptions): ClickHouseSettings {
  const { timeMs, memoryBytes, rows, resultBytes } = options.limits ?? {}
  const limits = {
    max_execution_time: timeMs === undefined ? undefined : timeMs / 1000,
    max_memory_usage: memoryBytes,
    max_result_rows: rows,
    max_result_bytes: resultBytes,
  }
  const settings: Record<string, string | number> = { ...resultSettings, ...options.settings }
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue
    if (!(value > 0)) throw new Error(`a limit must be above 0: ${name}`)
    settings[name] = value
  }
  return settings
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): Disposable {
  signal?.addEventListener('abort', listener, { once: true })
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', listener) }
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
