import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { killQuery } from './client.ts'
import { Connection, type ClientSource } from './connection.ts'
import { crashError } from './crash.ts'
import { openSession, type EngineOptions, type Session } from './session.ts'

/** Connects to the engine of a case, and starts it if it does not run. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  chmodSync(options.directory, 0o700)
  const engine = new Engine(options)
  await engine.restart(options.signal)
  return engine
}

/** The running ClickHouse of one case, shared by all commands that use it. A statement after a crash restarts it. */
export class Engine {
  readonly owner: Connection
  readonly reader: Connection
  /** The only folder whose files the engine reads; give it generated names, never an evidence name. */
  readonly stageDirectory: string
  readonly #options: EngineOptions
  #opening: Promise<Session> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.stageDirectory = join(options.directory, 'stage')
    const source = (user: 'owner' | 'reader'): ClientSource => ({
      client: async () => (await this.#open())[user],
      explain: (error) => this.#explain(error),
      kill: async (queryId) => killQuery((await this.#open()).owner, queryId),
    })
    this.owner = new Connection(source('owner'))
    this.reader = new Connection(source('reader'))
  }

  get version(): string {
    return this.#version
  }
  #version = ''

  /** Starts the engine again if it has ended, and does nothing if it runs. */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.#open(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#opening?.catch(() => undefined)
    this.#opening = Promise.reject(new Error('the engine has been closed'))
    this.#opening.catch(() => {})
    await session?.close()
  }

  #open(signal?: AbortSignal): Promise<Session> {
    if (this.#opening !== undefined) return this.#opening
    const opening = openSession(this.#options, signal)
    this.#opening = opening
    const forget = (): void => {
      if (this.#opening === opening) this.#opening = undefined
    }
    opening.then((session) => {
      this.#version = session.lease.endpoint.version
      this.#last = session
      void session.lease.closed.then(forget)
    }, forget)
    return opening
  }
  #last: Session | undefined

  async #explain(error: Error): Promise<Error> {
    const session = this.#last
    if (session === undefined) return error
    const ended = await Promise.race([session.lease.closed.then(() => true), wait(1000, false)])
    return ended ? crashError(this.#options.directory, session.exit(), error) : error
  }
}
