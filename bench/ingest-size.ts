import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeLab } from '../src/lab/lab.ts'
import { measure } from './processes.ts'
import { printTable } from './table.ts'

/**
 * How time and memory grow with the evidence: mixed logs of the lab, of the same density and so many more days, each
 * size into a case of its own. `--gigabytes 1,3,10`; the evidence is removed when it has been taken in.
 */
const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1,3,10' },
    json: { type: 'boolean', default: false },
  },
})

interface Result {
  readonly gigabytes: number
  readonly records: number
  readonly seconds: number
  readonly processorSeconds: number
  readonly peakMegabytes: number
}

const daysPerGigabyte = 3
const density = 200
const root = join(import.meta.dirname, '..')
const work = join(root, '.cache', 'bench', 'size')
const command = join(root, 'dist', 'cli', 'azimuth.js')
if (!existsSync(command)) throw new Error('the command is not built: npm run build')

const results: Result[] = []
for (const size of values.gigabytes.split(',').map(Number)) results.push(await ingest(size))
if (values.json) console.log(JSON.stringify(results, undefined, 2))
else printTable(results.map((result) => asLine(result, results[0])))

async function ingest(size: number): Promise<Result> {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const lab = join(work, 'lab')
  const days = Math.max(1, Math.round(size * daysPerGigabyte))
  const answers = await makeLab(lab, { scenario: 'exfiltration', seed: 9, days, scale: density })
  const words = [command, 'ingest', join(lab, 'evidence'), '--case', join(work, 'case'), '--output', 'ndjson']
  const environment = { ...process.env, HOME: work, XDG_DATA_HOME: work }
  const measured = await measure([process.execPath, ...words], environment)
  rmSync(work, { recursive: true, force: true })
  const records = Object.values(answers.totals.files).reduce((sum, file) => sum + file.records, 0)
  return {
    gigabytes: answers.totals.bytes / 1e9,
    records,
    seconds: measured.elapsedMs / 1000,
    processorSeconds: measured.processorMs / 1000,
    peakMegabytes: measured.peakBytes / 1e6,
  }
}

/** Growth: seconds for a gigabyte beside those of the first size. */
function asLine(result: Result, first: Result | undefined): Readonly<Record<string, string>> {
  const growth = (of: (each: Result) => number): string =>
    first === undefined ? '' : (of(result) / of(first)).toFixed(2)
  return {
    GB: result.gigabytes.toFixed(2),
    records: String(result.records),
    seconds: result.seconds.toFixed(1),
    'MB/s': ((result.gigabytes * 1000) / result.seconds).toFixed(0),
    'time growth': growth((each) => each.seconds / each.gigabytes),
    'CPU s': result.processorSeconds.toFixed(1),
    'CPU growth': growth((each) => each.processorSeconds / each.gigabytes),
    'peak MB': result.peakMegabytes.toFixed(0),
    'memory growth': growth((each) => each.peakMegabytes),
  }
}
