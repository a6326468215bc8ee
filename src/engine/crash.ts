import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AzimuthError } from '../error.ts'

/** Where the engine of a folder writes its last words. */
export function logPath(directory: string): string {
  return join(directory, 'engine.log')
}

/** The error for a statement whose engine ended under it. */
export function crashError(directory: string, exit: string | undefined, cause: unknown): AzimuthError {
  const words = lastWords(directory)
  const how = describeSignal(words) ?? exit ?? 'without a word: it may have been killed'
  return new AzimuthError('engine-crashed', `the engine ended while in use (${how})${quote(words)}`, {
    hint: 'run the command again: it starts a new engine, and what was committed is still there',
    cause,
  })
}

/** The error for an engine that could not be started. */
export function startError(
  directory: string,
  problem: string,
  options: { readonly exit?: string | undefined; readonly cause?: unknown } = {},
): AzimuthError {
  const words = lastWords(directory)
  const exit = words.length > 0 || options.exit === undefined ? '' : ` (${options.exit})`
  return new AzimuthError('engine-start', `the engine ${problem}${exit}${quote(words)}`, {
    hint: `see ${logPath(directory)}`,
    cause: options.cause,
  })
}

function describeSignal(words: readonly string[]): string | undefined {
  for (const line of words) {
    const match = /Received signal (\D[^(]*\(\d+\)|\d+)/.exec(line)
    if (match !== null) return match[1]?.trim()
  }
  return undefined
}

function quote(words: readonly string[]): string {
  return words.length === 0 ? '' : `\n${words.slice(-5).join('\n')}`
}

// The log repeats the statement that crashed; what is shown does not.
function lastWords(directory: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(logPath(directory), 'utf8')
  } catch {
    return []
  }
  return text
    .split('\n')
    .filter(
      (line) =>
        line !== '' &&
        !line.startsWith('Logging ') &&
        !/Stack trace|^\S+ \S+ .*> \w+: \d+\. |#{8}/.test(line),
    )
    .map((line) =>
      line.replace(/^\S+ \S+ \[ \d+ \] \{[^}]*\} <\w+> \w+: /, '').replace(/\(version [^)]*\) /, ''),
    )
    .map((line) => line.replace(/, query: .*$/, '').slice(0, 300))
    .slice(-20)
}
