import { randomData, datatableText } from './data.ts'
import { Generator } from './generate.ts'
import { Random } from './random.ts'
import { stages } from './stages.ts'
import type { Outcome, Trial } from './trial.ts'
import type { Table } from './interpreter/value.ts'

export interface Fault {
  readonly seed: number
  readonly query: string
  readonly data: ReadonlyMap<string, Table>
  readonly outcome: Outcome
}

export interface Campaign {
  readonly faults: readonly Fault[]
  /** How many queries came to which end. */
  readonly outcomes: ReadonlyMap<string, number>
  /** For each name, in how many queries that both answered alike it was used. */
  readonly coverage: ReadonlyMap<string, number>
  readonly reasons: ReadonlyMap<string, number>
}

/** Writes and runs queries until so many have been answered by both sides; new rows every `batch` queries. */
export async function campaign(
  trial: Trial,
  seed: number,
  wanted: number,
  batch: number,
  report: (fault: Fault) => void = () => {},
  progress: (answered: number) => void = () => {},
): Promise<Campaign> {
  const generator = new Generator(new Random(seed), stages)
  const [outcomes, coverage, reasons] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ]
  const faults: Fault[] = []
  let answered = 0
  while (answered < wanted) {
    progress(answered)
    const data = randomData(generator.random)
    await trial.fill(data)
    const queries = Array.from({ length: batch }, () => generator.query())
    const results = await together(queries, async (query) => ({
      query,
      outcome: await trial.run(query.text),
    }))
    for (const { query, outcome } of results) {
      const { text, names } = query
      add(outcomes, outcome.kind)
      if (outcome.kind === 'agrees') for (const name of names) add(coverage, name)
      else if ('why' in outcome && outcome.kind !== 'differs')
        add(reasons, `${outcome.kind}: ${outcome.why.split('\n')[0]}`)
      if (outcome.kind === 'agrees' || outcome.kind === 'differs' || outcome.kind === 'crashes') answered += 1
      if (outcome.kind === 'differs' || outcome.kind === 'crashes') {
        const fault = { seed, query: text, data, outcome }
        faults.push(fault)
        report(fault)
      }
    }
  }
  return { faults, outcomes, coverage, reasons }
}

/** Some at a time, in their order: the engine works while the next one is compiled. */
async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: 4 }, () => worker()))
  return results
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** The query with its rows, so that it stands for itself. */
export function standalone(query: string, data: ReadonlyMap<string, Table>): string {
  const used = [...data].filter(([name]) => new RegExp(String.raw`\b${name}\b`).test(query))
  return [...used.map(([name, table]) => datatableText(name, table)), query].join('\n')
}
