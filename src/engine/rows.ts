import type { Readable } from 'node:stream'
import { clickhouseError } from './errors.ts'

export interface Column {
  readonly name: string
  readonly type: string
}

export interface Progress {
  readonly readRows: number
  readonly readBytes: number
  readonly totalRows: number
  readonly elapsedMs: number
}

/** One line of a result in the format JSONCompactEachRowWithProgress. */
export type ResultEvent =
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  | { readonly kind: 'row'; readonly row: readonly unknown[] }
  | { readonly kind: 'progress'; readonly progress: Progress }

interface Line {
  readonly meta?: readonly Column[]
  readonly row?: readonly unknown[]
  readonly progress?: Readonly<Record<string, string>>
  readonly exception?: string
}

/**
 * Reads a result as a stream, the events of one network chunk at a time. An error that comes after the first rows
 * stands at the end of the body between lines of `__exception__` and the tag that the header announced; JSON text has
 * no bare carriage return, so a row cannot imitate it.
 */
export async function* readResult(body: Readable, tag: string | undefined): AsyncGenerator<ResultEvent[]> {
  let pending: Buffer[] = []
  let failure: Buffer[] | undefined
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (failure !== undefined) {
        failure.push(chunk)
        continue
      }
      const events: ResultEvent[] = []
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        const line = takeLine(pending, chunk.subarray(start, end))
        start = end + 1
        if (line === '\r') {
          failure = [chunk.subarray(start)]
          break
        }
        const event = readEvent(line)
        if (event !== undefined) events.push(event)
      }
      if (failure === undefined && start < chunk.length) pending.push(chunk.subarray(start))
      if (events.length > 0) yield events
    }
  } catch (error) {
    // The server breaks the connection after the text of an error.
    if (failure === undefined) throw error
  }
  if (failure !== undefined) throw readFailure(Buffer.concat(failure).toString(), tag)
  if (pending.length > 0) throw new Error('the result ended within a row')
}

function takeLine(pending: Buffer[], rest: Buffer): string {
  if (pending.length === 0) return rest.toString()
  return Buffer.concat([...pending.splice(0), rest]).toString()
}

const newline = 0x0a

function readEvent(line: string): ResultEvent | undefined {
  if (line === '') return undefined
  const value = JSON.parse(line) as Line // the format is ClickHouse's own
  if (value.row !== undefined) return { kind: 'row', row: value.row }
  if (value.meta !== undefined) return { kind: 'columns', columns: value.meta }
  if (value.progress !== undefined) return { kind: 'progress', progress: readProgress(value.progress) }
  if (value.exception !== undefined) throw clickhouseError(value.exception)
  return undefined
}

function readFailure(text: string, tag: string | undefined): Error {
  const lines = text.split('\n')
  const marked = lines[0]?.startsWith('__exception__') && lines[1]?.trimEnd() === tag
  const body = (marked ? lines.slice(2) : lines).join('\n')
  return clickhouseError(body.replace(/\n\d+ \w+\r?\n__exception__\r?\n?$/, ''))
}

function readProgress(progress: Readonly<Record<string, string>>): Progress {
  return {
    readRows: Number(progress['read_rows'] ?? 0),
    readBytes: Number(progress['read_bytes'] ?? 0),
    totalRows: Number(progress['total_rows_to_read'] ?? 0),
    elapsedMs: Number(progress['elapsed_ns'] ?? 0) / 1e6,
  }
}
