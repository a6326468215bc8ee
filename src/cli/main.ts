import { constants } from 'node:os'
import { processTerminal } from './terminal.ts'
import { run } from './program.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const sameSignalMs = 500

/** Runs the command of this process. The first signal asks it to stop; a second one ends it at once. */
export async function main(): Promise<void> {
  const stop = new AbortController()
  let firstMs: number | undefined
  for (const signal of signals) {
    process.on(signal, () => {
      firstMs ??= performance.now()
      if (stop.signal.aborted && performance.now() - firstMs > sameSignalMs)
        process.exit(128 + constants.signals[signal])
      stop.abort(signal)
    })
  }
  const code = await run(processTerminal(stop.signal), process.argv.slice(2))
  await Promise.all([process.stdout, process.stderr].map(flushed))
  process.exit(code)
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.writableLength === 0 || stream.destroyed) done()
    else stream.write('', () => done())
  })
}
