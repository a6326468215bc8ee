import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Chain } from '../../access/story.ts'
import { askOf } from '../../case/rows.ts'
import { findFingerprint, fingerprintOf } from '../../access/fingerprint.ts'
import { ofAccount, reportAccess } from '../../access/report.ts'
import { chainSvg } from '../../access/svg.ts'
import { accessText } from '../access-text.ts'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { writeRows, type OutputFormat } from '../output.ts'
import { withCase, type CaseOptions, type Invocation } from '../session.ts'

export type AccessOptions = CaseOptions & {
  readonly all?: boolean
  readonly fingerprint?: string
  readonly svg?: string
  readonly output?: OutputFormat
}

const mostSecretBytes = 65_536

/** Tells who reached an account's or vault's data, by which means, and the chain from credential to bytes. */
export async function access(
  invocation: Invocation,
  name: string | undefined,
  options: AccessOptions,
): Promise<ExitCode> {
  if (name === undefined && options.all !== true && options.fingerprint === undefined)
    throw new UsageError('name an account or vault, or say --all')
  const { out, err } = invocation.terminal
  return await withCase(invocation, options, { command: 'access', create: false }, async (session) => {
    const ask = askOf(session.case)
    if (options.fingerprint !== undefined) {
      const finding = await findFingerprint(
        ask,
        fingerprintOf(await readSecret(invocation, options.fingerprint)),
      )
      await out.write(
        options.output === 'json'
          ? `${JSON.stringify(finding, undefined, 2)}\n`
          : fingerprintText(out, finding),
      )
      return exitCode.ok
    }
    const all = await reportAccess(ask)
    const report = name === undefined ? all : ofAccount(all, name)
    const output = options.output ?? 'table'
    if (output === 'json') await out.write(`${JSON.stringify(report, undefined, 2)}\n`)
    else if (output === 'table') await out.write(accessText(out, report))
    else await writeRows(invocation.terminal, timelineColumns, timeline(report.chains), { output })
    const [gravest] = report.chains
    if (options.svg !== undefined && gravest !== undefined) {
      const path = resolve(invocation.terminal.surroundings.directory, options.svg)
      await writeFile(path, chainSvg(gravest), { mode: 0o600 })
      await err.write(`the gravest chain is drawn in ${path}\n`)
    }
    return exitCode.ok
  })
}

const timelineColumns = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'EndTime', type: 'datetime' },
  { name: 'Chain', type: 'string' },
  { name: 'Level', type: 'string' },
  { name: 'Kind', type: 'string' },
  { name: 'Technique', type: 'string' },
  { name: 'Account', type: 'string' },
  { name: 'Title', type: 'string' },
  { name: 'Who', type: 'string' },
  { name: 'Address', type: 'string' },
  { name: 'Tool', type: 'string' },
  { name: 'Requests', type: 'long' },
  { name: 'Objects', type: 'long' },
  { name: 'Bytes', type: 'long' },
  { name: 'Links', type: 'dynamic' },
  { name: 'Records', type: 'dynamic' },
] as const

/** One row a step, for a timeline. */
function* timeline(chains: readonly Chain[]): Generator<readonly unknown[]> {
  for (const chain of chains)
    for (const step of chain.steps)
      yield [
        step.first,
        step.last,
        chain.id,
        chain.level,
        step.kind,
        step.technique,
        step.account,
        step.title,
        step.who,
        step.address,
        step.tool,
        step.requests,
        step.objects,
        step.bytes,
        chain.links.filter(({ to }) => to === step.id),
        step.records,
      ]
}

/** Reads a secret from a file or standard input; it is hashed and forgotten. */
async function readSecret({ terminal }: Invocation, from: string): Promise<string> {
  if (from !== '-') return await readFile(resolve(terminal.surroundings.directory, from), 'utf8')
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of terminal.input) {
    bytes += piece.length
    if (bytes > mostSecretBytes) throw new UsageError('a key or SAS is shorter than that')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
