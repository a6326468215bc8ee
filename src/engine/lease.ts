import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, connect, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Secrets } from './config.ts'
import type { EngineState } from './state.ts'

// A lease is an open loopback socket: when a command ends, however it ends, the system closes it. Both sides prove
// that they know the key before anything else is said, since a stranger may hold the port of a dead engine.
//   command: nonce          engine: proof nonce
//   command: proof linger   engine: granted
//                           engine: endpoint (JSON), once ClickHouse listens

const maximumGreetingBytes = 1024

/** What a command needs to talk to the engine; told over a lease only. */
export interface Endpoint extends Secrets {
  readonly port: number
  readonly pid: number
  readonly version: string
}

/** A lease that the engine granted. */
export interface Lease {
  readonly endpoint: Endpoint
  readonly closed: Promise<void>
  release(): void
}

/** Asks the engine for a lease; undefined where none answers to the key. Throws if it ends while it starts. */
export async function requestLease(
  state: EngineState,
  options: { readonly lingerMs: number; readonly signal: AbortSignal },
): Promise<Lease | undefined> {
  const { signal } = options
  signal.throwIfAborted()
  const socket = connect({ host: '127.0.0.1', port: state.leasePort, noDelay: true })
  // Not the socket's own `signal`: that would end the lease whenever it fires, long after it was granted.
  const abandon = (): void => void socket.destroy()
  signal.addEventListener('abort', abandon, { once: true })
  try {
    return await negotiate(socket, state, options)
  } finally {
    signal.removeEventListener('abort', abandon)
  }
}

async function negotiate(
  socket: Socket,
  state: EngineState,
  { lingerMs, signal }: { readonly lingerMs: number; readonly signal: AbortSignal },
): Promise<Lease | undefined> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const nonce = randomBytes(32).toString('hex')
  socket.write(`${nonce}\n`)
  const [proof, challenge] = ((await nextLine(lines)) ?? '').split(' ')
  if (!proves(state.leaseKey, `engine ${nonce}`, proof) || challenge === undefined) {
    socket.destroy()
    signal.throwIfAborted()
    return undefined
  }
  socket.write(`${prove(state.leaseKey, `command ${challenge}`)} ${lingerMs}\n`)
  const granted = await nextLine(lines)
  const answer = granted && (await nextLine(lines))
  if (answer === undefined) {
    signal.throwIfAborted()
    if (granted === undefined) return undefined
    throw new Error('the engine ended while it was starting')
  }
  socket.unref()
  const endpoint = JSON.parse(answer) as Endpoint // proven to come from our own host
  return { endpoint, closed, release: () => socket.destroy() }
}

/** Grants leases and calls `onIdle` when the last one has been closed for as long as it asked. */
export class LeaseServer {
  readonly #key = randomBytes(32).toString('hex')
  readonly #leases = new Set<Socket>()
  readonly #server: Server
  readonly #endpoint: Promise<Endpoint>
  readonly #onIdle: () => void
  #idleTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(endpoint: Promise<Endpoint>, onIdle: () => void) {
    this.#endpoint = endpoint
    this.#onIdle = onIdle
    this.#server = createServer({ noDelay: true }, (socket) => void this.#serve(socket))
  }

  get inUse(): boolean {
    return this.#leases.size > 0
  }

  async listen(): Promise<EngineState> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port for leases')
    return { leasePort: address.port, leaseKey: this.#key }
  }

  /** Grants no more leases. */
  close(): void {
    this.#closed = true
    this.#server.close()
  }

  /** Ends the engine in `lingerMs` unless a command takes a lease before. */
  expectLease(lingerMs: number): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(this.#onIdle, lingerMs)
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => {})
    socket.setTimeout(5000, () => socket.destroy())
    socket.on('data', () => socket.bytesRead > maximumGreetingBytes && socket.destroy())
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    const nonce = await nextLine(lines)
    if (nonce === undefined) return
    const challenge = randomBytes(32).toString('hex')
    socket.write(`${prove(this.#key, `engine ${nonce}`)} ${challenge}\n`)
    const [proof, linger] = ((await nextLine(lines)) ?? '').split(' ')
    if (this.#closed || !proves(this.#key, `command ${challenge}`, proof)) {
      socket.destroy()
      return
    }
    socket.setTimeout(0)
    this.#grant(socket, Number(linger))
    socket.write('granted\n')
    const endpoint = await this.#endpoint
    socket.write(`${JSON.stringify(endpoint)}\n`)
  }

  #grant(socket: Socket, lingerMs: number): void {
    clearTimeout(this.#idleTimer)
    this.#leases.add(socket)
    const drop = (): void => {
      if (this.#leases.delete(socket) && this.#leases.size === 0) this.expectLease(lingerMs)
    }
    socket.once('close', drop)
    if (socket.destroyed) drop()
  }
}

function prove(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

function proves(key: string, text: string, proof: string | undefined): boolean {
  const expected = Buffer.from(prove(key, text))
  const given = Buffer.from(proof ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** The next line; undefined when the other side has gone, in whatever way. */
async function nextLine(lines: AsyncIterator<string>): Promise<string | undefined> {
  try {
    const { value, done } = await lines.next()
    return done === true ? undefined : value
  } catch {
    return undefined
  }
}
