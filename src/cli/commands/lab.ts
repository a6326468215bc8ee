import { resolve } from 'node:path'
import { exitCode, type ExitCode } from '../exit-code.ts'
import { UsageError } from '../failure.ts'
import { Progress } from '../progress.ts'
import { byteText, countText } from '../quantity.ts'
import type { Invocation } from '../session.ts'

export type LabCommandOptions = {
  readonly scenario?: 'exfiltration' | 'quiet'
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
    directory: resolve(terminal.surroundings.directory, directory),
    scenario: options.scenario ?? 'exfiltration',
    seed: numberOption('--seed', options.seed ?? '1', { least: 0, whole: true }),
    days: numberOption('--days', options.days ?? '14', { least: 1, whole: true }),
    scale: numberOption('--scale', options.scale ?? '1', { least: 0.01, whole: false }),
    signal: terminal.signal,
  }
  const { makeLab } = await import('../../lab/lab.ts')
  using progress = new Progress(terminal.err)
  const made = await makeLab({
    ...request,
    onProgress: ({ files, bytes }) => progress.show(`${countText(files)} files, ${byteText(bytes)}`),
  })
  progress.clear()
  await terminal.out.write(`${countText(made.files)} files, ${byteText(made.bytes)} in ${directory}\n`)
  return exitCode.ok
}

function numberOption(
  name: string,
  text: string,
  rule: { readonly least: number; readonly whole: boolean },
): number {
  const value = Number(text)
  const isRight =
    text.trim() !== '' &&
    value >= rule.least &&
    Number.isFinite(value) &&
    (!rule.whole || Number.isSafeInteger(value))
  if (isRight) return value
  throw new UsageError(
    `${name} must be a ${rule.whole ? 'whole ' : ''}number from ${rule.least} up, not ${JSON.stringify(text)}`,
  )
}
