import { AzimuthError } from '../error.ts'
import { sql } from '../sql/template.ts'
import type { Spread } from '../sql/table-definition.ts'
import type { Connection } from './connection.ts'

interface Server {
  readonly url: string
  readonly connection: Connection
}

interface Arrangement {
  /** Undefined where one server holds all rows. */
  readonly spread: Spread | undefined
  /** A server for each shard. */
  readonly shards: readonly Server[]
}

interface Member {
  readonly cluster: string
  readonly shard: number
  readonly host: string
  readonly port: number
  readonly isHere: boolean
}

const oldestVersion = [26, 7] as const

/** The server's version; one that is older than the one that statements are written for is refused. */
export async function checkVersion(connection: Connection): Promise<string> {
  const [row] = await connection.rows<{ version: string }>(sql`SELECT version() AS version`)
  const version = row?.version ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])) return version
  throw new AzimuthError('engine-version', `the server is ClickHouse ${version}`, {
    hint: `update it to ${oldestVersion.join('.')} or later`,
  })
}

/** Finds the cluster that the first server belongs to, and which of the servers holds which shard. */
export async function arrange(servers: readonly Server[], named: string | undefined): Promise<Arrangement> {
  const [entry] = servers
  if (entry === undefined) throw new Error('an engine has an address')
  const members = await membersOf(entry.connection)
  const cluster = named ?? clusterOf(members)
  if (cluster === undefined) return alone(servers, entry)
  const own = members.filter((member) => member.cluster === cluster)
  if (own.length === 0) throw unknownCluster(cluster, members)
  const shards = Map.groupBy(own, ({ shard }) => shard)
  const isReplicated = await hasKeeper(entry.connection)
  if (own.length > shards.size && !isReplicated) {
    throw new AzimuthError('engine-cluster', `shards of ${cluster} have replicas, and there is no Keeper`, {
      hint: 'configure Keeper, without which replicas drift apart, or a cluster of one replica a shard',
    })
  }
  const found = new Map<number, Server>()
  for (const server of servers) {
    const place = (await membersOf(server.connection)).find((each) => each.cluster === cluster && each.isHere)
    if (place === undefined) {
      throw new AzimuthError('engine-cluster', `${server.url} is not a server of the cluster ${cluster}`, {
        hint: 'name servers of one cluster, each by its own address',
      })
    }
    if (!found.has(place.shard)) found.set(place.shard, server)
  }
  const missing = own.find(({ shard }) => !found.has(shard))
  if (missing !== undefined) {
    const { shard, host, port } = missing
    throw new AzimuthError(
      'engine-shards',
      `no address is known of shard ${shard} of ${cluster} (${host}:${port})`,
      {
        hint: 'name a server of each shard by its HTTP address: --engine URL --engine URL',
      },
    )
  }
  return {
    spread: { cluster, isReplicated },
    shards: [...found].toSorted(([a], [b]) => a - b).map(([, server]) => server),
  }
}

function alone(servers: readonly Server[], entry: Server): Arrangement {
  if (servers.length === 1) return { spread: undefined, shards: [entry] }
  throw new AzimuthError('engine-cluster', `${entry.url} belongs to no cluster`, {
    hint: 'name one server, or configure remote_servers on all of them',
  })
}

/** The one cluster of several servers that the server belongs to; none where it stands alone. */
function clusterOf(members: readonly Member[]): string | undefined {
  const large = [...Map.groupBy(members, ({ cluster }) => cluster)]
    .filter(([, own]) => own.length > 1 && own.some(({ isHere }) => isHere))
    .map(([cluster]) => cluster)
  if (large.length < 2) return large[0]
  throw new AzimuthError('engine-cluster', `the server belongs to several clusters: ${large.join(', ')}`, {
    hint: 'choose one with --engine-cluster NAME',
  })
}

function unknownCluster(cluster: string, members: readonly Member[]): AzimuthError {
  const names = [...new Set(members.map((member) => member.cluster))]
  return new AzimuthError('engine-cluster', `the server knows no cluster ${JSON.stringify(cluster)}`, {
    hint: names.length === 0 ? 'it knows none: leave --engine-cluster out' : `it knows ${names.join(', ')}`,
  })
}

async function membersOf(connection: Connection): Promise<readonly Member[]> {
  return await connection.rows<Member>(
    sql`SELECT cluster, shard_num AS shard, host_name AS host, port, is_local = 1 AS isHere FROM system.clusters
      ORDER BY cluster, shard_num, replica_num`,
  )
}

async function hasKeeper(connection: Connection): Promise<boolean> {
  const found = await connection.rows(
    sql`SELECT 1 FROM system.tables WHERE database = 'system' AND name = 'zookeeper'`,
  )
  return found.length > 0
}
