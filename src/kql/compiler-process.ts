import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CompileReply, CompileRequest } from './compile-text.ts'
import type { Place } from './diagnostic.ts'
import type { Schema } from './schema.ts'

export type CompilerRequest = CompileRequest | { readonly kind: 'statements'; readonly text: string }

export type CompilerAnswer = CompileReply | { readonly kind: 'statements'; readonly places: readonly Place[] }

export type CompilerMessage = CompilerRequest | { readonly kind: 'schema'; readonly schema: Schema }

export type CompilerReply =
  | CompilerAnswer
  | { readonly kind: 'ready' }
  | { readonly kind: 'bug'; readonly error: Error }

/** What a query had too little of. */
export type Exhaustion = 'time' | 'memory'

/** What a query may take. */
export interface CompilerLimits {
  readonly compileMs: number
  readonly heapMb: number
}

const defaultLimits: CompilerLimits = { compileMs: 10_000, heapMb: 1024 }
const longestLoadMs = 60_000
// Below the 8 MB that a process has.
const stackKb = 3900

/** Where `npm run build` leaves a picture of the loaded parser, for one release of Node on one machine. */
export const snapshotName = `parser/${process.version}-${process.platform}-${process.arch}.blob`

let begun: Promise<ChildProcess> | undefined

/** Begins a process that the next `CompilerProcess` takes over, so that the parser loads while a command still prepares. */
export function beginCompilerProcess(): void {
  begun ??= startChild(defaultLimits)
  begun.catch(() => {})
}

/** The process that was begun, where it is as wanted, or a new one. */
function takeChild(limits: CompilerLimits): Promise<ChildProcess> {
  const wanted = limits.heapMb === defaultLimits.heapMb && limits.compileMs === defaultLimits.compileMs
  if (begun === undefined || !wanted) return startChild(limits)
  const taken = begun
  begun = undefined
  return taken
}

/**
 * The compiler in a process of its own: one query at a time, each within limits of time, memory and stack. A process that
 * met one of them is ended, and the next query gets a new one.
 */
export class CompilerProcess {
  readonly #limits: CompilerLimits
  #schema: Schema
  #child: Promise<ChildProcess> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(schema: Schema, limits: Partial<CompilerLimits> = {}) {
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
      const child = await this.#child
      if (child) post(child, { kind: 'schema', schema })
    })
  }

  run(request: CompilerRequest, signal?: AbortSignal): Promise<CompilerAnswer | Exhaustion> {
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

  async #start(): Promise<ChildProcess> {
    this.#child ??= this.#begin()
    try {
      return await this.#child
    } catch (error) {
      this.#child = undefined
      throw error
    }
  }

  async #begin(): Promise<ChildProcess> {
    const child = await takeChild(this.#limits)
    post(child, { kind: 'schema', schema: this.#schema })
    return child
  }

  async #run(
    request: CompilerRequest,
    signal: AbortSignal | undefined,
  ): Promise<CompilerAnswer | Exhaustion> {
    signal?.throwIfAborted()
    const child = await this.#start()
    const reply = nextReply(child, this.#limits.compileMs, signal)
    post(child, request)
    try {
      const answer = await reply
      if (answer.kind === 'bug') throw answer.error
      if (answer.kind === 'ready') throw new Error('the compiler started twice')
      return answer
    } catch (error) {
      if (error instanceof CompilerEnd) {
        await this.#stop()
        signal?.throwIfAborted()
        if (error.exhaustion) return error.exhaustion
      }
      throw error
    }
  }

  async #stop(): Promise<void> {
    const child = await this.#child?.catch(() => undefined)
    this.#child = undefined
    child?.kill('SIGKILL')
  }
}

/** The process has ended, or must be ended. */
class CompilerEnd extends Error {
  readonly exhaustion: Exhaustion | undefined

  constructor(exhaustion: Exhaustion | undefined, cause?: unknown) {
    super('the compiler has ended', { cause })
    this.exhaustion = exhaustion
  }
}

/** From the picture of the loaded parser, which is there at once, or by loading it where the picture is not of this machine. */
async function startChild(limits: CompilerLimits): Promise<ChildProcess> {
  const snapshot = fileURLToPath(new URL(snapshotName, import.meta.url))
  if (existsSync(snapshot)) {
    try {
      return await spawnChild(limits, ['--snapshot-blob', snapshot])
    } catch {
      // Of another processor, perhaps: Node does not read it there.
    }
  }
  return spawnChild(limits, [])
}

async function spawnChild(
  { heapMb, compileMs }: CompilerLimits,
  options: readonly string[],
): Promise<ChildProcess> {
  const cache = module.getCompileCacheDir()
  const child = spawn(
    process.execPath,
    [...options, `--max-old-space-size=${heapMb}`, `--stack-size=${stackKb}`, childFile(), String(compileMs)],
    {
      // What V8 prints when it runs out of memory is no concern of the user's.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }) },
    },
  )
  // Its end is the concern of whoever waits for a reply; nobody may, between two queries.
  child.on('error', () => {})
  child.unref()
  try {
    await nextReply(child, longestLoadMs, undefined)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return child
}

// Beside this file: compiler-child.ts in the sources, compiler-child.js when built.
function childFile(): string {
  return fileURLToPath(new URL(import.meta.url.replace(/compiler-process(\.\w+)$/, 'compiler-child$1')))
}

function post(child: ChildProcess, message: CompilerMessage): void {
  // Where it has ended meanwhile, whoever waits for its reply learns so.
  child.send(message, () => {})
}

/** The process's next reply; it keeps this process alive until then. Rejects with `CompilerEnd` where there is none in time. */
async function nextReply(
  child: ChildProcess,
  timeMs: number,
  signal: AbortSignal | undefined,
): Promise<CompilerReply> {
  const { promise, resolve, reject } = Promise.withResolvers<CompilerReply>()
  const failed = (error: Error): void => reject(new CompilerEnd(undefined, error))
  const exited = (_code: number | null, by: NodeJS.Signals | null): void =>
    reject(new CompilerEnd(by === 'SIGABRT' ? 'memory' : undefined))
  const aborted = (): void => reject(new CompilerEnd(undefined))
  const timer = setTimeout(() => reject(new CompilerEnd('time')), timeMs)
  child.once('message', resolve).once('error', failed).once('exit', exited)
  child.channel?.ref()
  signal?.addEventListener('abort', aborted)
  if (child.exitCode !== null || child.signalCode !== null) exited(child.exitCode, child.signalCode)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    child.off('message', resolve).off('error', failed).off('exit', exited)
    child.channel?.unref()
    signal?.removeEventListener('abort', aborted)
  }
}
