import type { Case } from '../case/case.ts'
import { amount, askOf, recordName, type RecordName, records, type Row, text } from '../case/rows.ts'
import { AzimuthError } from '../error.ts'
import { inOrder } from '../evidence/in-order.ts'
import { quotePattern } from '../kql/functions/term.ts'
import type { Column } from '../kql/plan.ts'
import { quotedText } from '../kql/quoted.ts'

/** Where one term stands in one table. */
export interface SearchHit {
  readonly term: string
  readonly table: string
  readonly count: number
  readonly first: string
  readonly last: string
  /** The earliest, at most `mostFound`. */
  readonly found: readonly FoundRecord[]
}

/** A record that holds a term. */
export interface FoundRecord extends RecordName {
  readonly time: string
  /** The text around the term: values of columns, by commas. */
  readonly excerpt: string
}

/** Hits beyond these are counted, not named. */
export const mostFound = 100
const mostTerms = 10_000
const longestTerm = 1024
/** Of all terms together. */
const mostCharacters = 500_000
/** What one pattern may hold to stay within the memory that the engine gives it. */
const patternCharacters = 20_000
/** Functions of KQL take so many arguments. */
const mostArguments = 60
const tablesAtOnce = 2

type Searched = Pick<Case, 'ask' | 'compile' | 'tables'>

/**
 * Looks for terms (addresses, hashes, names, ids, user agents) in all columns of all tables, each read once. A term is
 * found whole: `10.0.0.1` is not in `10.0.0.11`. Letter case does not matter.
 */
export async function searchTerms(source: Searched, terms: readonly string[]): Promise<readonly SearchHit[]> {
  const wanted = wantedTerms(terms)
  const patterns = patternsOf([...wanted.keys()])
  const values = {
    terms: JSON.stringify([...wanted.keys()]),
    ...Object.fromEntries(patterns.map((pattern, index) => [`any${index}`, pattern])),
  }
  const ask = askOf(source)
  const tables = (await source.tables()).filter(({ rows }) => rows > 0).map(({ table }) => table)
  const found = inOrder(tables, tablesAtOnce, async (table) => {
    const rows = await ask(await queryOf(source, table, patterns.length), values)
    return rows.flatMap((row) => hitsOf(table, row, wanted))
  })
  return (await Array.fromAsync(found)).flat().toSorted(order)
}

/** The terms as rows are searched for them, each with those that were given. */
function wantedTerms(terms: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const given = terms.filter((term) => term.trim() !== '')
  const distinct = new Map(given.map((term) => [term.trim().toLowerCase(), term]))
  const wanted = Map.groupBy(distinct.values(), (term) => withoutEscapes(term))
  const characters = given.reduce((sum, term) => sum + term.length, 0)
  if (wanted.size === 0)
    throw new AzimuthError('no-term', 'there is no term to look for', {
      hint: 'azimuth search TERM, or -f FILE with one a line',
    })
  if (wanted.size > mostTerms || characters > mostCharacters)
    throw new AzimuthError(
      'too-many-terms',
      `${wanted.size} terms of ${characters} characters are more than ${mostTerms}, or ${mostCharacters} characters`,
      { hint: 'split the file' },
    )
  const long = given.find((term) => term.length > longestTerm)
  if (long === undefined) return wanted
  throw new AzimuthError('term-too-long', `a term of ${long.length} characters is longer than ${longestTerm}`)
}

/** A text as it stands outside of JSON, however deep it was in it: backslashes once, none before quotes. The query does the same. */
function withoutEscapes(text: string): string {
  return text.trim().replaceAll('\\\\', '\\').replaceAll('\\\\', '\\').replaceAll('\\"', '"')
}

/** Expressions that hold in every row with a term: one look at a row for many terms, each of which is then looked at alone. */
function patternsOf(forms: readonly string[]): readonly string[] {
  const groups: string[][] = [[]]
  let characters = 0
  for (const form of forms) {
    characters += form.length
    if (characters > patternCharacters) {
      groups.push([])
      characters = form.length
    }
    groups.at(-1)?.push(quotePattern(form))
  }
  return groups.map((group) => `(?i)(?:${group.join('|')})`)
}

async function queryOf(source: Searched, table: string, patterns: number): Promise<string> {
  const name = `[${quotedText(table)}]`
  const compiled = await source.compile(name)
  if (!compiled.ok) throw new Error(`${table} cannot be asked: ${compiled.diagnostics[0]?.message}`)
  const any = Array.from({ length: patterns }, (_, index) => `any${index}`)
  return String.raw`
declare query_parameters(terms: dynamic, ${any.map((each) => `${each}: string`).join(', ')});
let WithLines = (json: string) {
  replace_string(replace_string(replace_string(replace_string(replace_string(
    json, @'\\', '\u0001'), @'\n', '\n'), @'\r', '\n'), @'\t', '\n'), '\u0001', @'\\')
};
let WithoutEscapes = (text: string) {
  replace_string(replace_string(replace_string(text, @'\\', @'\'), @'\\', @'\'), @'\"', '"')
};
${name}
| where isnotempty(_EvidenceId)
| project TimeGenerated, Record = ${recordName(quotedText(table))}, RowText = WithoutEscapes(${rowText(compiled.columns)})
| where ${any.map((each) => `RowText matches regex ${each}`).join(' or ')}
| extend Terms = terms
| mv-expand Term = Terms to typeof(string)
| where RowText contains Term
| where RowText has Term
| extend Place = indexof(tolower(RowText), tolower(Term))
| project TimeGenerated, Record, Term, Excerpt = replace_string(substring(RowText, max_of(0, Place - 40), strlen(Term) + 80), '\n', ', ')
| sort by TimeGenerated asc, Record asc
| summarize Times = count(), First = min(TimeGenerated), Last = max(TimeGenerated),
    Found = make_list(pack('record', Record, 'time', tostring(TimeGenerated), 'excerpt', Excerpt), ${mostFound}) by Term`
}

/** KQL for all values of a row, one a line; those of JSON with their line ends and tabs, so that terms end there. */
function rowText(columns: readonly Column[]): string {
  let parts = columns.map(({ name, type }) => {
    const column = `[${quotedText(name)}]`
    return type === 'dynamic' ? `WithLines(tostring(${column}))` : column
  })
  while (parts.length > 1) {
    const groups = Array.from({ length: Math.ceil(parts.length / mostArguments) }, (_, index) =>
      parts.slice(index * mostArguments, (index + 1) * mostArguments),
    )
    parts = groups.map((group) => `strcat_delim('\\n', ${[...group, "''"].join(', ')})`)
  }
  return parts[0] ?? "''"
}

function hitsOf(
  table: string,
  row: Row,
  wanted: ReadonlyMap<string, readonly string[]>,
): readonly SearchHit[] {
  const cells = row['Found']
  const found = (Array.isArray(cells) ? cells : []).flatMap((cell) => {
    // As the query packs it.
    const entry = cell as Row
    const [time, excerpt] = [text(entry, 'time'), text(entry, 'excerpt')]
    return records(entry, 'record').map((name): FoundRecord => ({ ...name, time, excerpt }))
  })
  const [count, first, last] = [amount(row, 'Times'), text(row, 'First'), text(row, 'Last')]
  const terms = wanted.get(text(row, 'Term')) ?? []
  return terms.map((term) => ({ term, table, count, first, last, found }))
}

function order(left: SearchHit, right: SearchHit): number {
  const [one, other] = [`${left.term} ${left.table}`, `${right.term} ${right.table}`]
  return one < other ? -1 : one > other ? 1 : 0
}
