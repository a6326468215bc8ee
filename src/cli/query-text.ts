import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './failure.ts'
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
  return await readText(terminal, file)
}

/** A text file, or standard input where the name is `-`. A byte order mark is dropped. */
export async function readText(terminal: Terminal, file: string): Promise<string> {
  if (file !== '-') return withoutMark(await readFile(resolve(terminal.surroundings.directory, file), 'utf8'))
  const pieces = await Array.fromAsync(terminal.input)
  return withoutMark(Buffer.concat(pieces).toString('utf8'))
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
