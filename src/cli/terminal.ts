import { createHash, type Hash } from 'node:crypto'
import { homedir } from 'node:os'
import { isatty } from 'node:tty'
import { styleText } from 'node:util'
import type { Surroundings } from '../case/data-directory.ts'

export type Style = Parameters<typeof styleText>[0]

/** Where a command writes: data to `out`, talk to `err`. */
export type Sink = {
  readonly isTerminal: boolean
  readonly columns: number
  write(text: string | Uint8Array): Promise<void>
  /** Waits until all is written; throws what went wrong since. */
  flush(): Promise<void>
  /** Colours text where colours are wanted: on a terminal, and never with NO_COLOR. */
  paint(style: Style, text: string): string
}

/** Everything a command touches outside itself, so that tests bring their own. */
export type Terminal = {
  readonly out: Sink
  readonly err: Sink
  readonly input: AsyncIterable<Uint8Array>
  readonly surroundings: Surroundings
  readonly signal: AbortSignal
  /** Digest and length of all that was written to `out`. */
  readonly written: () => { readonly sha256: string; readonly bytes: number }
}

/** Thrown by a write when the reader at the other end of a pipe is gone (`azimuth query … | head`). */
export class OutputClosed extends Error {}

export function processTerminal(signal: AbortSignal): Terminal {
  const environment = process.env
  const hash = createHash('sha256')
  let bytes = 0
  return {
    out: streamSink(process.stdout, environment, (text) => {
      hash.update(text)
      bytes += Buffer.byteLength(text)
    }),
    err: streamSink(process.stderr, environment),
    input: process.stdin,
    surroundings: { environment, directory: process.cwd(), home: homedir(), platform: process.platform },
    signal,
    written: () => ({ sha256: digestSoFar(hash), bytes }),
  }
}

export function streamSink(
  stream: NodeJS.WriteStream & { readonly fd: number },
  environment: Readonly<Record<string, string | undefined>>,
  observe?: (text: string | Uint8Array) => void,
): Sink {
  const isTerminal = isatty(stream.fd)
  const isColoured = isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  let failure: Error | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error.code === 'EPIPE' ? new OutputClosed() : error
  })
  const settle = (wait: (done: () => void) => void): Promise<void> =>
    new Promise((done, fail) => {
      const finish = () => (failure === undefined ? done() : fail(failure))
      stream.once('error', finish)
      wait(() => {
        stream.off('error', finish)
        finish()
      })
    })
  return {
    isTerminal,
    get columns() {
      return isTerminal ? stream.columns || 80 : Infinity
    },
    async write(text) {
      if (failure !== undefined) throw failure
      observe?.(text)
      if (!stream.write(text)) await settle((done) => stream.once('drain', done))
    },
    async flush() {
      if (failure !== undefined) throw failure
      await settle((done) => stream.write('', () => done()))
    },
    paint(style, text) {
      return isColoured && text !== '' ? styleText(style, text, { validateStream: false }) : text
    },
  }
}

function digestSoFar(hash: Hash): string {
  return hash.copy().digest('hex')
}
