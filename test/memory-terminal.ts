import { createHash } from 'node:crypto'
import { styleText } from 'node:util'
import type { Sink, Terminal } from '../src/cli/terminal.ts'

export type MemorySink = Sink & { readonly text: () => string }

/** A sink that keeps what is written; with `columns` it takes itself for a terminal. */
export function memorySink(
  options: { readonly columns?: number; readonly colour?: boolean } = {},
): MemorySink {
  const pieces: Uint8Array[] = []
  return {
    isTerminal: options.columns !== undefined,
    columns: options.columns ?? Infinity,
    write(text) {
      pieces.push(Buffer.from(text))
      return Promise.resolve()
    },
    flush: () => Promise.resolve(),
    paint: (style, text) =>
      options.colour === true ? styleText(style, text, { validateStream: false }) : text,
    text: () => Buffer.concat(pieces).toString(),
  }
}

export type MemoryTerminal = Terminal & { readonly out: MemorySink; readonly err: MemorySink }

/** A terminal that touches nothing outside itself but `home` and `directory`. */
export function memoryTerminal(
  options: {
    readonly columns?: number
    readonly home?: string
    readonly directory?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly input?: string
    readonly signal?: AbortSignal
  } = {},
): MemoryTerminal {
  const out = memorySink(options)
  return {
    out,
    err: memorySink(options),
    input: (async function* () {
      await Promise.resolve()
      yield Buffer.from(options.input ?? '')
    })(),
    surroundings: {
      environment: options.environment ?? {},
      directory: options.directory ?? '/nowhere',
      home: options.home ?? '/nowhere',
      platform: 'linux',
    },
    signal: options.signal ?? new AbortController().signal,
    written: () => ({
      sha256: createHash('sha256').update(out.text()).digest('hex'),
      bytes: Buffer.byteLength(out.text()),
    }),
  }
}
