import { access, constants, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { freemem, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { dataDirectory } from '../../case/data-directory.ts'
import type { CaseFolder } from '../../case/case-file.ts'
import { readEngineOptions, readPassword } from '../../case/engine-address.ts'
import { chooseCase } from '../../case/folder.ts'
import { openEngine } from '../../engine/engine.ts'
import { AzimuthError } from '../../error.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { byteText } from '../../quantity.ts'
import type { CaseOptions, Invocation } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { commandVersions, engineLibrary } from '../versions.ts'

type Finding = {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'fault'
  readonly message: string
}

const enoughDiskBytes = 5e9
const enoughMemoryBytes = 2e9
const columns = ['Check', 'State', 'Message'].map((name) => ({ name, type: 'string', isProse: true }))

/** Checks the machine: Node, the engine's library, memory, disk, the data directory and the case. */
export async function doctor(
  { terminal }: Invocation,
  options: CaseOptions & { readonly output?: OutputFormat },
): Promise<ExitCode> {
  const findings = [
    node(),
    await engine(terminal),
    memory(),
    ...(await disk(terminal)),
    await lastCase(terminal, options),
    ...(await servers(terminal, options)),
  ]
  const rows = findings.map(({ check, state, message }) => [check, state, message])
  await writeRows(terminal, columns, rows, { output: options.output ?? 'table' })
  return findings.some((finding) => finding.state === 'fault') ? exitCode.error : exitCode.ok
}

function node(): Finding {
  const { azimuth, node: version } = commandVersions()
  return {
    check: 'versions',
    state: 'ok',
    message: `azimuth ${azimuth} on Node ${version}, ${process.platform} ${process.arch}`,
  }
}

/** Starts an engine of its own in a folder that is thrown away. */
async function engine({ signal }: Terminal): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-doctor-'))
  try {
    const { name, version } = engineLibrary()
    const started = performance.now()
    await using running = await openEngine({ directory: join(folder, 'engine'), lingerMs: 0, signal })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    return {
      check: 'engine',
      state: 'ok',
      message: `ClickHouse ${running.version} started in ${seconds} s, from ${name} ${version}`,
    }
  } catch (error) {
    if (!(error instanceof AzimuthError)) throw error
    return { check: 'engine', state: 'fault', message: `${error.message}; ${error.hint ?? ''}` }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

function memory(): Finding {
  const message = `${byteText(freemem())} free of ${byteText(totalmem())}`
  return { check: 'memory', state: freemem() < enoughMemoryBytes ? 'warning' : 'ok', message }
}

async function disk({ surroundings }: Terminal): Promise<readonly Finding[]> {
  const directory = dataDirectory(surroundings)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.W_OK)
    const { bavail, bsize } = await statfs(directory)
    const state = bavail * bsize < enoughDiskBytes ? 'warning' : 'ok'
    return [{ check: 'disk', state, message: `${byteText(bavail * bsize)} free in ${directory}` }]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [
      {
        check: 'disk',
        state: 'fault',
        message: `${message}; set XDG_DATA_HOME to a folder that can be written`,
      },
    ]
  }
}

async function chosenFolder({ surroundings }: Terminal, options: CaseOptions): Promise<CaseFolder> {
  const engine = readEngineOptions(options, surroundings)
  return (await chooseCase({ named: options.case, create: false, engine }, surroundings)).folder
}

/** The servers that hold the rows of the case, where it has no engine of its own. */
async function servers(terminal: Terminal, options: CaseOptions): Promise<readonly Finding[]> {
  const folder = await chosenFolder(terminal, options).catch((error: unknown) => {
    // `lastCase` tells it.
    if (error instanceof AzimuthError) return undefined
    throw error
  })
  if (folder?.engine === undefined) return []
  const { engine: address } = folder
  try {
    const { probeRemote } = await import('../../engine/remote.ts')
    const { version, shards } = await probeRemote(address, await readPassword(address, terminal.surroundings))
    const message = `ClickHouse ${version}, ${shards} ${shards === 1 ? 'shard' : 'shards'}, ${address.urls.join(', ')}`
    return [{ check: 'servers', state: 'ok', message }]
  } catch (error) {
    if (!(error instanceof AzimuthError)) throw error
    return [{ check: 'servers', state: 'fault', message: `${error.message}; ${error.hint ?? ''}` }]
  }
}

async function lastCase(terminal: Terminal, options: CaseOptions): Promise<Finding> {
  try {
    const folder = await chosenFolder(terminal, options)
    const { verifyCustody } = await import('../../case/custody-verify.ts')
    const { entries, findings } = await verifyCustody(folder.path)
    const faults = findings.filter((finding) => finding.severity === 'fault').length
    const custody = `${entries} entries in custody, ${faults === 0 ? 'unbroken' : `${faults} faults: azimuth verify`}`
    return {
      check: 'case',
      state: faults === 0 ? 'ok' : 'warning',
      message: `${folder.name} in ${folder.path}, ${custody}`,
    }
  } catch (error) {
    if (!(error instanceof AzimuthError)) throw error
    const state = error.code === 'case-none' ? 'ok' : 'fault'
    return { check: 'case', state, message: `${error.message}; ${error.hint ?? ''}` }
  }
}
