import { join } from 'node:path'
import { readDocuments } from './documents.ts'
import type { RefusedRule, Rule, RuleDocument, RuleReading } from './rule.ts'
import { readSentinel } from './sentinel.ts'

/** The rules that come with Azimuth: beside the sources, and beside what is built of them. */
export const builtInRules = join(import.meta.dirname, '..', '..', 'rules')

/** The word that stands for the rules that come with Azimuth. */
export const builtInName = 'built-in'

/** Reads all rules of a file or folder; one that cannot be read is listed with its reason and stops nobody. */
export async function readRules(path: string, signal?: AbortSignal): Promise<RuleReading> {
  const { documents, refused } = await readDocuments(path === builtInName ? builtInRules : path, signal)
  const sigma = documents.filter((document) => isSigma(document))
  const sentinel = readSentinel(documents.filter((document) => !isSigma(document)))
  const others = sigma.map(({ path: file }): RefusedRule => ({ path: file, reason: 'Sigma is not read yet' }))
  return withoutRepeats(sentinel.rules, [...refused, ...sentinel.refused, ...others])
}

function isSigma({ value }: RuleDocument): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ('detection' in value || 'correlation' in value) && !('query' in value)
}

/** Two rules of one id would be one in the alerts. */
function withoutRepeats(rules: readonly Rule[], refused: readonly RefusedRule[]): RuleReading {
  const first = new Map<string, Rule>()
  const repeats: RefusedRule[] = []
  for (const rule of rules.toSorted((a, b) => compare(a.path, b.path))) {
    const { id, name, path } = rule
    const earlier = first.get(id)
    if (earlier) repeats.push({ id, name, path, reason: `has the id of ${earlier.path}` })
    else first.set(id, rule)
  }
  return { rules: [...first.values()], refused: [...refused, ...repeats] }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
