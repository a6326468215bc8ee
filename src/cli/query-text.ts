import { UsageError } from './failure.ts'
import { openInput } from './lines.ts'
import type { Terminal } from './terminal.ts'

/** The text of a query: an argument, a file, or standard input where the file is `-`. */
export async function readQueryText(
  terminal: Terminal,
  argument: string | undefined,
  file: string | undefined,
): Promise<string> {
  if (argument !== undefined && file !== undefined)
    throw new UsageError('a query and a file were given: one is enough')
  if (argument !== undefined) return argument
  if (file === undefined)
    throw new UsageError('no query was given', 'azimuth query "SigninLogs | take 10", or -f FILE')
  // The decoder drops a byte order mark.
  return new TextDecoder().decode(Buffer.concat(await Array.fromAsync(openInput(terminal, file))))
}
