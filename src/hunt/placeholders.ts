import type { Case } from '../case/case.ts'
import { askOf, text } from '../case/rows.ts'
import { quotedText } from '../kql/quoted.ts'
import { mostValues, type Placeholders } from './sigma/modifiers.ts'

/** The values of a watchlist; nothing where there is none of the name. */
export type ListValues = (name: string) => Promise<readonly string[] | undefined>

/** What the placeholders in the texts of Sigma's rules stand for. */
export async function readPlaceholders(texts: readonly string[], values: ListValues): Promise<Placeholders> {
  const expanding = texts.filter((rule) => /\|\s*expand\b/i.test(rule))
  const names = new Set(
    expanding.flatMap((rule) => [...rule.matchAll(/%([\w.-]+)(?=%)/g)].map(([, name = '']) => name)),
  )
  const lists = new Map<string, readonly string[]>()
  for (const name of names) {
    const list = await values(name)
    if (list) lists.set(name, list)
  }
  return (name) => lists.get(name)
}

/** The search keys of a case's watchlists, of each one more than a rule may hold at most. */
export async function watchlistValues(source: Pick<Case, 'ask' | 'watchlists'>): Promise<ListValues> {
  const known = new Set((await source.watchlists()).map(({ name }) => name))
  const ask = askOf(source)
  return async (name) => {
    if (!known.has(name)) return undefined
    const rows = await ask(
      `_GetWatchlist(${quotedText(name)}) | where isnotempty(SearchKey) | distinct SearchKey | sort by SearchKey asc | take ${mostValues + 1}`,
    )
    return rows.map((row) => text(row, 'SearchKey'))
  }
}
