import { chmodSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Connection, type ClientSource } from './connection.ts'
import type { CaseEngine, ServerPart } from './case-engine.ts'
import { crashError } from './crash.ts'
import { ownDatabases } from '../sql/database.ts'
import { openSession, type EngineOptions, type Session } from './session.ts'

/** Connects to the engine of a case, and starts it if it does not run. */
export async function openEngine(
  options: EngineOptions & { readonly signal?: AbortSignal },
): Promise<Engine> {
  const { signal, ...rest } = { ...options, directory: resolve(options.directory) }
  mkdirSync(rest.directory, { recursive: true, mode: 0o700 })
  chmodSync(rest.directory, 0o700)
  return new Engine(rest, await openSession(rest, signal))
}

/** The running ClickHouse of one case, shared by the commands that use it. A statement after a crash restarts it. */
export class Engine implements CaseEngine {
  readonly owner: Connection
  readonly reader: Connection
  readonly parts: readonly ServerPart[]
  readonly readsFiles = true
  /** The only folder whose files the engine reads by name; give it generated names, never an evidence name. */
  readonly stageDirectory: string
  readonly version: string
  readonly #options: EngineOptions
  #last: Session
  #session: Promise<Session> | undefined

  constructor(options: EngineOptions, session: Session) {
    this.stageDirectory = join(options.directory, 'stage')
    this.version = session.version
    this.owner = new Connection(this.#source('owner'))
    this.reader = new Connection(this.#source('reader'))
    this.parts = [{ own: this.owner, whole: this.owner }]
    this.#options = options
    this.#last = session
    this.#adopt(session, Promise.resolve(session))
  }

  /** Starts the engine again if it has ended; does nothing while it runs. */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.#open(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    this.#session = Promise.reject(new Error('the engine has been closed'))
    this.#session.catch(() => {})
    await session?.close()
  }

  async #open(signal?: AbortSignal): Promise<Session> {
    if (this.#session !== undefined) return await this.#session
    const opening = openSession(this.#options, signal)
    this.#session = opening
    try {
      const session = await opening
      this.#adopt(session, opening)
      return session
    } catch (error) {
      if (this.#session === opening) this.#session = undefined
      throw error
    }
  }

  #adopt(session: Session, opening: Promise<Session>): void {
    this.#last = session
    this.#session = opening
    void session.ended.then(() => {
      if (this.#session === opening) this.#session = undefined
    })
  }

  #source(user: 'owner' | 'reader'): ClientSource {
    return {
      client: async () => (await this.#open())[user],
      supervisor: async () => (await this.#running()).owner,
      databases: ownDatabases,
      isOneServer: true,
      explain: (error) => this.#explain(error),
      close: async () => {},
    }
  }

  async #running(): Promise<Session> {
    if (this.#session === undefined) throw new Error('the engine has ended')
    return await this.#session
  }

  /** A request's socket may close a moment before the lease does. */
  async #explain(error: Error): Promise<Error> {
    const ended = await Promise.race([this.#last.ended.then(() => true), wait(1000, false)])
    return ended ? crashError(this.#options.directory, await this.#last.exit(), error) : error
  }
}
