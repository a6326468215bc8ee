import module from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { CompileReply, CompileRequest } from './compile-text.ts'
import type { Place } from './diagnostic.ts'
import type { Schema } from './schema.ts'

export interface ThreadStart {
  /** Where this process keeps compiled code, if it does. */
  readonly compiledCode: string | undefined
}

export type ThreadRequest = CompileRequest | { readonly kind: 'statements'; readonly text: string }

export type ThreadAnswer = CompileReply | { readonly kind: 'statements'; readonly places: readonly Place[] }

export type ThreadMessage = ThreadRequest | { readonly kind: 'schema'; readonly schema: Schema }

export type ThreadReply =
  | ThreadAnswer
  | { readonly kind: 'ready' }
  | { readonly kind: 'bug'; readonly error: Error }

/** What a query had too little of. */
export type Exhaustion = 'time' | 'memory'

/** What a query may take. */
export interface ThreadLimits {
  readonly compileMs: number
  readonly heapMb: number
}

const defaultLimits: ThreadLimits = { compileMs: 10_000, heapMb: 1024 }
const longestLoadMs = 60_000
const stackMb = 4

let begun: Promise<Worker> | undefined

/** Begins a thread that the next `CompilerThread` takes over, so that the parser loads while a command still prepares. */
export function beginCompilerThread(): void {
  begun ??= startWorker(defaultLimits.heapMb)
  begun.catch(() => {})
}

/** The thread that was begun, where it is as wanted, or a new one. */
function takeWorker(heapMb: number): Promise<Worker> {
  if (begun === undefined || heapMb !== defaultLimits.heapMb) return startWorker(heapMb)
  const taken = begun
  begun = undefined
  return taken
}

/**
 * The compiler in a thread: one query at a time, each within limits of time, memory and stack. A thread that met one of
 * them is ended, and the next query gets a new one.
 */
export class CompilerThread {
  readonly #limits: ThreadLimits
  #schema: Schema
  #worker: Promise<Worker> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(schema: Schema, limits: Partial<ThreadLimits> = {}) {
    this.#schema = schema
    this.#limits = { ...defaultLimits, ...limits }
  }

  /** Resolves when the parser has been loaded and proved. */
  async ready(): Promise<void> {
    await this.#inTurn(() => this.#start())
  }

  /** Holds for the queries that are asked from now on. */
  setSchema(schema: Schema): void {
    void this.#inTurn(async () => {
      this.#schema = schema
      const worker = await this.#worker
      if (worker) post(worker, { kind: 'schema', schema })
    })
  }

  run(request: ThreadRequest, signal?: AbortSignal): Promise<ThreadAnswer | Exhaustion> {
    return this.#inTurn(() => this.#run(request, signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #start(): Promise<Worker> {
    this.#worker ??= this.#begin()
    try {
      return await this.#worker
    } catch (error) {
      this.#worker = undefined
      throw error
    }
  }

  async #begin(): Promise<Worker> {
    const worker = await takeWorker(this.#limits.heapMb)
    post(worker, { kind: 'schema', schema: this.#schema })
    return worker
  }

  async #run(request: ThreadRequest, signal: AbortSignal | undefined): Promise<ThreadAnswer | Exhaustion> {
    signal?.throwIfAborted()
    const worker = await this.#start()
    const reply = nextReply(worker, this.#limits.compileMs, signal)
    post(worker, request)
    try {
      const answer = await reply
      if (answer.kind === 'bug') throw answer.error
      if (answer.kind === 'ready') throw new Error('the compiler thread started twice')
      return answer
    } catch (error) {
      if (error instanceof ThreadEnd) {
        await this.#stop()
        signal?.throwIfAborted()
        if (error.exhaustion) return error.exhaustion
      }
      throw error
    }
  }

  async #stop(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined)
    this.#worker = undefined
    await worker?.terminate()
  }
}

/** The thread has ended, or must be ended. */
class ThreadEnd extends Error {
  readonly exhaustion: Exhaustion | undefined

  constructor(exhaustion: Exhaustion | undefined, cause?: unknown) {
    super('the compiler thread has ended', { cause })
    this.exhaustion = exhaustion
  }
}

async function startWorker(heapMb: number): Promise<Worker> {
  const cache = module.getCompileCacheDir()
  const workerData: ThreadStart = { compiledCode: cache === undefined ? undefined : dirname(cache) }
  const worker = new Worker(workerUrl(), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, stackSizeMb: stackMb },
  })
  // Its end is the concern of whoever waits for a reply; nobody may, between two queries.
  worker.on('error', () => {})
  try {
    await nextReply(worker, longestLoadMs, undefined)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return worker
}

// Beside this file: compiler-worker.ts in the sources, compiler-worker.js when built.
function workerUrl(): URL {
  return new URL(import.meta.url.replace(/compiler-thread(\.\w+)$/, 'compiler-worker$1'))
}

function post(worker: Worker, message: ThreadMessage): void {
  worker.postMessage(message)
}

/** The thread's next reply; it keeps the process alive until then. Rejects with `ThreadEnd` where there is none in time. */
async function nextReply(
  worker: Worker,
  timeMs: number,
  signal: AbortSignal | undefined,
): Promise<ThreadReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ThreadReply>()
  const failed = (error: Error & { readonly code?: string }): void => {
    reject(new ThreadEnd(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : undefined, error))
  }
  const exited = (): void => reject(new ThreadEnd(undefined))
  const timer = setTimeout(() => reject(new ThreadEnd('time')), timeMs)
  worker.once('message', resolve).once('error', failed).once('exit', exited).ref()
  signal?.addEventListener('abort', exited)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    worker.off('message', resolve).off('error', failed).off('exit', exited).unref()
    signal?.removeEventListener('abort', exited)
  }
}
