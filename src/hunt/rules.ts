import { join } from 'node:path'
import { readDocuments } from './documents.ts'
import { readPlaceholders, type ListValues } from './placeholders.ts'
import type { RefusedRule, Rule, RuleReading } from './rule.ts'
import { readSentinel } from './sentinel.ts'
import { isSigma, readSigma } from './sigma/read.ts'

/** The rules that come with Azimuth: beside the sources, and beside what is built of them. */
export const builtInRules = join(import.meta.dirname, '..', '..', 'rules')

/** The word that stands for the rules that come with Azimuth. */
export const builtInName = 'built-in'

/**
 * Reads all rules of a file or folder; one that cannot be read is listed with its reason and stops nobody. The placeholders
 * of Sigma's rules stand for the values of watchlists.
 */
export async function readRules(
  path: string,
  signal?: AbortSignal,
  lists?: ListValues,
): Promise<RuleReading> {
  const { documents, texts, refused } = await readDocuments(
    path === builtInName ? builtInRules : path,
    signal,
  )
  const sigmaPaths = new Set(documents.filter(({ value }) => isSigma(value)).map((document) => document.path))
  const sentinel = readSentinel(documents.filter((document) => !sigmaPaths.has(document.path)))
  const files = [...sigmaPaths].map((file) => ({ path: file, text: texts.get(file) ?? '' }))
  const rules = files.map(({ text }) => text)
  const sigma = readSigma(files, lists ? { placeholders: await readPlaceholders(rules, lists) } : {})
  return withoutRepeats(
    [...sentinel.rules, ...sigma.rules],
    [...refused, ...sentinel.refused, ...sigma.refused],
  )
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
