import { amount, type Ask, text } from '../case/rows.ts'
import { requests } from './requests.ts'

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
      Hashed = countif(isnotempty(AuthenticationHash)), MeasuredReads = 0.0, MeasuredBytes = 0.0
    by Account),
  (AzureMetrics
  | where ResourceId contains '/storageaccounts/' and MetricName in ('Transactions', 'Egress')
  | extend Account = tolower(extract(@'(?i)/storageaccounts/([^/]+)', 1, ResourceId)), Api = tolower(tostring(parse_json(tolower(tostring(Dimensions))).apiname))
  | summarize MeasuredReads = sumif(Total, MetricName == 'Transactions' and Api startswith 'get'), MeasuredBytes = sumif(Total, MetricName == 'Egress')
    by Account),
  (AzureActivity
  | where _ResourceId has 'storageaccounts'
  | extend Account = extract(@'/storageaccounts/([^/]+)', 1, tolower(_ResourceId))
  | where isnotempty(Account)
  | summarize by Account)
| summarize Reads = sum(Reads), Writes = sum(Writes), Deletes = sum(Deletes), First = min(First), Last = max(Last),
    FirstRead = min(FirstRead), LastRead = max(LastRead), Hashed = sum(Hashed),
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
    hashed: amount(row, 'Hashed'),
    measuredReads: amount(row, 'MeasuredReads'),
    measuredBytes: amount(row, 'MeasuredBytes'),
  }))
}
