import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql, type Sql } from '../sql/template.ts'
import { ClickHouseError } from './errors.ts'
import { openEngine, type Engine } from './engine.ts'

let engine: Engine
let port = 0
let key = ''
const root = mkdtempSync(join(tmpdir(), 'azimuth-engine-'))

beforeAll(async () => {
  const directory = join(root, 'engine')
  engine = await openEngine({ directory, lingerMs: 0, memoryLimitBytes: 2 ** 31, threads: 2 })
  const [row] = await engine.owner.rows<{ port: number }>(sql`SELECT getServerPort('http_port') AS port`)
  port = row?.port ?? 0
  key =
    /<X-Azimuth-Key>(.*)<\/X-Azimuth-Key>/.exec(readFileSync(join(directory, 'config.xml'), 'utf8'))?.[1] ??
    ''
  await engine.owner.command(sql`CREATE TABLE logs.T (n UInt64) ORDER BY n`)
  await engine.owner.command(sql`INSERT INTO logs.T VALUES (7)`)
  await engine.owner.command(sql`CREATE TABLE ledger.Secret (n UInt64) ORDER BY n`)
  writeFileSync(join(engine.stageDirectory, 'staged.txt'), 'evidence\n')
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, maxRetries: 20, retryDelay: 50 })
})

interface Reply {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

describe('a caller without the key', () => {
  const paths = [
    '/',
    '/play',
    '/dashboard',
    '/binary',
    '/merges',
    '/jemalloc',
    '/webterminal',
    '/replicas_status',
    '/js/uplot.js',
    '/metrics',
    '/?query=SELECT%201',
    '/?query=SELECT%20file(%27/etc/passwd%27)',
    '/?user=default&query=SELECT%201',
    '/?add_http_cors_header=1&query=SELECT%20file(%27/etc/passwd%27)',
    '/ping?query=SELECT%20file(%27/etc/passwd%27)',
  ]
  const callers = {
    'no header': {},
    'a wrong key': { 'X-Azimuth-Key': 'wrong' },
    'an empty key': { 'X-Azimuth-Key': '' },
    'the name of a user': { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': '' },
    'an origin': { Origin: 'https://evil.example' },
  }
  const cases = Object.entries(callers).flatMap(([name, headers]) =>
    ['GET', 'POST', 'OPTIONS', 'PUT', 'HEAD'].map((method) => ({ name, headers, method })),
  )

  test.each(cases)('gets nothing by $method with $name', async ({ headers, method }) => {
    for (const path of paths) {
      const reply = await ask(path, { method, headers, ...(method === 'POST' ? { body: 'SELECT 42' } : {}) })
      const isPing = path.startsWith('/ping') && method === 'GET'
      expect([path, reply.status, reply.body.includes('root:')]).toEqual([
        path,
        isPing ? 200 : reply.status,
        false,
      ])
      if (!isPing) expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(reply.body).not.toMatch(/42\n/)
      expect(reply.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('a key alone is no password', async () => {
    for (const user of ['owner', 'reader']) {
      const headers = { 'X-Azimuth-Key': key, 'X-ClickHouse-User': user, 'X-ClickHouse-Key': '' }
      const reply = await ask('/?query=SELECT%201', { headers })
      expect(reply.status).toBe(403)
    }
  })

  test('with the key, the starting user reads no table', async () => {
    const headers = { 'X-Azimuth-Key': key, 'X-ClickHouse-User': 'default' }
    for (const table of ['logs.T', 'ledger.Secret', 'system.processes', 'system.users']) {
      const reply = await ask(`/?query=SELECT%20*%20FROM%20${table}`, { headers })
      expect(reply.body).toContain('ACCESS_DENIED')
    }
  })
})

const literal = (text: string): Sql => ({ kind: 'sql', text })
const refusals = ['ACCESS_DENIED', 'READONLY', 'QUERY_IS_PROHIBITED', 'INTO_OUTFILE_NOT_ALLOWED']

async function refusalOf(text: string): Promise<string> {
  try {
    await engine.reader.command(literal(text))
    return 'allowed'
  } catch (error) {
    if (error instanceof ClickHouseError) return error.clickhouseName
    throw error
  }
}

describe('the reader', () => {
  test('reads the tables of the case', async () => {
    expect(await engine.reader.rows(sql`SELECT n FROM logs.T`)).toEqual([{ n: '7' }])
  })

  const tableFunctions = [
    `file('staged.txt', 'LineAsString')`,
    `file('/etc/passwd', 'LineAsString')`,
    `url('http://127.0.0.1:1/', 'LineAsString')`,
    `remote('127.0.0.1', 'system', 'one')`,
    `remoteSecure('127.0.0.1', 'system', 'one')`,
    `executable('id', 'TSV', 'x String')`,
    `mysql('127.0.0.1:3306', 'd', 't', 'u', 'p')`,
    `postgresql('127.0.0.1:5432', 'd', 't', 'u', 'p')`,
    `sqlite('/etc/passwd', 't')`,
    `azureBlobStorage('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:1', 'c', 'b', 'CSV', 'auto', 'x String')`,
    `hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'x String')`,
    `mongodb('127.0.0.1:27017', 'd', 'c', 'u', 'p', 'x String')`,
    `redis('127.0.0.1:6379', 'k', 'k String, v String')`,
    `odbc('DSN=x', 'd', 't')`,
    `jdbc('x', 'd', 't')`,
    `s3('http://127.0.0.1:1/bucket/key/', 'CSV', 'x String')`,
    `gcs('http://127.0.0.1:1/bucket/key/', 'CSV', 'x String')`,
    `iceberg('http://127.0.0.1:1/bucket/key/')`,
    `icebergLocal('/etc/')`,
    `deltaLake('http://127.0.0.1:1/bucket/key/')`,
    `deltaLakeLocal('/etc/')`,
    `hudi('http://127.0.0.1:1/bucket/key/')`,
    `paimonLocal('/etc/')`,
    `filesystem('/etc')`,
    `loop('ledger', 'Secret')`,
    `mergeTreeIndex('ledger', 'Secret')`,
    `mergeTreeAnalyzeIndexes('ledger', 'Secret')`,
  ]
  test.each(tableFunctions)('cannot read %s', async (call) => {
    expect(await refusalOf(`SELECT * FROM ${call}`)).toBeOneOf(refusals)
  })

  // What these name is not there, or not for this user, and they say so in words of their own.
  const others = [
    [`cluster('default', 'system', 'one')`, 'CLUSTER_DOESNT_EXIST'],
    [`fileCluster('default', '/etc/passwd', 'LineAsString')`, 'CLUSTER_DOESNT_EXIST'],
    [`urlCluster('default', 'http://127.0.0.1:1/', 'LineAsString')`, 'CLUSTER_DOESNT_EXIST'],
    [`merge('ledger', '.*')`, 'CANNOT_EXTRACT_TABLE_STRUCTURE'],
    [`mergeTreeProjection('ledger', 'Secret', 'x')`, 'NO_SUCH_PROJECTION_IN_TABLE'],
    [`dictionary('ledger.Secret')`, 'ACCESS_DENIED'],
    [`eval('SELECT * FROM ledger.Secret')`, 'SUPPORT_IS_DISABLED'],
    [`python('x')`, 'UNKNOWN_FUNCTION'],
  ] as const
  test.each(others)('finds nothing in %s', async (call, name) => {
    expect(await refusalOf(`SELECT * FROM ${call}`)).toBe(name)
  })

  const statements = [
    'CREATE TABLE logs.X (n UInt64) ORDER BY n',
    'CREATE TABLE logs.X ENGINE = File(CSV) AS SELECT 1',
    'CREATE TEMPORARY TABLE X (n UInt64)',
    'CREATE VIEW logs.V AS SELECT 1',
    'CREATE DATABASE x',
    `CREATE FUNCTION f AS (x) -> file('/etc/passwd')`,
    `CREATE DICTIONARY logs.D (n UInt64) PRIMARY KEY n SOURCE(FILE(path '/etc/passwd' format 'TSV')) LAYOUT(FLAT()) LIFETIME(1)`,
    `CREATE NAMED COLLECTION c AS url = 'x'`,
    'CREATE USER x',
    'ALTER USER reader IDENTIFIED BY $$x$$',
    'ALTER TABLE logs.T DELETE WHERE 1',
    'ALTER TABLE logs.T ADD COLUMN x UInt8',
    'INSERT INTO logs.T VALUES (1)',
    `INSERT INTO FUNCTION file('x.csv', 'CSV', 'n UInt64') VALUES (1)`,
    `INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'CSV', 'n UInt64') VALUES (1)`,
    `INSERT INTO FUNCTION null('n UInt64') VALUES (1)`,
    'DELETE FROM logs.T WHERE 1',
    'UPDATE logs.T SET n = 1 WHERE 1',
    'DROP TABLE logs.T',
    'DETACH TABLE logs.T',
    'RENAME TABLE logs.T TO logs.U',
    'EXCHANGE TABLES logs.T AND logs.U',
    'TRUNCATE TABLE logs.T',
    'OPTIMIZE TABLE logs.T FINAL',
    'GRANT ALL ON *.* TO reader',
    `SELECT 1 INTO OUTFILE 'x.csv'`,
    `KILL QUERY WHERE 1`,
    `BACKUP TABLE logs.T TO File('x.zip')`,
    `RESTORE TABLE logs.T FROM File('x.zip')`,
    'SYSTEM SHUTDOWN',
    'SYSTEM RELOAD USERS',
    'SYSTEM START LISTEN TCP',
    'SYSTEM FLUSH LOGS',
    'SHOW CREATE TABLE ledger.Secret',
    'SHOW GRANTS FOR owner',
    'SHOW CREATE USER owner',
    'CHECK TABLE ledger.Secret',
    'EXISTS TABLE ledger.Secret',
    'DESCRIBE TABLE ledger.Secret',
  ]
  test.each(['SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE logs.T'])(
    'cannot run two statements: %s',
    async (statement) => {
      expect(await refusalOf(statement)).toBe('SYNTAX_ERROR')
    },
  )

  test.each(statements)('cannot run %s', async (statement) => {
    expect(await refusalOf(statement)).toBeOneOf(refusals)
  })

  const tables =
    'users processes parts parts_columns grants named_collections server_settings ' +
    'metrics events user_processes mutations settings_profile_elements build_options disks stack_trace merges query_cache'
  test.each(tables.split(' '))('cannot read system.%s', async (table) => {
    expect(await refusalOf(`SELECT * FROM system.${table}`)).toBeOneOf(refusals)
  })

  test('learns of no table but those of the case', async () => {
    const tablesSeen = await engine.reader.rows(
      sql`SELECT database, name FROM system.tables WHERE database != 'system'`,
    )
    expect(tablesSeen).toEqual([{ database: 'logs', name: 'T' }])
    const columns = await engine.reader.rows(
      sql`SELECT DISTINCT database FROM system.columns WHERE database != 'system'`,
    )
    expect(columns).toEqual([{ database: 'logs' }])
    const databases = await engine.reader.rows(sql`SELECT name FROM system.databases WHERE name != 'system'`)
    expect(databases).toEqual([{ name: 'logs' }])
    expect(await refusalOf('SELECT * FROM ledger.Secret')).toBeOneOf(refusals)
    expect(await refusalOf('SELECT * FROM information_schema.tables')).toBeOneOf(refusals)
    expect(await refusalOf(`SELECT joinGet('ledger.Secret', 'n', 1)`)).not.toBe('allowed')
    expect(await refusalOf(`SELECT dictGet('ledger.Secret', 'n', 1)`)).not.toBe('allowed')
  })

  const limits = ['max_execution_time', 'max_memory_usage', 'max_result_rows', 'max_result_bytes']
  test.each(limits)('cannot lift %s', async (name) => {
    expect(await refusalOf(`SELECT 1 SETTINGS ${name} = 0`)).toBe('SETTING_CONSTRAINT_VIOLATION')
    expect(await refusalOf(`SELECT 1 SETTINGS ${name} = 2000000000000000`)).not.toBe('allowed')
    expect(await refusalOf(`SELECT 1 SETTINGS ${name} = 80000`)).toBe('allowed')
    expect(await refusalOf(`SET ${name} = 0`)).not.toBe('allowed')
  })

  const settings = [
    'readonly = 0',
    'readonly = 2',
    'allow_ddl = 1',
    'allow_introspection_functions = 1',
    'add_http_cors_header = 1',
    'allow_experimental_ai_functions = 1',
    'allow_python_table_function = 0',
    `result_overflow_mode = 'break'`,
    `timeout_overflow_mode = 'break'`,
    'cancel_http_readonly_queries_on_client_close = 0',
    'max_threads = 1000',
    'log_queries = 0',
    'max_query_size = 1',
  ]
  test.each(settings)('cannot set %s', async (setting) => {
    expect(await refusalOf(`SELECT 1 SETTINGS ${setting}`)).toBeOneOf(refusals)
  })

  test('gains nothing by another profile', async () => {
    const statement = sql`SELECT getSetting('readonly') AS readonly, toUInt32(getSetting('max_execution_time')) AS seconds
      SETTINGS profile = 'default'`
    expect(await engine.reader.rows(statement)).toEqual([{ readonly: 1, seconds: 3600 }])
  })

  // No grant and no setting of this server stops it, so the wall is the printer's list of functions in src/sql.
  test('could read files by the scalar function file(), which is why it is never printed', async () => {
    expect(await refusalOf(`SELECT file('/etc/passwd')`)).toBe('allowed')
  })

  test('cannot call functions that look outside', async () => {
    for (const call of [
      `catboostEvaluate('/etc/passwd', 1)`,
      `aiGenerate('x')`,
      `addressToLine(1)`,
      `showCertificate('127.0.0.1')`,
      `sleep(3.5)`,
    ]) {
      expect([call, await refusalOf(`SELECT ${call}`)]).not.toEqual([call, 'allowed'])
    }
  })
})
