import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AzimuthError } from '../error.ts'
import type { DatabaseNames } from '../sql/database.ts'
import type { CaseEngine } from './case-engine.ts'
import { makeClient, type Credentials } from './client.ts'
import { Connection } from './connection.ts'
import { readerGuards, replicaSettings, standingSettings } from './remote-settings.ts'
import { arrange, checkVersion } from './topology.ts'

/** Where the servers of a case are, without what proves who asks. */
export interface RemoteAddress {
  /** One server a shard, as `http(s)://host:port`; questions go to the first. */
  readonly urls: readonly string[]
  readonly user: string
  /** One of `system.clusters`; found there where none is named. */
  readonly cluster?: string
  /** What the names of the case's databases begin with. */
  readonly database: string
}

export interface RemoteOptions {
  readonly password: string
  /** A folder of the case's own, for what is sent. */
  readonly directory: string
  /** What the ids of the case's queries begin with. */
  readonly queryIdPrefix: string
}

/** Connects to a ClickHouse server or cluster, and learns how its shards are laid out. */
export async function openRemote(address: RemoteAddress, options: RemoteOptions): Promise<CaseEngine> {
  const credentials = { username: address.user, password: options.password }
  const { queryIdPrefix } = options
  const whole = namesOf(address.database, '')
  const opened: Connection[] = []
  const connect = (url: string, databases: DatabaseNames, guards = {}): Connection => {
    const settings = { ...standingSettings, ...guards }
    const connection = connectServer(url, credentials, { databases, settings, queryIdPrefix })
    opened.push(connection)
    return connection
  }
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((connection) => connection[Symbol.asyncDispose]()))
  }
  try {
    const [entry = ''] = address.urls
    const servers = address.urls.map((url) => ({ url, connection: connect(url, whole) }))
    const [version = ''] = await Promise.all(servers.map(({ connection }) => checkVersion(connection)))
    const { spread, shards } = await arrange(servers, address.cluster)
    const guards = spread?.isReplicated === true ? replicaSettings : {}
    const owner = connect(entry, whole, guards)
    const stageDirectory = join(options.directory, 'stage')
    await mkdir(stageDirectory, { recursive: true, mode: 0o700 })
    return {
      owner,
      reader: connect(entry, whole, { ...guards, ...readerGuards }),
      parts: shards.map(({ url }) => ({
        whole: connect(url, whole, guards),
        own: connect(url, spread === undefined ? whole : namesOf(address.database, '_part'), guards),
      })),
      ...(spread && { spread }),
      version,
      stageDirectory,
      readsFiles: false,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Looks at servers; fails where one does not answer, does not know the user, or they are no cluster together. */
export async function probeRemote(
  address: RemoteAddress,
  password: string,
): Promise<{ readonly version: string; readonly shards: number }> {
  const credentials = { username: address.user, password }
  const databases = namesOf(address.database, '')
  const servers = address.urls.map((url) => ({
    url,
    connection: connectServer(url, credentials, { databases }),
  }))
  try {
    const versions = await Promise.all(servers.map(({ connection }) => checkVersion(connection)))
    const { shards } = await arrange(servers, address.cluster)
    return { version: versions[0] ?? '', shards: shards.length }
  } finally {
    await Promise.all(servers.map(({ connection }) => connection[Symbol.asyncDispose]()))
  }
}

function namesOf(prefix: string, suffix: '' | '_part'): DatabaseNames {
  return {
    logs: `${prefix}_logs${suffix}`,
    ledger: `${prefix}_ledger${suffix}`,
    reference: `${prefix}_reference`,
    wholeLedger: `${prefix}_ledger`,
  }
}

/** Connects to one server that runs elsewhere; nothing is sent before the first statement. */
export function connectServer(
  url: string,
  credentials: Credentials,
  context: {
    readonly databases: DatabaseNames
    readonly settings?: Readonly<Record<string, string | number>>
    readonly queryIdPrefix?: string
  },
): Connection {
  const client = makeClient(url, credentials)
  return new Connection({
    ...context,
    client: async () => client,
    supervisor: async () => client,
    isOneServer: false,
    explain: async (error) =>
      new AzimuthError('engine-unreachable', `no answer from ${url}: ${error.message}`, {
        hint: 'check the engine URL, and that the server runs; then run the command again',
        cause: error,
      }),
    close: () => client.close(),
  })
}
