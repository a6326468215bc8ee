import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Compilation } from '../src/kql/compilation.ts'
import { createCompiler } from '../src/kql/compile.ts'
import { decodeRow, type Cell } from '../src/kql/cells.ts'
import { compareRows } from './conformance/compare.ts'
import { readSchema, tableStatements } from './conformance/tables.ts'
import { openQueryEngine } from './conformance/engine.ts'

/**
 * Runs frozen cases of the real engine through the compiler and ours: `npm run conformance -- FILE.jsonl`.
 * A case passes, is refused (a diagnostic, nothing run) or is wrong. Cases without rows must be refused.
 */
interface Case {
  readonly id: string
  readonly query: string
  readonly columns?: readonly string[]
  readonly types?: readonly string[]
  readonly rows?: readonly (readonly unknown[])[]
  /** Queries over tables: the set of columns that they give on empty tables. */
  readonly result_columns?: readonly { readonly name: string; readonly type: string }[]
  readonly bind_errors?: readonly unknown[]
  readonly tables?: readonly string[]
}

type Verdict = { readonly verdict: 'passed' | 'refused' | 'wrong'; readonly why: string }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, show: { type: 'string' }, columns: { type: 'string' } },
})

const file = positionals[0]
if (file === undefined)
  throw new Error('usage: npm run conformance -- FILE.jsonl [--only id] [--show wrong|refused|passed]')

const cases: Case[] = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  // The file is ours to trust: it was written for this script.
  if (line.trim() !== '') cases.push(JSON.parse(line) as Case)
}

const schema = values.columns === undefined ? { tables: [] } : await readSchema(values.columns)
const compiler = await createCompiler(schema)
const engine = openQueryEngine()
for (const statement of values.columns === undefined ? [] : tableStatements(schema))
  await engine.rows(statement)
const tally = new Map<string, { passed: number; refused: number; wrong: number }>()
const reasons = new Map<string, number>()
const totals = { passed: 0, refused: 0, wrong: 0 }
for (const item of cases) {
  if (values.only !== undefined && !item.id.includes(values.only)) continue
  const compilation = await compiler.compile(item.query, {
    discover: (sql) => discovered(sql.text),
    compileOnly: item.result_columns !== undefined,
  })
  const { verdict, why } = await judge(item, compilation)
  totals[verdict] += 1
  const feature = item.result_columns
    ? 'azure'
    : item.id
        .replace(/^emu-docs\//, '')
        .replace(/^emu-fuzz\/(\d+-)?/, '')
        .replace(/-\d+$/, '')
  const counts = tally.get(feature) ?? { passed: 0, refused: 0, wrong: 0 }
  counts[verdict] += 1
  tally.set(feature, counts)
  if (verdict === 'refused') reasons.set(why, (reasons.get(why) ?? 0) + 1)
  if (values.show === verdict || values.only !== undefined) {
    console.log(`${verdict} ${item.id}: ${why}\n  ${item.query.replaceAll('\n', '\n  ')}`)
    if (values.only !== undefined && compilation.ok) console.log(`  SQL: ${compilation.sql.text}`)
  }
}
if (values.only === undefined) {
  for (const [feature, counts] of [...tally].toSorted(([a], [b]) => a.localeCompare(b))) {
    if (counts.refused + counts.wrong > 0)
      console.log(
        `${feature.padEnd(48)} ${counts.passed} passed, ${counts.refused} refused, ${counts.wrong} wrong`,
      )
  }
  for (const [reason, count] of [...reasons].toSorted(([, a], [, b]) => b - a))
    console.log(`${String(count).padStart(5)} ${reason}`)
}
console.log(`${totals.passed} passed, ${totals.refused} refused, ${totals.wrong} wrong`)
process.exitCode = totals.wrong > 0 ? 2 : 0

async function judgeColumns(item: Case, compilation: Extract<Compilation, { ok: true }>): Promise<Verdict> {
  const answer = await engine.rows(compilation.sql.text)
  if (typeof answer === 'string') return { verdict: 'wrong', why: answer }
  const names = new Set(compilation.columns.map(({ name }) => name))
  const expected = new Set((item.result_columns ?? []).map(({ name }) => name))
  const missing = [...expected].filter((name) => !names.has(name))
  const extra = [...names].filter((name) => !expected.has(name))
  // Whole rows of AzureDiagnostics depend on how many columns the tenant happened to have.
  if ((missing.length === 0 && extra.length === 0) || item.tables?.includes('AzureDiagnostics'))
    return { verdict: 'passed', why: '' }
  return { verdict: 'wrong', why: `columns missing: ${missing.join(', ')}; too many: ${extra.join(', ')}` }
}

async function judge(item: Case, compilation: Compilation): Promise<Verdict> {
  if (!compilation.ok) {
    const problem = compilation.diagnostics.find(({ severity }) => severity === 'error')
    const why = `${problem?.code}: ${problem?.message}`
    const isSound =
      item.rows !== undefined || (item.result_columns !== undefined && item.bind_errors?.length === 0)
    return { verdict: isSound ? 'refused' : 'passed', why }
  }
  if (item.result_columns) return judgeColumns(item, compilation)
  if (!item.rows) return { verdict: 'wrong', why: 'Kusto rejects this query' }
  const names = compilation.columns.map(({ name }) => name)
  if (item.columns && JSON.stringify(names) !== JSON.stringify(item.columns)) {
    return { verdict: 'wrong', why: `columns ${names.join(', ')} instead of ${item.columns.join(', ')}` }
  }
  const answer = await engine.rows(compilation.sql.text)
  // A check inside the query has stopped it: a refusal that only the rows could tell.
  if (typeof answer === 'string') {
    const stopped = /DB::Exception: (.*?): while executing .*FUNCTION_THROW_IF/s.exec(answer)
    return { verdict: stopped ? 'refused' : 'wrong', why: stopped?.[1] ?? answer }
  }
  const rows = answer.map((row): Cell[] => decodeRow(row, compilation.columns))
  const why = compareRows(
    item.rows,
    rows,
    item.types ?? [],
    /\|\s*(sort|order|top)\s[^|]*$/.test(item.query),
    /make_?set|\bset_|bag_keys/.test(item.query),
  )
  return why === undefined ? { verdict: 'passed', why: '' } : { verdict: 'wrong', why }
}

async function discovered(sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const answer = await engine.rows(sql)
  if (typeof answer === 'string') throw new Error(answer)
  return answer
}
