import { AzimuthError } from '../error.ts'
import { makeClient, type Credentials } from './client.ts'
import { Connection } from './connection.ts'

/** Connects to a ClickHouse that runs elsewhere, such as a cluster; nothing is sent before the first statement. */
export function connectEngine(url: string, credentials: Credentials): Connection {
  const origin = parseOrigin(url)
  const client = makeClient(origin, credentials)
  return new Connection({
    client: async () => client,
    supervisor: async () => client,
    isOneServer: false,
    explain: async (error) =>
      new AzimuthError('engine-unreachable', `no answer from ${origin}: ${error.message}`, {
        hint: 'check the engine URL, and that the server runs',
        cause: error,
      }),
    close: () => client.close(),
  })
}

function parseOrigin(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new AzimuthError('engine-url', 'the engine URL is not an http or https URL', {
      hint: 'write it as https://host:8443',
    })
  }
  return url.origin
}
