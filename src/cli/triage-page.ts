import type { Case } from '../case/case.ts'
import { inOrder } from '../evidence/in-order.ts'
import { triageQuestions, triageSources, triageViews, type TriageSource } from './triage-sources.ts'

const hourMs = 3_600_000
const atOnce = 4
const busiestCount = 5

export type TriagePresence = {
  readonly table: string
  readonly subscription: string
  readonly rows: number
  readonly first: string
  readonly last: string
  /** How many hours of the clock have records. */
  readonly hours: number
  /** The longest time without a record between two hours that have some; undefined where every hour has one. */
  readonly gap: { readonly from: string; readonly ms: number } | undefined
}

export type TriageBusy = { readonly name: string; readonly records: number }

/** What cannot be seen, and the tables or categories that would show it. */
export type TriageAbsence = { readonly what: string; readonly lacks: string }

/** What the page of `triage` says, as data. */
export type TriagePage = {
  /** The time of the newest record of the case, in milliseconds. */
  readonly newestMs: number
  readonly presences: readonly TriagePresence[]
  readonly missing: readonly TriageAbsence[]
  readonly identities: readonly TriageBusy[]
  readonly addresses: readonly TriageBusy[]
  readonly accounts: readonly TriageBusy[]
  readonly questions: readonly string[]
}

type Row = Readonly<Record<string, unknown>>
type Asked = Pick<Case, 'ask' | 'compile' | 'tables'>

/** Looks over a case in KQL. */
export async function lookOver(source: Asked, signal: AbortSignal): Promise<TriagePage> {
  const tables = (await source.tables()).filter(({ rows }) => rows > 0).map(({ table }) => table)
  const present = new Set(tables)
  const found = await Array.fromAsync(
    inOrder(tables, atOnce, async (table) => await presencesOf(source, table, signal)),
  )
  const presences = found.flat()
  const newestMs = Math.max(...presences.map(({ last }) => Date.parse(last)).filter(Number.isFinite))
  const sources = triageSources.filter(({ table }) => present.has(table))
  const busiest = async (column: 'identity' | 'address' | 'account') =>
    await busiestOf(source, sources, column, signal)
  return {
    presences,
    newestMs,
    missing: [...missingViews(present), ...(await missingStorage(source, tables, signal))],
    identities: await busiest('identity'),
    addresses: await busiest('address'),
    accounts: await busiest('account'),
    questions: triageQuestions.filter(({ table }) => present.has(table)).map(({ kql }) => kql),
  }
}

async function presencesOf(
  source: Asked,
  table: string,
  signal: AbortSignal,
): Promise<readonly TriagePresence[]> {
  const name = `['${table.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
  const column = await subscriptionOf(source, table, name)
  const [spans, hours] = await Promise.all([
    rowsOf(
      source,
      `${name} | summarize Rows = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by Subscription = ${column} | sort by Subscription asc`,
      signal,
    ),
    rowsOf(
      source,
      `${name} | where isnotnull(TimeGenerated) | distinct Subscription = ${column}, Hour = bin(TimeGenerated, 1h) | sort by Hour asc`,
      signal,
    ),
  ])
  const bySubscription = Map.groupBy(hours, (hour) => textOf(hour['Subscription']))
  return spans.map((span) => {
    const subscription = textOf(span['Subscription'])
    const filled = (bySubscription.get(subscription) ?? []).map((hour) => textOf(hour['Hour']))
    return {
      table,
      subscription,
      rows: Number(span['Rows']),
      first: textOf(span['First']),
      last: textOf(span['Last']),
      hours: filled.length,
      gap: longestGap(filled),
    }
  })
}

function missingViews(present: ReadonlySet<string>): readonly TriageAbsence[] {
  const missing = triageViews.filter((view) => !view.tables.some((table) => present.has(table)))
  return missing.map(({ shows, tables }) => ({ what: shows, lacks: `no ${tables.join(', no ')}` }))
}

/** Storage accounts of which only reads, or only writes, were logged: each category is switched on by itself. */
async function missingStorage(
  source: Asked,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<readonly TriageAbsence[]> {
  const logs = tables.filter((table) => /^Storage(Blob|File|Queue|Table)Logs$/.test(table))
  if (logs.length === 0) return []
  const kql = `union ${logs.join(', ')} | where isnotempty(AccountName) | summarize Reads = countif(Category == 'StorageRead'), Writes = countif(Category == 'StorageWrite') by AccountName, Type | where Reads == 0 or Writes == 0 | sort by AccountName asc, Type asc`
  const rows = await rowsOf(source, kql, signal)
  return rows.flatMap((row) => {
    const place = `of ${textOf(row['AccountName'])}`
    const absence = (what: string, category: string): TriageAbsence => ({
      what: `${what} ${place}`,
      lacks: `no ${category} in ${textOf(row['Type'])}; none happened, or they were not logged`,
    })
    return [
      ...(row['Reads'] === 0 ? [absence('reads', 'StorageRead')] : []),
      ...(row['Writes'] === 0 ? [absence('writes', 'StorageWrite')] : []),
    ]
  })
}

/** Flow tuples name their subscription inside the resource; a table that an export brought may name none. */
async function subscriptionOf(source: Asked, table: string, name: string): Promise<string> {
  if (table === 'FlowTuples')
    return "extract('/subscriptions/([^/]+)', 1, tolower(strcat(TargetResourceId, LogResourceId)))"
  const { ok } = await source.compile(`${name} | project _SubscriptionId`)
  return ok ? '_SubscriptionId' : "''"
}

/** The longest stretch of empty hours in a sorted list of hours that have records. */
export function longestGap(hours: readonly string[]): TriagePresence['gap'] {
  let longest: TriagePresence['gap']
  for (const [index, hour] of hours.entries()) {
    const before = hours[index - 1]
    if (before === undefined) continue
    const ms = Date.parse(hour) - Date.parse(before) - hourMs
    if (ms > (longest?.ms ?? 0)) longest = { from: new Date(Date.parse(before) + hourMs).toISOString(), ms }
  }
  return longest
}

async function busiestOf(
  source: Asked,
  sources: readonly TriageSource[],
  column: 'identity' | 'address' | 'account',
  signal: AbortSignal,
): Promise<readonly TriageBusy[]> {
  const legs = sources.flatMap((one) =>
    one[column] === undefined ? [] : [`(${one.table} | project Name = ${nameOf(column, one[column])})`],
  )
  if (legs.length === 0) return []
  const kql = `union ${legs.join(', ')} | where isnotempty(Name) | summarize Records = count() by Name | sort by Records desc, Name asc | take ${busiestCount}`
  const rows = await rowsOf(source, kql, signal)
  return rows.map((row) => ({ name: textOf(row['Name']), records: Number(row['Records']) }))
}

/** Names without regard to case; addresses without the port that storage logs append. */
function nameOf(column: 'identity' | 'address' | 'account', expression: string): string {
  if (column === 'identity') return `tolower(${expression})`
  if (column === 'account') return expression
  return `coalesce(extract(@'^(\\d+\\.\\d+\\.\\d+\\.\\d+):\\d+$', 1, ${expression}), ${expression})`
}

async function rowsOf(source: Asked, kql: string, signal: AbortSignal): Promise<readonly Row[]> {
  const answer = await source.ask(kql, { signal })
  if (!answer.ok) throw new Error(`triage asks what is refused: ${kql}: ${answer.diagnostics[0]?.message}`)
  const rows: Row[] = []
  for await (const row of answer.rows)
    rows.push(Object.fromEntries(answer.columns.map(({ name }, index) => [name, row[index]])))
  return rows
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
