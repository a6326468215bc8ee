import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'

export interface Credentials {
  readonly username: string
  readonly password: string
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
