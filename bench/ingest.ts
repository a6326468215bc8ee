import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../src/engine/engine.ts'
import { sql } from '../src/sql/template.ts'
import { inputs, madeInput, type Input, type MadeInput } from './ingest-inputs.ts'
import { printTable } from './table.ts'
import { measure } from './processes.ts'

/**
 * How fast logs become rows: the bare engine with statements written by hand, Azimuth's `ingest` as a whole, and DuckDB's
 * reader, one after the other on the same files. `--scale` shrinks the inputs, `--only NAME,…` takes some of them.
 */
const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '1' },
    rivals: { type: 'string', default: 'bare,azimuth,duckdb' },
    json: { type: 'boolean', default: false },
  },
})

interface Result {
  readonly input: string
  readonly rival: string
  readonly megabytes: number
  readonly files: number
  readonly rows: number
  readonly seconds: number
  readonly processorSeconds: number
  readonly megabytesPerSecond: number
  readonly rowsPerSecond: number
  readonly bytesPerRow: number
  readonly peakMegabytes: number
}

const root = join(import.meta.dirname, '..')
const cache = join(root, '.cache', 'bench')
/** Removed at the end only: ext4 looks long for a free inode where many files were deleted within the last minute. */
const works = join(cache, 'work')
const command = join(root, 'dist', 'cli', 'azimuth.js')
if (!existsSync(command)) throw new Error('the command is not built: npm run build')

const results: Result[] = []
rmSync(works, { recursive: true, force: true })
const chosen = values.only === '' ? inputs : values.only.split(',').map((name) => inputNamed(name))
for (const input of chosen) {
  const made = await madeInput(input, Number(values.scale), cache)
  for (let run = 0; run < Number(values.runs); run++) {
    for (const rival of values.rivals.split(',')) results.push(await load(rival, input.title, made))
  }
}
rmSync(works, { recursive: true, force: true })
const best = fastest(results)
if (values.json) console.log(JSON.stringify(best, undefined, 2))
else printTable(best.map((result) => asLine(result, best)))

function inputNamed(name: string): Input {
  const found = inputs.find((input) => input.name === name)
  if (found === undefined) throw new Error(`--only takes ${inputs.map((input) => input.name).join(', ')}`)
  return found
}

async function load(rival: string, title: string, input: MadeInput): Promise<Result> {
  const work = join(works, String(results.length))
  mkdirSync(work, { recursive: true })
  const words =
    rival === 'azimuth'
      ? [command, 'ingest', input.evidence, '--case', join(work, 'case'), '--output', 'json']
      : [join(import.meta.dirname, 'ingest-rival.ts'), rival, work, input.links, ...input.kinds]
  const environment = { ...process.env, HOME: work, XDG_DATA_HOME: work }
  const measured = await measure([process.execPath, ...words], environment)
  const stored = rival === 'azimuth' ? await storedInCase(work) : (JSON.parse(measured.stdout) as Stored)
  const seconds = measured.elapsedMs / 1000
  const megabytes = input.bytes / 1e6
  return {
    input: title,
    rival,
    megabytes,
    files: input.files,
    rows: stored.rows,
    seconds,
    processorSeconds: measured.processorMs / 1000,
    megabytesPerSecond: megabytes / seconds,
    rowsPerSecond: stored.rows / seconds,
    bytesPerRow: stored.bytes / stored.rows,
    peakMegabytes: measured.peakBytes / 1e6,
  }
}

interface Stored {
  readonly rows: number
  readonly bytes: number
}

/** Rows of the case, and what it takes on disk with its ledger. */
async function storedInCase(work: string): Promise<Stored> {
  await using engine = await openEngine({ directory: join(work, 'case', 'engine'), lingerMs: 0 })
  const [parts] = await engine.owner.rows<{ rows: string; bytes: string }>(
    sql`SELECT sumIf(rows, database = 'logs') AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
      WHERE active AND database IN ('logs', 'ledger')`,
  )
  return { rows: Number(parts?.rows), bytes: Number(parts?.bytes) }
}

/** Of several runs of a rival on an input the fastest. */
function fastest(all: readonly Result[]): readonly Result[] {
  const groups = Map.groupBy(all, ({ input, rival }) => `${input}/${rival}`)
  return Array.from(groups.values(), (runs) =>
    runs.reduce((one, other) => (other.seconds < one.seconds ? other : one)),
  )
}

function asLine(result: Result, all: readonly Result[]): Readonly<Record<string, string>> {
  const bare = all.find(({ input, rival }) => input === result.input && rival === 'bare')
  const ratio = (part: number | undefined, whole: number): string =>
    part === undefined ? '' : (part / whole).toFixed(2)
  return {
    input: `${result.input} (${result.megabytes.toFixed(0)} MB, ${result.files} files)`,
    rival: result.rival,
    rows: String(result.rows),
    seconds: result.seconds.toFixed(2),
    'MB/s': result.megabytesPerSecond.toFixed(0),
    'rows/s': result.rowsPerSecond.toFixed(0),
    'of bare': ratio(bare?.seconds, result.seconds),
    'CPU s': result.processorSeconds.toFixed(1),
    'CPU of bare': ratio(bare?.processorSeconds, result.processorSeconds),
    'B/row': result.bytesPerRow.toFixed(1),
    'peak MB': result.peakMegabytes.toFixed(0),
  }
}
