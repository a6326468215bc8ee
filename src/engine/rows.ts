import type { Readable } from 'node:stream'
import { clickhouseError } from './errors.ts'

export interface Column {
  readonly name: string
  readonly type: string
}

/** One line of a result in the format JSONCompactEachRowWithProgress. */
export interface ResultLine {
  readonly row?: readonly unknown[]
  readonly meta?: readonly Column[]
  readonly progress?: Readonly<Record<string, string>>
  readonly exception?: string
}

/**
 * Reads a result as a stream, the lines of one network chunk at a time. An error that comes after the first rows
 * stands at the end of the body, behind a bare carriage return, which JSON text never has: a row cannot imitate it.
 */
export async function* readResult(body: Readable): AsyncGenerator<readonly ResultLine[]> {
  const unfinished: string[] = []
  let failure: string | undefined
  body.setEncoding('utf8')
  try {
    for await (const chunk of body as AsyncIterable<string>) {
      if (failure !== undefined) {
        failure += chunk
        continue
      }
      const mark = chunk.indexOf('\r')
      if (mark !== -1) failure = chunk.slice(mark)
      const lines = mark === -1 ? chunk : chunk.slice(0, mark)
      const end = lines.lastIndexOf('\n')
      if (end === -1) {
        unfinished.push(lines)
        continue
      }
      yield parseLines(unfinished.splice(0).join('') + lines.slice(0, end))
      unfinished.push(lines.slice(end + 1))
    }
  } catch (error) {
    // The server breaks the connection after the text of an error.
    if (failure === undefined) throw error
  }
  if (failure !== undefined) throw readFailure(failure)
  if (unfinished.join('') !== '') throw new Error('the result ended within a row')
}

function parseLines(text: string): readonly ResultLine[] {
  const joined = text.replaceAll(/\n+/g, ',').replace(/^,/, '')
  const lines = JSON.parse(`[${joined}]`) as readonly ResultLine[] // the format is ClickHouse's own
  for (const { exception } of lines) if (exception !== undefined) throw clickhouseError(exception)
  return lines
}

/** The error in `\r\n__exception__\r\n<tag>\r\n<text>\n<length> <tag>\r\n__exception__\r\n`. */
function readFailure(text: string): Error {
  const match = /^\r\n__exception__\r\n(\w+)\r\n(.*?)(?:\n\d+ \1\r\n__exception__\r\n)?$/s.exec(text)
  return clickhouseError(match?.[2] ?? text)
}
