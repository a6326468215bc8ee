import { statfsSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { declaredSchema } from '../src/case/case-schema.ts'
import type { Connection } from '../src/engine/connection.ts'
import type { RunSummary } from '../src/engine/row-stream.ts'
import { createCompiler } from '../src/kql/compile.ts'
import { sql, type Sql } from '../src/sql/template.ts'
import { fullSize, openQueryData } from './query-data.ts'
import { questions, type Question } from './query-questions.ts'
import { printTable } from './table.ts'

/**
 * What KQL costs beside SQL written by hand: both are asked of the same engine in turn and must give the same rows. The
 * data, 100 million flow tuples and 10 million sign-ins at `--scale 1`, is made once and kept in `.cache`.
 */
const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    sql: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

interface Run {
  readonly rows: readonly string[]
  readonly summary: RunSummary
  /** What all threads of the engine took. */
  readonly processorMs: number
}

interface Result {
  readonly question: string
  readonly rows: number
  readonly handMs: number
  readonly kqlMs: number
  readonly ratio: number
  readonly handProcessorMs: number
  readonly kqlProcessorMs: number
  readonly processorRatio: number
  readonly handReadRows: number
  readonly kqlReadRows: number
  readonly handReadBytes: number
  readonly kqlReadBytes: number
}

const scale = Number(values.scale)
const cache = join(import.meta.dirname, '..', '.cache', 'bench')
mkdirSync(cache, { recursive: true })
const bytesARow = 60
const free = statfsSync(cache)
const needed = (fullSize.flows + fullSize.signIns) * scale * bytesARow
if (free.bavail * free.bsize < 2 * needed)
  throw new Error(`this scale needs ${(2 * needed) / 1e9} GB in ${cache}`)

await using engine = await openQueryData(scale, cache)
await using compiler = await createCompiler(declaredSchema)
const results: Result[] = []
for (const question of questions) {
  if (!values.only.split(',').some((part) => question.name.includes(part))) continue
  results.push(await ask(engine.reader, question))
}
const [size] = await engine.owner.rows<{ bytes: string; rows: string }>(
  sql`SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts WHERE active AND database = 'logs'`,
)
if (values.json) console.log(JSON.stringify({ scale, size, results }, undefined, 2))
else {
  printTable(results.map((result) => asLine(result)))
  console.log(`${size?.rows} rows in ${(Number(size?.bytes) / 1e9).toFixed(2)} GB`)
}

async function ask(reader: Connection, question: Question): Promise<Result> {
  const compilation = await compiler.compile(question.kql)
  if (!compilation.ok) throw new Error(JSON.stringify(compilation.diagnostics))
  if (values.sql) console.log(`${question.name}:\n  ${compilation.sql.text}`)
  const byHand: Sql = { kind: 'sql', text: question.sql }
  const hand: Run[] = []
  const kql: Run[] = []
  // Once each to fill the caches; then in turn.
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    const first = await run(reader, byHand)
    const second = await run(reader, compilation.sql)
    if (round === 0) compare(question, first, second)
    else {
      hand.push(first)
      kql.push(second)
    }
  }
  const [handMs = 0, kqlMs = 0] = [hand, kql].map((runs) =>
    median(runs.map(({ summary }) => summary.elapsedMs)),
  )
  const [handProcessorMs = 0, kqlProcessorMs = 0] = [hand, kql].map((runs) =>
    median(runs.map(({ processorMs }) => processorMs)),
  )
  return {
    question: question.name,
    rows: kql[0]?.rows.length ?? 0,
    handMs,
    kqlMs,
    ratio: kqlMs / handMs,
    handProcessorMs,
    kqlProcessorMs,
    processorRatio: kqlProcessorMs / handProcessorMs,
    handReadRows: hand[0]?.summary.readRows ?? 0,
    kqlReadRows: kql[0]?.summary.readRows ?? 0,
    handReadBytes: hand[0]?.summary.readBytes ?? 0,
    kqlReadBytes: kql[0]?.summary.readBytes ?? 0,
  }
}

async function run(reader: Connection, statement: Sql): Promise<Run> {
  const before = await processorMs()
  const stream = await reader.query(statement)
  const rows: string[] = []
  for await (const row of stream.rows) rows.push(JSON.stringify(row.map((cell) => normal(cell))))
  const summary = await stream.summary()
  return { rows, summary, processorMs: (await processorMs()) - before }
}

async function processorMs(): Promise<number> {
  const [taken] = await engine.owner.rows<{ us: string }>(
    sql`SELECT sum(value) AS us FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')`,
  )
  return Number(taken?.us) / 1000
}

/** Cells of both sides as the same text: times differ in their letters and empty fractions. */
function normal(cell: unknown): string {
  return String(cell).replace(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.0+(?=Z?$))?(\.\d+)?Z?$/, '$1 $2$3')
}

function compare(question: Question, hand: Run, kql: Run): void {
  const [expected, actual] = [hand.rows.toSorted(), kql.rows.toSorted()]
  const index = expected.findIndex((row, position) => row !== actual[position])
  if (expected.length === actual.length && index < 0 && expected.length > 0) return
  throw new Error(
    `${question.name}: ${expected.length} rows by hand, ${actual.length} by KQL; ${expected[index]} is ${actual[index]}`,
  )
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function asLine(result: Result): Record<string, string> {
  const millions = (count: number): string => (count / 1e6).toFixed(1)
  return {
    question: result.question,
    answers: String(result.rows),
    'by hand ms': result.handMs.toFixed(0),
    'KQL ms': result.kqlMs.toFixed(0),
    ratio: result.ratio.toFixed(2),
    'processor ms': `${result.handProcessorMs.toFixed(0)} / ${result.kqlProcessorMs.toFixed(0)}`,
    'its ratio': result.processorRatio.toFixed(2),
    'M rows read': `${millions(result.handReadRows)} / ${millions(result.kqlReadRows)}`,
    'MB read': `${millions(result.handReadBytes)} / ${millions(result.kqlReadBytes)}`,
  }
}
