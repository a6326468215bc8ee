import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How long `azimuth query` takes when no engine runs: `npm run bench -- start [CASE] [KQL]`, with the built command, the
 * median of ten. Between two runs it waits until the engine of the one before has ended.
 */
const [name = 'lab', kql = 'SigninLogs | summarize count() by ResultType | top 5 by count_'] =
  process.argv.slice(2)
const command = join(import.meta.dirname, '..', 'dist', 'cli', 'azimuth.js')
const runs = 10
const engineStaysMs = 4500

const times: number[] = []
for (let run = 0; run < runs; run++) {
  await delay(engineStaysMs)
  const started = performance.now()
  const done = spawnSync(process.execPath, [command, 'query', kql, '--case', name, '--output', 'json'], {
    encoding: 'utf8',
  })
  times.push(performance.now() - started)
  if (done.status !== 0) throw new Error(done.stderr)
}
const sorted = times.toSorted((a, b) => a - b)
const median = ((sorted[runs / 2 - 1] ?? 0) + (sorted[runs / 2] ?? 0)) / 2
console.log(`median ${median.toFixed(0)} ms of ${sorted.map((ms) => ms.toFixed(0)).join(', ')}`)
