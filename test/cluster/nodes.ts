import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, closeSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A user whom the nodes know. */
export interface NodeUser {
  readonly name: string
  readonly password: string
  /** Settings, such as `readonly = 2`. */
  readonly settings: Readonly<Record<string, string>>
  /** `GRANT … ON …`, without to whom. */
  readonly grants: readonly string[]
}

/** A ClickHouse server of a test's cluster. */
export interface Node extends AsyncDisposable {
  readonly url: string
  /** Its process, while it runs. */
  readonly pid: number
  start(): Promise<void>
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
}

/** Makes a cluster `azimuth` of real ClickHouse servers, one a shard, which know each other by their native ports. */
export async function makeNodes(
  folder: string,
  count: number,
  users: readonly NodeUser[],
): Promise<readonly Node[]> {
  const ports = await freePorts(3 * count)
  const places = Array.from({ length: count }, (_, index) => ({
    directory: join(folder, `node${index + 1}`),
    http: ports[3 * index] ?? 0,
    native: ports[3 * index + 1] ?? 0,
    door: ports[3 * index + 2] ?? 0,
  }))
  const nodes = places.map((place) => {
    mkdirSync(place.directory, { recursive: true })
    writeFileSync(join(place.directory, 'config.xml'), configXml(place, places))
    writeFileSync(join(place.directory, 'users.xml'), usersXml(users))
    return makeNode(place)
  })
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

interface Place {
  readonly directory: string
  readonly http: number
  readonly native: number
  /** Where the other nodes come in. */
  readonly door: number
}

function makeNode({ directory, http, native, door }: Place): Node {
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
    child = spawn(process.execPath, [join(import.meta.dirname, 'host.ts'), `${door}`, `${native}`], {
      cwd: directory,
      env: { PATH: process.env['PATH'], TZ: 'America/New_York', LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', log, log],
    })
    closeSync(log)
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`the node in ${directory} ended while it started`)
      await wait(20)
    }
  }
  return {
    url,
    get pid() {
      return child?.pid ?? 0
    },
    start,
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(`${url}/ping`).then(
    (response) => response.ok,
    () => false,
  )
}

function configXml(own: Place, places: readonly Place[]): string {
  const { http, native } = own
  const shards = places.map((place) => {
    const port = place === own ? native : place.door
    return `<shard><replica><host>127.0.0.1</host><port>${port}</port></replica></shard>`
  })
  return `<clickhouse>
  <logger><level>error</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${native}</tcp_port>
  <path>./data/</path>
  <tmp_path>./data/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <max_server_memory_usage>4000000000</max_server_memory_usage>
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

function usersXml(users: readonly NodeUser[]): string {
  const starter = { name: 'default', password: '', settings: {}, grants: startingGrants }
  const all = [starter, ...users]
  const profiles = all.map(({ name, settings }) => {
    const values = Object.entries(settings).map(([setting, value]) => `<${setting}>${value}</${setting}>`)
    return `<of_${name}>${values.join('')}</of_${name}>`
  })
  const entries = all.map(({ name, password, grants }) => {
    const queries = grants.map((grant) => `<query>${grant}</query>`).join('')
    return `<${name}><password>${password}</password><networks><ip>127.0.0.1</ip></networks>
      <profile>of_${name}</profile><quota>default</quota><grants>${queries}</grants></${name}>`
  })
  return `<clickhouse>
  <profiles><default><max_threads>2</max_threads></default>${profiles.join('')}</profiles>
  <quotas><default/></quotas>
  <users>${entries.join('')}</users>
</clickhouse>
`
}

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
