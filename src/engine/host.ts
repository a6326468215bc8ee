import { randomBytes } from 'node:crypto'
import { ftruncateSync } from 'node:fs'
import { Socket } from 'node:net'
import { writeConfig, type Secrets, type Sizes } from './config.ts'
import { LeaseServer, type Endpoint } from './lease.ts'
import { FileLock, loadLibrary, makePipe, runEngine } from './native.ts'
import { removeState, writeState } from './state.ts'

// The process that is the engine: ClickHouse runs in threads of its own, this file keeps the leases. It is started in
// the engine's folder and names everything relative to it, since ClickHouse does not take every path. It says
// `listening` when the folder's engine takes leases, be it this process or another that was quicker.

export interface HostOptions extends Sizes {
  readonly libraryPath: string
  readonly lingerMs: number
}

try {
  await main(JSON.parse(process.argv[2] ?? '') as HostOptions)
} catch (error) {
  process.stderr.write(`${String(error)}\n`)
  process.exit(1)
}

async function main({ libraryPath, lingerMs, ...sizes }: HostOptions): Promise<void> {
  process.stdout.on('error', () => {})
  loadLibrary(libraryPath)
  // The engine's lock is opened first: a dying process closes it before it lets a successor start.
  const running = new FileLock('running.lock')
  const starting = new FileLock('starting.lock')
  await starting.acquire()
  if (!running.tryAcquire()) {
    process.stdout.write('listening\n', () => process.exit())
    return
  }
  ftruncateSync(2)
  const secrets = makeSecrets()
  writeConfig(secrets, sizes)
  const started = Promise.withResolvers<Endpoint>()
  const leases = new LeaseServer(started.promise, () => void endWhenIdle())
  writeState('.', await leases.listen())
  leases.expectLease(Math.max(lingerMs, 5000))
  starting.release()
  process.stdout.write('listening\n')

  const { port, version } = await startClickHouse()
  started.resolve({ ...secrets, port, version, pid: process.pid })

  async function endWhenIdle(): Promise<void> {
    await starting.acquire()
    if (leases.inUse) {
      starting.release()
      return
    }
    removeState('..')
    leases.close()
    end('SIGTERM')
  }
}

function makeSecrets(): Secrets {
  const [headerKey, ownerPassword, readerPassword] = [makeSecret(), makeSecret(), makeSecret()]
  return { headerKey, ownerPassword, readerPassword }
}

function makeSecret(): string {
  return randomBytes(24).toString('base64url')
}

/** Starts the server and gives the port it chose. Its last statement never ends, which keeps the server alive. */
async function startClickHouse(): Promise<{ port: number; version: string }> {
  const pipe = makePipe()
  process.chdir('stage')
  const statements = [
    'CREATE DATABASE IF NOT EXISTS logs',
    'CREATE DATABASE IF NOT EXISTS ledger',
    'SYSTEM START LISTEN HTTP',
    `SELECT getServerPort('http_port'), version() INTO OUTFILE '/dev/fd/${pipe.write}' APPEND FORMAT TSV`,
    `SELECT sleepEachRow(1) FROM system.numbers
     SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 3000000 FORMAT Null`,
  ]
  const argv = ['clickhouse', '--config-file=../config.xml', '--query', statements.join(';')]
  void runEngine(argv).finally(() => end('SIGKILL'))
  const output = new Socket({ fd: pipe.read, readable: true, writable: false })
  const line = await new Promise<string>((resolve) => output.once('data', (data) => resolve(String(data))))
  output.destroy()
  const [port, version = ''] = line.trimEnd().split('\t')
  return { port: Number(port), version }
}

// `process.exit()` would wait for the engine's threads for ever.
function end(signal: NodeJS.Signals): void {
  process.kill(process.pid, signal)
}
