import { amount, type Ask, recordName, type RecordName, records, type Row, text } from '../case/rows.ts'
import { requests } from './requests.ts'

/** What metrics count of the content that one account gave out in one hour by one means. */
export interface MeasuredHour {
  readonly account: string
  readonly hour: string
  /** Authentication as metrics tell it, in lower case: accountkey, sas, oauth, anonymous. */
  readonly authentication: string
  readonly api: string
  readonly requests: number
  readonly bytes: number
  /** What a log tells of these. */
  readonly loggedRequests: number
  readonly loggedBytes: number
  readonly records: readonly RecordName[]
}

const metricsQuery = `
declare query_parameters(accounts: string);
AzureMetrics
| where MetricName in ('Transactions', 'Egress') and ResourceId contains '/storageaccounts/'
| extend Account = tolower(extract(@'(?i)/storageaccounts/([^/]+)', 1, ResourceId))
| where set_has_element(parse_json(accounts), Account)
| extend Dimension = parse_json(tolower(tostring(Dimensions)))
| extend Api = tostring(Dimension.apiname), Authentication = tostring(Dimension.authentication)
| where Api in ('getblob', 'getfile', 'queryentities', 'queryentity', 'getmessages', 'readfile') and Total > 0
| summarize Asked = sumif(Total, MetricName == 'Transactions'), Bytes = sumif(Total, MetricName == 'Egress'),
    Records = make_list(${recordName("'AzureMetrics'")}, 100)
  by Account, Hour = bin(TimeGenerated, 1h), Authentication, Api
| sort by Account asc, Hour asc, Authentication asc, Api asc`

const loggedQuery = `
declare query_parameters(accounts: string);
${requests}
Requests
| where set_has_element(parse_json(accounts), Account) and Act == 'read' and Succeeded
| extend Authentication = iff(Means endswith 'SAS', 'sas', tolower(AuthenticationType))
| summarize Asked = count(), Bytes = sum(ResponseBodySize) by Account, Hour = bin(TimeGenerated, 1h), Authentication`

/** Hours in which metrics count reads of content of these accounts, and what logs tell of the same hours. */
export async function findMeasuredHours(
  ask: Ask,
  accounts: readonly string[],
): Promise<readonly MeasuredHour[]> {
  const values = { accounts: JSON.stringify(accounts) }
  const keyOf = (row: Row): string =>
    `${text(row, 'Account')} ${text(row, 'Hour')} ${text(row, 'Authentication')}`
  const logged = new Map((await ask(loggedQuery, values)).map((row) => [keyOf(row), row]))
  return (await ask(metricsQuery, values)).map((row) => ({
    account: text(row, 'Account'),
    hour: text(row, 'Hour'),
    authentication: text(row, 'Authentication'),
    api: text(row, 'Api'),
    requests: amount(row, 'Asked'),
    bytes: amount(row, 'Bytes'),
    loggedRequests: amount(logged.get(keyOf(row)) ?? {}, 'Asked'),
    loggedBytes: amount(logged.get(keyOf(row)) ?? {}, 'Bytes'),
    records: records(row, 'Records'),
  }))
}

/** An hour in which metrics count more user delegation keys of an account than its log tells. */
export interface DelegatedHour {
  readonly account: string
  readonly hour: string
}

const delegatedQuery = `${requests}
AzureMetrics
| where MetricName == 'Transactions' and ResourceId contains '/storageaccounts/' and Total > 0
| where tostring(parse_json(tolower(tostring(Dimensions))).apiname) == 'getuserdelegationkey'
| summarize Asked = sum(Total) by Account = tolower(extract(@'(?i)/storageaccounts/([^/]+)', 1, ResourceId)), Hour = bin(TimeGenerated, 1h)
| join kind=leftouter (
    Requests | where OperationName == 'GetUserDelegationKey' | summarize Logged = count() by Account, Hour = bin(TimeGenerated, 1h)
  ) on Account, Hour
| where Asked > coalesce(Logged, 0)
| project Account, Hour
| sort by Hour asc, Account asc`

/** Hours in which keys were asked for to sign with that no log shows. */
export async function findDelegatedHours(ask: Ask): Promise<readonly DelegatedHour[]> {
  return (await ask(delegatedQuery)).map((row) => ({
    account: text(row, 'Account'),
    hour: text(row, 'Hour'),
  }))
}
