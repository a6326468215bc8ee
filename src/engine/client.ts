import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface Progress {
  readonly readRows: number
  readonly readBytes: number
  /** As far as ClickHouse knows it; 0 where it does not. */
  readonly totalRows: number
  readonly elapsedMs: number
}

// A statement may run for hours without a byte on the wire; limits end it, not the socket.
const requestTimeoutMs = 2 ** 31 - 1

/** The one client for every ClickHouse, private or not. */
export function makeClient(
  url: string,
  credentials: Credentials,
  headers: Readonly<Record<string, string>> = {},
): ClickHouseClient {
  return createClient({
    url,
    ...credentials,
    http_headers: { ...headers },
    application: 'azimuth',
    request_timeout: requestTimeoutMs,
    max_open_connections: 64,
    compression: { request: false, response: false },
    log: { level: ClickHouseLogLevel.OFF },
  })
}

/** Kills a query and waits for its end; false if there was none. */
export async function killQuery(client: ClickHouseClient, queryId: string): Promise<boolean> {
  const rows = await askAbout(client, queryId, 'KILL QUERY WHERE query_id = {queryId: String} SYNC')
  return rows.length > 0
}

/** How far a running query has come; undefined if it does not run. */
export async function askProgress(client: ClickHouseClient, queryId: string): Promise<Progress | undefined> {
  const statement = `SELECT toFloat64(read_rows) AS readRows, toFloat64(read_bytes) AS readBytes,
    toFloat64(total_rows_approx) AS totalRows, elapsed * 1000 AS elapsedMs
    FROM system.processes WHERE query_id = {queryId: String}`
  const [progress] = await askAbout(client, queryId, statement)
  return progress
}

async function askAbout(client: ClickHouseClient, queryId: string, query: string): Promise<Progress[]> {
  const result = await client.query({ query, query_params: { queryId }, format: 'JSONEachRow' })
  return await result.json<Progress>()
}
