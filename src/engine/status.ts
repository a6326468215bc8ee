import { readdirSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { AzimuthError } from '../error.ts'
import { requestLease } from './lease.ts'
import { findLibrary } from './library.ts'
import { readState } from './state.ts'

export interface EngineStatus {
  /** Undefined where no library is installed; `problem` says why. */
  readonly libraryPath: string | undefined
  readonly problem: string | undefined
  readonly running: { readonly pid: number; readonly version: string } | undefined
  readonly dataBytes: number
}

/** Looks at the engine of a folder without starting it. */
export async function inspectEngine(directory: string): Promise<EngineStatus> {
  const state = readState(directory)
  const lease = state && (await requestLease(state, { lingerMs: 3000, signal: AbortSignal.timeout(10_000) }))
  lease?.release()
  const running = lease && { pid: lease.endpoint.pid, version: lease.endpoint.version }
  return { ...inspectLibrary(), running, dataBytes: measure(join(directory, 'data')) }
}

function inspectLibrary(): Pick<EngineStatus, 'libraryPath' | 'problem'> {
  try {
    return { libraryPath: findLibrary(), problem: undefined }
  } catch (error) {
    if (!(error instanceof AzimuthError)) throw error
    return { libraryPath: undefined, problem: error.message }
  }
}

// The engine may remove a part while it is looked at.
function measure(directory: string): number {
  let bytes = 0
  for (const entry of listFiles(directory)) {
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

function listFiles(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
