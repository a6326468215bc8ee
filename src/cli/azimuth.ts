import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'

// Only built-in modules up here: this file also starts on a Node too old for the rest, and hands over to the one
// that the `node` package brings along.
const oldest = [22, 18] as const
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
  // The one that handed over may be killed; then its channel closes and this process must not go on alone.
  process.channel?.unref()
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  const { keepCompiledCode } = await import('./compile-cache.ts')
  keepCompiledCode()
  const { main } = await import('./main.ts')
  await main()
} else {
  handOver()
}

function handOver(): void {
  const path = bundledNode()
  if (path === undefined) {
    process.stderr.write(
      `azimuth: needs Node ${oldest.join('.')} or later, this is ${process.versions.node}\n`,
    )
    process.exitCode = 1
    return
  }
  const words = [...process.execArgv, ...process.argv.slice(1)]
  const child = spawn(path, words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // A terminal sends Ctrl+C to both processes; `main` takes signals that come close together as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 1 : constants.signals[signal])
  })
}

function bundledNode(): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve('node/bin/node')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
