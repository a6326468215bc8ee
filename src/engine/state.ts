import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the running engine of a folder takes leases, and the key that proves both sides. */
export interface EngineState {
  readonly leasePort: number
  readonly leaseKey: string
}

/** Reads the state file; undefined where there is none or it is damaged. */
export function readState(directory: string): EngineState | undefined {
  let text: string
  try {
    text = readFileSync(statePath(directory), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const [port, key, ...rest] = text.trimEnd().split(' ')
  const leasePort = Number(port)
  const wellFormed = rest.length === 0 && leasePort > 0 && leasePort < 65_536 && key?.length === 64
  return wellFormed ? { leasePort, leaseKey: key } : undefined
}

export function writeState(directory: string, state: EngineState): void {
  const path = statePath(directory)
  writeFileSync(`${path}.new`, `${state.leasePort} ${state.leaseKey}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

export function removeState(directory: string): void {
  rmSync(statePath(directory), { force: true })
}

function statePath(directory: string): string {
  return join(directory, 'running')
}
