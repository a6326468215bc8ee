import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readerLimits, readerSettings, sharedSettings } from './settings.ts'

export interface Secrets {
  readonly headerKey: string
  readonly ownerPassword: string
  readonly readerPassword: string
}

export interface Sizes {
  readonly memoryLimitBytes: number
  readonly threads: number
}

/** Writes the server's configuration into the working folder, readable by its user alone. */
export function writeConfig(secrets: Secrets, sizes: Sizes): void {
  for (const name of ['data', 'stage']) mkdirSync(name, { recursive: true, mode: 0o700 })
  writeFileSync('config.xml', serverXml(secrets, sizes), { mode: 0o600 })
  writeFileSync('users.xml', usersXml(secrets, sizes), { mode: 0o600 })
}

// Each merge of tables as wide as these holds buffers for all columns: the engine's usual 32 at once would take gigabytes.
// While one is running, the other place takes none but the smallest: a deletion need not wait for a merge to end.
const backgroundPlaces = 2

/**
 * So much of what statements have freed waits for others in the engine's allocator, for each thread. It would let it wait
 * for five seconds, however much it is: with a fifth of the memory limit as its bound, a long ingest holds half a gigabyte
 * that nobody uses.
 */
const freedBytesOfThread = 32e6
const minFreedBytes = 128e6

// A merge holds a block of each of its parts; of wide rows, as the Activity Log's, usual blocks come to a third of a gigabyte.
const mergedBlockBytes = 2 ** 21

// Every request needs the random header: `default` has no password, and `file()` asks for no grant. Paths start in the
// stage folder, since `file()` resolves a name against the working folder. Write buffers grow with what they hold: at their
// full size from the start, those of a wide table take half a gigabyte.
function serverXml(secrets: Secrets, sizes: Sizes): string {
  return `<clickhouse>
  <logger><log>../engine.log</log></logger>
  <log-level>fatal</log-level>
  <timezone>UTC</timezone>
  <listen_host>127.0.0.1</listen_host>
  <http_port>0</http_port>
  <path>../data/</path>
  <tmp_path>../data/tmp/</tmp_path>
  <user_files_path>./</user_files_path>
  <users_config>users.xml</users_config>
  <max_server_memory_usage>${sizes.memoryLimitBytes}</max_server_memory_usage>
  <memory_worker_purge_dirty_pages_threshold_ratio>${freedShare(sizes)}</memory_worker_purge_dirty_pages_threshold_ratio>
  <mark_cache_size>268435456</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <background_pool_size>${backgroundPlaces}</background_pool_size>
  <background_merges_mutations_concurrency_ratio>1</background_merges_mutations_concurrency_ratio>
  <merge_tree>
    <merge_max_block_size_bytes>${mergedBlockBytes}</merge_max_block_size_bytes>
    <min_columns_to_activate_adaptive_write_buffer>1</min_columns_to_activate_adaptive_write_buffer>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>2</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <max_bytes_to_merge_at_min_space_in_pool>1</max_bytes_to_merge_at_min_space_in_pool>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
  <send_crash_reports><enabled>false</enabled></send_crash_reports>
  <access_control_improvements>
    <settings_constraints_replace_previous>true</settings_constraints_replace_previous>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
    <on_cluster_queries_require_cluster_grant>true</on_cluster_queries_require_cluster_grant>
    <table_engines_require_grant>true</table_engines_require_grant>
  </access_control_improvements>
  <http_handlers>
    <rule><url>/ping</url><methods>GET</methods>
      <handler><type>static</type><response_content>Ok.</response_content></handler></rule>
    <rule><url>regex:/.*</url><methods>POST,GET</methods>
      <headers><X-Azimuth-Key>${secrets.headerKey}</X-Azimuth-Key></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler></rule>
  </http_handlers>
</clickhouse>
`
}

function freedShare({ memoryLimitBytes, threads }: Sizes): number {
  return Math.min(1, Math.max(minFreedBytes, freedBytesOfThread * threads) / memoryLimitBytes)
}

const ownerGrants = [
  'GRANT SHOW, SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE, KILL QUERY, SYSTEM ON *.*',
  'GRANT TABLE ENGINE ON *',
  'GRANT FILE ON *.*',
]
const readerGrants = ['GRANT SELECT ON logs.*', 'GRANT SELECT, dictGet ON reference.*']
const startingGrants = [
  'GRANT SYSTEM LISTEN ON *.*',
  'GRANT SELECT ON system.numbers',
  'GRANT CREATE DATABASE ON logs.*',
  'GRANT CREATE DATABASE ON ledger.*',
  // Dictionaries fill themselves as this user.
  'GRANT SELECT ON reference.*',
]

// Mapped into memory, which is this library's default, a file that is cut short while it is read would end the engine.
const ownerSettings = { storage_file_read_method: 'pread' } as const

function usersXml(secrets: Secrets, sizes: Sizes): string {
  return `<clickhouse>
  <profiles>
    <default>${elements({ max_threads: sizes.threads, ...ownerSettings, ...sharedSettings })}</default>
    <reader>
      ${readerProfile(sizes)}
    </reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    ${user('default', '<password/>', 'default', startingGrants)}
    ${user('owner', passwordXml(secrets.ownerPassword), 'default', ownerGrants)}
    ${user('reader', passwordXml(secrets.readerPassword), 'reader', readerGrants)}
  </users>
</clickhouse>
`
}

// readonly = 1 refuses every setting but those marked `changeable_in_readonly`, and those only within their bounds.
function readerProfile(sizes: Sizes): string {
  const limits = readerLimits(sizes)
  const values = elements({ readonly: 1, max_threads: sizes.threads, ...readerSettings.fixed })
  const defaults = limits.map((limit) => element(limit.name, limit.initial))
  const bounds = limits.map(
    ({ name, min, max }) => `<${name}><min>${min}</min><max>${max}</max><changeable_in_readonly/></${name}>`,
  )
  const free = readerSettings.free.map((name) => `<${name}><changeable_in_readonly/></${name}>`)
  return [values, ...defaults, '<constraints>', ...bounds, ...free, '</constraints>'].join('\n      ')
}

function user(name: string, password: string, profile: string, grants: readonly string[]): string {
  const queries = grants.map((grant) => element('query', grant)).join('')
  return `<${name}>${password}<networks><ip>127.0.0.1</ip></networks><profile>${profile}</profile><quota>default</quota><grants>${queries}</grants></${name}>`
}

function passwordXml(password: string): string {
  return element('password_sha256_hex', createHash('sha256').update(password).digest('hex'))
}

function elements(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => element(name, value))
    .join('')
}

function element(name: string, value: string | number): string {
  return `<${name}>${value}</${name}>`
}
