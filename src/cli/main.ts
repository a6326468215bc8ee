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
  const terminal = processTerminal(stop.signal)
  const code = await run(terminal, process.argv.slice(2))
  await terminal.err.flush().catch(() => {})
  process.exit(code)
}
