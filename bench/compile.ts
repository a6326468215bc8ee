import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { declaredSchema } from '../src/case/case-schema.ts'
import { createCompiler } from '../src/kql/compile.ts'
import { printTable } from './table.ts'

/**
 * How long a query takes from text to SQL once the parser is warm: `npm run bench -- compile FILE.jsonl`, a file of
 * `{"query": …}` lines. The first round warms up; of the others, each query's median counts.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
})
const [file] = positionals
if (file === undefined) throw new Error('usage: npm run bench -- compile FILE.jsonl')

const queries: string[] = []
for await (const line of createInterface({ input: createReadStream(file) })) {
  // The file is ours to trust: it was written for benches.
  if (line.trim() !== '') queries.push((JSON.parse(line) as { readonly query: string }).query)
}

const started = performance.now()
await using compiler = await createCompiler(declaredSchema)
const loadMs = performance.now() - started

const times: number[][] = queries.map(() => [])
let refused = 0
for (let round = 0; round <= Number(values.rounds); round += 1) {
  refused = 0
  for (const [index, query] of queries.entries()) {
    const asked = performance.now()
    const { ok } = await compiler.compile(query, { compileOnly: true })
    if (!ok) refused += 1
    if (round === 0) continue
    times[index]?.push(performance.now() - asked)
  }
}
const medians = times.map((all) => quantile(all, 0.5))
const result = {
  queries: queries.length,
  refused,
  loadMs,
  medianMs: quantile(medians, 0.5),
  p95Ms: quantile(medians, 0.95),
  longestMs: Math.max(...medians),
}
if (values.json) console.log(JSON.stringify(result, undefined, 2))
else printTable([Object.fromEntries(Object.entries(result).map(([name, value]) => [name, value.toFixed(0)]))])

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
