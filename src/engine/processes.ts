import type { ClickHouseClient } from '@clickhouse/client'

export interface Progress {
  readonly readRows: number
  readonly readBytes: number
  /** As far as ClickHouse knows it; 0 where it does not. */
  readonly totalRows: number
  readonly elapsedMs: number
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
