import { join, resolve } from 'node:path'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { Progress } from '../progress.ts'
import { byteText, countText } from '../../quantity.ts'
import type { Scenario } from '../../lab/lab.ts'
import type { Invocation } from '../session.ts'

export type LabCommandOptions = {
  readonly scenario?: Scenario
  readonly seed?: string
  readonly days?: string
  readonly scale?: string
}

/** Writes the lab's evidence and its answer key. */
export async function lab(
  { terminal }: Invocation,
  directory: string,
  options: LabCommandOptions,
): Promise<ExitCode> {
  const request = {
    scenario: options.scenario ?? 'exfiltration',
    seed: numberOption('--seed', options.seed ?? '1', 'whole'),
    days: numberOption('--days', options.days ?? '14', 'whole'),
    scale: numberOption('--scale', options.scale ?? '1', 'any'),
    signal: terminal.signal,
  }
  const { makeLab } = await import('../../lab/lab.ts')
  using progress = new Progress(terminal.err)
  const answers = await makeLab(resolve(terminal.surroundings.directory, directory), {
    ...request,
    onProgress: ({ hours, ofHours, bytes }) => {
      progress.show(`${Math.round((hours / ofHours) * 100)} % of ${request.days} days, ${byteText(bytes)}`)
    },
  })
  progress.clear()
  const { files, bytes } = answers.totals
  const evidence = join(directory, 'evidence')
  await terminal.out.write(
    `${countText(Object.keys(files).length)} files, ${byteText(bytes)} in ${evidence}; the answers in ${join(directory, 'answers.json')}\n`,
  )
  await terminal.err.write(terminal.err.paint('dim', `next: azimuth triage ${evidence}\n`))
  return exitCode.ok
}

function numberOption(name: string, text: string, kind: 'whole' | 'any'): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  const isRight = kind === 'whole' ? Number.isSafeInteger(value) : Number.isFinite(value)
  if (isRight) return value
  throw new UsageError(
    `${name} must be a ${kind === 'whole' ? 'whole number' : 'number'}, not ${JSON.stringify(text)}`,
  )
}
