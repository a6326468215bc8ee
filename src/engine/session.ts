import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ClickHouseClient } from '@clickhouse/client'
import { AzimuthError } from '../error.ts'
import { logPath, startError } from './crash.ts'
import type { HostOptions } from './host.ts'
import { requestLease, type Lease } from './lease.ts'
import { findLibrary } from './library.ts'
import { readState } from './state.ts'

export interface EngineOptions {
  /** The engine's own folder in the case; made if it is not there, open to its user alone. */
  readonly directory: string
  readonly memoryLimitBytes?: number
  readonly threads?: number
  /** How long the engine stays when the last command has gone. */
  readonly lingerMs?: number
}

/** A lease on a running engine and the clients of its two users. */
export interface Session {
  readonly version: string
  readonly owner: ClickHouseClient
  readonly reader: ClickHouseClient
  /** Resolves when the engine has ended, or the lease has been given back. */
  readonly ended: Promise<void>
  /** How the engine's process ended, if this command started it. */
  readonly exit: () => Promise<string | undefined>
  readonly close: () => Promise<void>
}

const startTimeoutMs = 60_000
const defaultLingerMs = 3000
const attempts = 5

/** Takes a lease on the engine of a folder, starting the engine where none runs. */
export async function openSession(options: EngineOptions, signal?: AbortSignal): Promise<Session> {
  const timeout = AbortSignal.timeout(startTimeoutMs)
  const until = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const { directory, lingerMs = defaultLingerMs } = options
  // It is large, and loaded while the engine starts.
  const client = import('./client.ts')
  client.catch(() => {})
  let host: Host | undefined
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const state = readState(directory)
      const lease = state && (await requestLease(state, { lingerMs, signal: until }))
      if (lease !== undefined) return makeSession(await client, lease, host)
      host = await startHost(options, until)
    }
  } catch (error) {
    if (error instanceof AzimuthError) throw error
    signal?.throwIfAborted()
    if (timeout.aborted)
      throw startError(directory, `is not ready after ${startTimeoutMs / 1000} s`, { cause: error })
    throw startError(directory, 'ended while starting', { exit: await host?.exit(), cause: error })
  }
  throw startError(directory, 'takes no leases')
}

function makeSession(
  { makeClient }: typeof import('./client.ts'),
  lease: Lease,
  host: Host | undefined,
): Session {
  const { endpoint } = lease
  const url = `http://127.0.0.1:${endpoint.port}`
  const headers = { 'X-Azimuth-Key': endpoint.headerKey }
  const owner = makeClient(url, { username: 'owner', password: endpoint.ownerPassword }, headers)
  const reader = makeClient(url, { username: 'reader', password: endpoint.readerPassword }, headers)
  const closeClients = async (): Promise<void> => {
    await Promise.all([owner.close(), reader.close()])
  }
  void lease.closed.then(closeClients)
  const close = async (): Promise<void> => {
    await closeClients()
    lease.release()
    await lease.closed
  }
  return {
    version: endpoint.version,
    owner,
    reader,
    ended: lease.closed,
    exit: async () => await host?.exit(),
    close,
  }
}

interface Host {
  readonly exit: () => Promise<string | undefined>
}

/** Starts a host and waits until the folder's engine, this one or a quicker one, takes leases. */
async function startHost(options: EngineOptions, signal: AbortSignal): Promise<Host> {
  const { directory } = options
  const hostOptions: HostOptions = {
    libraryPath: findLibrary(),
    lingerMs: options.lingerMs ?? defaultLingerMs,
    memoryLimitBytes: options.memoryLimitBytes ?? defaultMemoryBytes(),
    threads: options.threads ?? availableParallelism(),
  }
  const log = openSync(logPath(directory), 'a', 0o600)
  const child = spawn(process.execPath, [hostPath(), JSON.stringify(hostOptions)], {
    cwd: directory,
    detached: true,
    env: hostEnvironment(),
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  const ending = new Promise<string>((resolve) => {
    child.once('exit', (code, name) => resolve(name ?? `exit code ${code}`))
  })
  await waitForHost(child, signal)
  child.unref()
  child.stdout?.destroy()
  return { exit: () => Promise.race([ending, wait(500, undefined)]) }
}

async function waitForHost(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const { stdout } = child
  if (stdout === null) throw new Error('the host has no output')
  const stop = (): void => void stdout.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const said = await new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      stdout.once('data', (data) => resolve(String(data)))
      stdout.once('close', () => resolve(''))
    })
    signal.throwIfAborted()
    if (said !== 'listening\n') throw new Error('the host ended before it took leases')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

// Beside this file: host.ts in the sources, host.js when built.
function hostPath(): string {
  return fileURLToPath(import.meta.url.replace(/session(\.\w+)$/, 'host$1'))
}

// Nothing of the user's environment reaches ClickHouse: it would take cloud and AI credentials from there.
function hostEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = process.env
  return { PATH, LD_LIBRARY_PATH, TZ: 'UTC', LC_ALL: 'C.UTF-8' }
}

function defaultMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(available * 0.6)
}
