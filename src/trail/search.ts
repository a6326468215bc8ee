import { AzimuthError } from '../error.ts'
import { amount, type Ask, recordName, type RecordName, records, type Row, text } from '../case/rows.ts'

/** Where one term stands in one table. */
export interface SearchHit {
  readonly term: string
  readonly table: string
  readonly count: number
  readonly first: string
  readonly last: string
  /** The earliest, at most `mostRecords`. */
  readonly records: readonly RecordName[]
}

/** Hits beyond these are counted, not named. */
export const mostRecords = 100
const mostTerms = 10_000
const longestTerm = 1024

/**
 * Looks for terms (addresses, hashes, names, ids, user agents) in all columns of these tables, each read once. A term is
 * found whole: `10.0.0.1` is not in `10.0.0.11`. Letter case does not matter.
 */
export async function searchTerms(
  ask: Ask,
  tables: readonly string[],
  terms: readonly string[],
): Promise<readonly SearchHit[]> {
  const wanted = [...new Set(terms.map((term) => term.trim()).filter((term) => term !== ''))]
  if (wanted.length === 0)
    throw new AzimuthError('no-term', 'there is no term to look for', {
      hint: 'azimuth search TERM, or -f FILE with one a line',
    })
  if (wanted.length > mostTerms)
    throw new AzimuthError('too-many-terms', `${wanted.length} terms are more than ${mostTerms}`, {
      hint: 'split the file',
    })
  const long = wanted.find((term) => term.length > longestTerm)
  if (long !== undefined)
    throw new AzimuthError(
      'term-too-long',
      `a term of ${long.length} characters is longer than ${longestTerm}`,
    )
  const sources = tables.filter((table) => /^\w+$/.test(table))
  if (sources.length === 0) return []
  // Rows are searched as JSON text, where quotes and backslashes are written with a backslash.
  const written = new Map(wanted.map((term) => [JSON.stringify(term).slice(1, -1), term]))
  const values = { terms: JSON.stringify([...written.keys()]) }
  const hits: SearchHit[] = []
  for (const table of sources)
    hits.push(...(await ask(queryOf(table), values)).map((row) => hitOf(table, row, written)))
  return hits.toSorted((left, right) => order(left, right))
}

function queryOf(table: string): string {
  return `
declare query_parameters(terms: string);
${table}
| extend Record = ${recordName(`'${table}'`)}
| project TimeGenerated, Record, RowText = tostring(pack_all(true))
| mv-expand Term = parse_json(terms) to typeof(string)
| where RowText has Term
| sort by TimeGenerated asc
| summarize Times = count(), First = min(TimeGenerated), Last = max(TimeGenerated), Records = make_list(Record, ${mostRecords}) by Term`
}

function hitOf(table: string, row: Row, written: ReadonlyMap<string, string>): SearchHit {
  const term = text(row, 'Term')
  return {
    term: written.get(term) ?? term,
    table,
    count: amount(row, 'Times'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    records: records(row, 'Records'),
  }
}

function order(left: SearchHit, right: SearchHit): number {
  const [one, other] = [`${left.term} ${left.table}`, `${right.term} ${right.table}`]
  return one < other ? -1 : one > other ? 1 : 0
}
