import { amount, type Ask, type Row, text } from '../case/rows.ts'
import { byteText, countText } from '../quantity.ts'
import { requests } from './requests.ts'
import { between, earlier, hour } from './time.ts'

/** What a category of its own is logged for. */
export type LoggedAct = 'read' | 'write' | 'delete'

/** What the logs of one account can show. */
export interface AccountCoverage {
  readonly account: string
  readonly reads: number
  readonly writes: number
  readonly deletes: number
  /** First and last record of any category; '' where there is none. */
  readonly first: string
  readonly last: string
  readonly firstRead: string
  readonly lastRead: string
  /** Since when logs can have shown each act: their first record, or earlier where metrics count none before. */
  readonly since: Readonly<Record<LoggedAct, string>>
  /** Records that carry hashes of keys and signatures; classic logs carry none. */
  readonly hashed: number
  /** Requests of reading that metrics count, and the bytes that they count out. */
  readonly measuredReads: number
  readonly measuredBytes: number
}

const coverageQuery = `${requests}
union
  (Requests
  | summarize Reads = countif(Category == 'StorageRead'), Writes = countif(Category == 'StorageWrite'),
      Deletes = countif(Category == 'StorageDelete'), First = min(TimeGenerated), Last = max(TimeGenerated),
      FirstRead = minif(TimeGenerated, Category == 'StorageRead'), LastRead = maxif(TimeGenerated, Category == 'StorageRead'),
      FirstWrite = minif(TimeGenerated, Category == 'StorageWrite'), FirstDelete = minif(TimeGenerated, Category == 'StorageDelete'),
      Hashed = countif(isnotempty(AuthenticationHash)), MeasuredReads = 0.0, MeasuredBytes = 0.0
    by Account),
  (AzureMetrics
  | where ResourceId contains '/storageaccounts/' and MetricName in ('Transactions', 'Egress')
  | extend Account = tolower(extract(@'(?i)/storageaccounts/([^/]+)', 1, ResourceId)), Api = tolower(tostring(parse_json(tolower(tostring(Dimensions))).apiname))
  | extend IsCounted = MetricName == 'Transactions' and Total > 0, Act = case(Api == '', '', Api matches regex '^(get|list|query|peek|find|read|smbread|nfsread|sftpread)', 'read', Api startswith 'delete', 'delete', 'write')
  | summarize MeasuredReads = sumif(Total, MetricName == 'Transactions' and Api startswith 'get'), MeasuredBytes = sumif(Total, MetricName == 'Egress'),
      FirstMeasured = minif(TimeGenerated, MetricName == 'Transactions'), FirstMeasuredRead = minif(TimeGenerated, IsCounted and Act in ('read', '')),
      FirstMeasuredWrite = minif(TimeGenerated, IsCounted and Act in ('write', '')), FirstMeasuredDelete = minif(TimeGenerated, IsCounted and Act in ('delete', ''))
    by Account),
  (AzureActivity
  | where _ResourceId has 'storageaccounts'
  | extend Account = extract(@'/storageaccounts/([^/]+)', 1, tolower(_ResourceId))
  | where isnotempty(Account)
  | summarize by Account)
| summarize Reads = sum(Reads), Writes = sum(Writes), Deletes = sum(Deletes), First = min(First), Last = max(Last),
    FirstRead = min(FirstRead), LastRead = max(LastRead), FirstWrite = min(FirstWrite), FirstDelete = min(FirstDelete), Hashed = sum(Hashed),
    FirstMeasured = min(FirstMeasured), FirstMeasuredRead = min(FirstMeasuredRead),
    FirstMeasuredWrite = min(FirstMeasuredWrite), FirstMeasuredDelete = min(FirstMeasuredDelete),
    MeasuredReads = sum(MeasuredReads), MeasuredBytes = sum(MeasuredBytes)
  by Account
| sort by Account asc`

/** Every storage account that the evidence names, and what its logs hold. */
export async function findCoverage(ask: Ask): Promise<readonly AccountCoverage[]> {
  return (await ask(coverageQuery)).map((row) => ({
    account: text(row, 'Account'),
    reads: amount(row, 'Reads'),
    writes: amount(row, 'Writes'),
    deletes: amount(row, 'Deletes'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    firstRead: text(row, 'FirstRead'),
    lastRead: text(row, 'LastRead'),
    since: sinceOf(row),
    hashed: amount(row, 'Hashed'),
    measuredReads: amount(row, 'MeasuredReads'),
    measuredBytes: amount(row, 'MeasuredBytes'),
  }))
}

/** What metrics count of an account, as a clause. */
export function measuredText({
  measuredReads,
  measuredBytes,
}: Pick<AccountCoverage, 'measuredReads' | 'measuredBytes'>): string {
  return `metrics count ${countText(measuredReads)} reads and ${byteText(measuredBytes)} out`
}

/** Deletes are few: where writes are logged, those before the first delete are taken for it too. */
function sinceOf(row: Row): AccountCoverage['since'] {
  const write = since(row, 'FirstWrite', 'FirstMeasuredWrite')
  return {
    read: since(row, 'FirstRead', 'FirstMeasuredRead'),
    write,
    delete: earlier(write, since(row, 'FirstDelete', 'FirstMeasuredDelete')),
  }
}

/** A log that holds nothing may have been on while there was nothing to log: metrics that go back further tell. */
function since(row: Row, logged: string, counted: string): string {
  const [first, begin, firstCounted] = [text(row, logged), text(row, 'FirstMeasured'), text(row, counted)]
  if (first === '' || begin === '') return first
  const wasQuiet = firstCounted === '' || between(firstCounted, first) < hour
  return wasQuiet ? earlier(first, begin) : first
}
