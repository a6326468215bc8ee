import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Case } from '../case/case.ts'
import type { CaseFolder } from '../case/case-file.ts'
import type { CustodyObject } from '../case/custody-line.ts'
import type { EngineOptions } from '../case/engine-address.ts'
import { AzimuthError } from '../error.ts'
import { exitCode, type ExitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'
import { visible } from './visible.ts'

/** A call of the command line: where it stands and what was typed. */
export type Invocation = { readonly terminal: Terminal; readonly words: readonly string[] }

/** How a command that was started tells its end to the program. */
export type Finish = (code: Promise<ExitCode>) => Promise<void>

/** The options of every command that works on a case. */
export type CaseOptions = EngineOptions & { readonly case?: string }

export type Session = {
  readonly case: Case
  readonly folder: CaseFolder
  /** Names what the command reads, for custody. */
  readonly reads: (object: CustodyObject) => void
}

export type SessionRequest = {
  readonly command: string
  readonly evidence?: readonly string[]
  /** Whether a case that is named but not there is made. */
  readonly create: boolean
}

/** Chooses and opens the case, runs `work`, and enters the command in custody, whatever its outcome. */
export async function withCase(
  { terminal, words }: Invocation,
  options: CaseOptions,
  request: SessionRequest,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const started = new Date()
  const [{ chooseCase, rememberCase }, engines, { openCase }, { beginCustody }, { commandVersions }] =
    await Promise.all([
      import('../case/folder.ts'),
      import('../case/engine-address.ts'),
      import('../case/case.ts'),
      import('../case/custody.ts'),
      import('./versions.ts'),
    ])
  const { surroundings, signal } = terminal
  for (const path of request.evidence ?? []) await requirePath(resolve(surroundings.directory, path))
  const engine = engines.readEngineOptions(options, surroundings)
  // A case that was made for servers that do not answer would be in the way of the next try.
  if (engine.urls !== undefined) await engines.checkServers(engine, surroundings)
  const { folder, chosenBy } = await chooseCase(
    {
      named: options.case,
      create: request.create,
      engine,
      ...(request.evidence !== undefined && { evidence: request.evidence }),
    },
    surroundings,
  )
  if (chosenBy !== 'last') await rememberCase(folder, surroundings)
  await announce(terminal, folder, chosenBy)
  const endCustody = await beginCustody(folder.path, {
    command: request.command,
    arguments: words,
    versions: commandVersions(),
    started,
  })
  const inputs: CustodyObject[] = []
  let outcome: 'done' | 'failed' | 'interrupted' = 'failed'
  const password = folder.engine && (await engines.readPassword(folder.engine, surroundings))
  await using opened = await openCase({ folder, signal, ...(password !== undefined && { password }) })
  try {
    const code = await work({ case: opened, folder, reads: (object) => void inputs.push(object) })
    outcome = code === exitCode.error ? 'failed' : 'done'
    return code
  } finally {
    if (signal.aborted) outcome = 'interrupted'
    await endCustody({ outcome, inputs, outputs: [{ name: 'stdout', ...terminal.written() }] })
  }
}

/** A path mistyped must not leave a case behind. */
async function requirePath(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (cause) {
    throw new AzimuthError('evidence-unreadable', `${path} cannot be read`, { hint: 'check the path', cause })
  }
}

async function announce({ err }: Terminal, folder: CaseFolder, chosenBy: string): Promise<void> {
  const remarks = [
    ...(chosenBy === 'last' ? ['the last one used; --case takes another'] : []),
    ...(chosenBy === 'environment' ? ['by AZIMUTH_CASE'] : []),
    ...(folder.isNew ? ['new and empty'] : []),
    ...(chosenBy === 'evidence' || folder.isNew ? [folder.path] : []),
  ]
  if (remarks.length === 0) return
  await err.write(err.paint('dim', `case ${visible(folder.name)} (${visible(remarks.join('; '))})\n`))
}
