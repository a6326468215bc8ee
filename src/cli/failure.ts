import { ClickHouseError } from '../engine/errors.ts'
import { AzimuthError } from '../error.ts'
import { exitCode, type ExitCode } from './exit-code.ts'
import { hintOf } from './limit-hint.ts'
import { OutputClosed, type Terminal } from './terminal.ts'
import { visibleLines } from './visible.ts'

const longestCause = 500

/** A command line that cannot be understood; exits with 64. */
export class UsageError extends AzimuthError {
  constructor(message: string, hint?: string) {
    super('usage', message, hint === undefined ? {} : { hint })
  }
}

/** Tells what went wrong, where, and what to do next; returns the exit code. The one place where errors end. */
export async function reportFailure(terminal: Terminal, error: unknown): Promise<ExitCode> {
  const { err, signal } = terminal
  if (error instanceof OutputClosed) return exitCode.ok
  if (signal.aborted) {
    await err.write(`${err.paint('yellow', 'stopped')}\n`)
    return signal.reason === 'SIGINT' ? exitCode.interrupted : exitCode.terminated
  }
  const label = err.paint(['bold', 'red'], 'error')
  if (error instanceof AzimuthError) {
    const cause = tellsMore(error, error.cause) ? [`  cause ${shortened(error.cause.message)}`] : []
    const hint = hintOf(error)
    const next = hint === undefined ? [] : [`  ${err.paint('cyan', 'next')} ${visibleLines(hint)}`]
    const what = `${label} ${visibleLines(error.message)} ${err.paint('dim', `[${error.code}]`)}`
    await err.write(`${[what, ...cause.map(visibleLines), ...next].join('\n')}\n`)
    return error instanceof UsageError ? exitCode.usage : exitCode.error
  }
  if (isSystemError(error)) {
    const hint = systemHints[error.code ?? '']
    const next = hint === undefined ? '' : `  ${err.paint('cyan', 'next')} ${hint}\n`
    await err.write(`${label} ${visibleLines(error.message)} ${err.paint('dim', `[${error.code}]`)}\n${next}`)
    return exitCode.error
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  await err.write(`${label} a bug in azimuth; please report it with this:\n${visibleLines(text)}\n`)
  return exitCode.error
}

const systemHints: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on that disk and run the command again: what was committed is still there',
  EDQUOT: 'free space within your quota and run the command again: what was committed is still there',
  EROFS: 'choose a case in a folder that can be written to: --case PATH',
  EMFILE: 'allow more open files (ulimit -n) and run the command again',
}

/** An engine's error carries the engine's whole text as its cause, which its message was taken from. */
function tellsMore(error: AzimuthError, cause: unknown): cause is Error {
  return cause instanceof Error && cause.message !== error.message && !(error instanceof ClickHouseError)
}

function shortened(text: string): string {
  return text.length <= longestCause ? text : `${text.slice(0, longestCause)}…`
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}
