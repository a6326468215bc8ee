import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { declaredSchema, prepareTables } from '../case/case-schema.ts'
import { openEngine, type Engine } from '../engine/engine.ts'
import { createCompiler } from '../kql/compile.ts'
import type { TextRows } from '../kql/discovery.ts'
import type { Sql } from '../sql/template.ts'
import type { Rule, Sample } from './rule.ts'
import { prepareRule, RunRefused, spanParameters, type Span } from './rule-query.ts'
import { ticksPerMs } from './runs.ts'
import { reachOf } from './rule-text.ts'
import { onlySample, sampleInserts, sampleTime, type NumberedSample } from './sample-rows.ts'
import { alertsOf } from './trigger.ts'

export interface SampleResult {
  readonly rule: Rule
  /** Nothing where the rule itself fails. */
  readonly sample?: Sample
  /** Why it failed; nothing where it passed. */
  readonly problem?: string
}

/** Runs every rule on its samples, with an engine of its own; results come rule by rule. */
export async function* testRules(rules: readonly Rule[], signal?: AbortSignal): AsyncIterable<SampleResult> {
  const directory = await mkdtemp(join(tmpdir(), 'azimuth-rules-'))
  try {
    await using engine = await openEngine({ directory, lingerMs: 0, ...(signal && { signal }) })
    await prepareTables(engine)
    const numbered = numberSamples(rules)
    const all = [...numbered.values()].flat()
    const { inserts, problems } = sampleInserts(all)
    for (const { statement, lines } of inserts) {
      await engine.owner.insert(statement, bodyOf(lines), { ...(signal && { signal }) })
    }
    const compiler = await createCompiler(declaredSchema)
    for (const rule of rules) {
      signal?.throwIfAborted()
      yield* testRule(rule, numbered.get(rule) ?? [], { engine, compiler, problems, signal })
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Bench {
  readonly engine: Engine
  readonly compiler: Awaited<ReturnType<typeof createCompiler>>
  readonly problems: ReadonlyMap<number, string>
  readonly signal: AbortSignal | undefined
}

async function* testRule(
  rule: Rule,
  samples: readonly NumberedSample[],
  { engine, compiler, problems, signal }: Bench,
): AsyncIterable<SampleResult> {
  let sampleId = ''
  const ask = async (sql: Sql, parameters: Readonly<Record<string, string>>): Promise<TextRows> => {
    const stream = await engine.reader.query(sql, {
      parameters: { ...parameters, sample: sampleId },
      ...(signal && { signal }),
    })
    // Compiled SQL gives texts and nulls.
    return (await Array.fromAsync(stream.rows)) as TextRows
  }
  const [first] = samples
  sampleId = String(first?.number ?? 0)
  const trial = first ? spanOf(rule, first.sample) : { from: 0n, now: 0n }
  const prepared = await prepareRule(rule, { compiler, ask, rows: onlySample, trial })
  if (!prepared.ok) {
    yield { rule, problem: prepared.reason }
    return
  }
  for (const { number, sample } of samples) {
    const problem = problems.get(number)
    if (problem !== undefined) {
      yield { rule, sample, problem }
      continue
    }
    sampleId = String(number)
    const span = spanOf(rule, sample)
    try {
      const { sql } = await prepared.query.at(span)
      const rows = await ask(sql, spanParameters(span))
      yield { rule, sample, ...verdict(rule, sample, rows.length) }
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof RunRefused) && !(error instanceof Error)) throw error
      yield { rule, sample, problem: error.message }
    }
  }
}

function verdict(rule: Rule, sample: Sample, rows: number): { readonly problem?: string } {
  const alerts = alertsOf(rule, rows)
  const found = `${alerts} ${alerts === 1 ? 'alert' : 'alerts'} (${rows} ${rows === 1 ? 'row' : 'rows'})`
  if (!sample.positive) return alerts === 0 ? {} : { problem: `${found} where there must be none` }
  if (sample.alerts === undefined) return alerts > 0 ? {} : { problem: 'no alert' }
  return alerts === sample.alerts ? {} : { problem: `${found}, not ${sample.alerts}` }
}

function spanOf(rule: Rule, sample: Sample): Span {
  const now = sampleTime(sample, rule.schedule?.frequencyMs ?? Number.POSITIVE_INFINITY)
  const from = Math.max(0, now - reachOf(rule))
  return { now: BigInt(now) * ticksPerMs, from: BigInt(from) * ticksPerMs }
}

function numberSamples(rules: readonly Rule[]): ReadonlyMap<Rule, readonly NumberedSample[]> {
  let number = 0
  return new Map(
    rules.map((rule) => [
      rule,
      rule.samples.map((sample) => {
        number += 1
        return { number, sample }
      }),
    ]),
  )
}

async function* bodyOf(lines: readonly string[]): AsyncIterable<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${line}\n`)
  return Promise.resolve()
}
