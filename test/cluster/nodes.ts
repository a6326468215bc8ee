import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const administrator = { username: 'administrator', password: 'of the cluster' } as const

/** A ClickHouse server of a test's cluster. */
export interface Node extends AsyncDisposable {
  readonly url: string
  start(): Promise<void>
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
}

/** Makes a cluster `azimuth` of real ClickHouse servers, one a shard, which know each other by their native ports. */
export async function makeNodes(folder: string, count: number): Promise<readonly Node[]> {
  const ports = await freePorts(3 * count)
  const places = Array.from({ length: count }, (_, index) => ({
    directory: join(folder, `node${index + 1}`),
    http: ports[3 * index] ?? 0,
    native: ports[3 * index + 1] ?? 0,
  }))
  const nodes = places.map((place) => {
    mkdirSync(place.directory, { recursive: true })
    writeFileSync(join(place.directory, 'config.xml'), configXml(place, places))
    writeFileSync(join(place.directory, 'users.xml'), usersXml)
    return makeNode(place)
  })
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

interface Place {
  readonly directory: string
  readonly http: number
  readonly native: number
}

function makeNode({ directory, http }: Place): Node {
  const url = `http://127.0.0.1:${http}`
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const start = async (): Promise<void> => {
    const log = openSync(join(directory, 'node.log'), 'a')
    child = spawn(process.execPath, [join(import.meta.dirname, 'host.ts')], {
      cwd: directory,
      env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', log, log],
    })
    closeSync(log)
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`the node in ${directory} ended while it started`)
      await wait(20)
    }
  }
  return { url, start, kill, [Symbol.asyncDispose]: kill }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(`${url}/ping`).then(
    (response) => response.ok,
    () => false,
  )
}

function configXml({ http, native }: Place, places: readonly Place[]): string {
  const shards = places.map(
    (place) => `<shard><replica><host>127.0.0.1</host><port>${place.native}</port></replica></shard>`,
  )
  return `<clickhouse>
  <logger><level>error</level><console>1</console></logger>
  <timezone>America/New_York</timezone>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${native}</tcp_port>
  <path>./data/</path>
  <tmp_path>./data/tmp/</tmp_path>
  <user_directories>
    <users_xml><path>users.xml</path></users_xml>
    <local_directory><path>./data/access/</path></local_directory>
  </user_directories>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <send_crash_reports><enabled>false</enabled></send_crash_reports>
  <access_control_improvements>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <table_engines_require_grant>true</table_engines_require_grant>
  </access_control_improvements>
  <remote_servers replace="1"><azimuth><secret>of the nodes</secret>${shards.join('')}</azimuth></remote_servers>
</clickhouse>
`
}

const startingGrants = ['GRANT SYSTEM LISTEN ON *.*', 'GRANT SELECT ON system.numbers']

const usersXml = `<clickhouse>
  <profiles><default><max_threads>2</max_threads></default></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants>${startingGrants.map((grant) => `<query>${grant}</query>`).join('')}</grants></default>
    <${administrator.username}><password>${administrator.password}</password><networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota><access_management>1</access_management>
      <named_collection_control>1</named_collection_control></${administrator.username}>
  </users>
</clickhouse>
`

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map(async (server) => await new Promise((closed) => server.close(closed))))
  return ports
}
