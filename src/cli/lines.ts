import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import type { Terminal } from './terminal.ts'

/** The bytes of a file, or of standard input where the name is `-`. */
export function openInput(terminal: Terminal, file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? terminal.input : createReadStream(resolve(terminal.surroundings.directory, file))
}

/** The lines of a text as they come, without their ends, empty ones left out. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line.replace(/\r$/, '')
  }
  rest += decoder.decode()
  if (rest.trim() !== '') yield rest
}
