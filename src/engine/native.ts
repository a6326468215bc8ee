import { openSync } from 'node:fs'
import { DataType, load, open } from 'ffi-rs'

const library = 'engine'
const exclusive = 2
const withoutWaiting = 4
const unlocked = 8

/** Loads libchdb, whose dependencies also give the C functions below. */
export function loadLibrary(path: string): void {
  open({ library, path })
}

/** An advisory lock on a file, let go by the system when the process ends, however it ends. */
export class FileLock {
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  tryAcquire(): boolean {
    return this.#flock(exclusive | withoutWaiting) === 0
  }

  async acquire(): Promise<void> {
    const result = await load({
      library,
      funcName: 'flock',
      retType: DataType.I32,
      paramsType: [DataType.I32, DataType.I32],
      paramsValue: [this.#descriptor, exclusive],
      runInNewThread: true,
    })
    if (result !== 0) throw new Error('flock failed')
  }

  release(): void {
    this.#flock(unlocked)
  }

  #flock(operation: number): number {
    return load({
      library,
      funcName: 'flock',
      retType: DataType.I32,
      paramsType: [DataType.I32, DataType.I32],
      paramsValue: [this.#descriptor, operation],
    })
  }
}

/** A pipe of the system; the engine writes its port into the other end. */
export function makePipe(): { readonly read: number; readonly write: number } {
  const ends = Buffer.alloc(8)
  const result = load({
    library,
    funcName: 'pipe',
    retType: DataType.I32,
    paramsType: [DataType.U8Array],
    paramsValue: [ends],
  })
  if (result !== 0) throw new Error('pipe failed')
  return { read: ends.readInt32LE(0), write: ends.readInt32LE(4) }
}

/** Runs ClickHouse's main loop in a thread of its own; settles when that loop ends. */
export async function runEngine(argv: readonly string[]): Promise<void> {
  await load({
    library,
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [argv.length, [...argv]],
    runInNewThread: true,
  })
}
