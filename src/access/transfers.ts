import { amount, type Ask, recordName, type RecordName, records, text } from '../case/rows.ts'
import { requests, transportCaller } from './requests.ts'

/** Reads by the service itself for one credential, apart by where the copies went. */
export interface Transfer {
  readonly account: string
  readonly means: string
  readonly keyHash: string
  readonly signature: string
  readonly requesterId: string
  /** Account in the evidence that the copies were written to; '' where no log of ours shows them. */
  readonly destination: string
  readonly first: string
  readonly last: string
  readonly reads: number
  readonly objects: number
  readonly bytes: number
  readonly records: readonly RecordName[]
}

/** Copies into an account, by the credential that ordered them and the account that they came from. */
export interface CopyOrder {
  readonly account: string
  readonly means: string
  readonly keyHash: string
  readonly signature: string
  readonly requesterId: string
  readonly caller: string
  readonly agent: string
  readonly source: string
  readonly first: string
  readonly last: string
  readonly copies: number
  readonly records: readonly RecordName[]
}

/** A copy's source is read within this time of its order. */
const window = '1h'

const copies = `
let Copies = Requests
| where OperationName in ('CopyBlobSource', 'CopyFileSource', 'CopyBlobFromURL', 'PutBlobFromURL', 'PutBlockFromURL',
    'PutPageFromURL', 'PutRangeFromURL', 'AppendBlockFromURL', 'IncrementalCopyBlob')
| extend Source = iff(ObjectKey startswith 'http', ObjectKey, SourceUri)
| extend SourceAccount = tolower(extract(@'^https?://([^.:/?]+)', 1, Source)),
    SourcePath = extract(@'^https?://[^/?]+(/[^?]*)', 1, Source)
| where isnotempty(SourceAccount);
`

const transfersQuery = `${requests}${copies}
Requests
| where Caller == '${transportCaller}' and Act == 'read' and Succeeded
| extend Path = extract(@'^https?://[^/?]+(/[^?]*)', 1, Uri), Record = ${recordName('SourceTable')}
| join kind=leftouter (Copies | project CopyTime = TimeGenerated, SourceAccount, SourcePath, Destination = Account)
    on $left.Account == $right.SourceAccount, $left.Path == $right.SourcePath
| extend IsThis = isnotnull(CopyTime) and TimeGenerated between ((CopyTime - ${window}) .. (CopyTime + ${window}))
| summarize Destination = maxif(Destination, IsThis), Bytes = max(ResponseBodySize)
  by Account, Means, KeyHash, Signature, RequesterObjectId, TimeGenerated, ObjectKey, Record
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Reads = count(), Objects = count_distinct(ObjectKey),
    Bytes = sum(Bytes), Records = make_list(Record, 10000)
  by Account, Means, KeyHash, Signature, RequesterObjectId, Destination
| sort by First asc, Account asc, Destination asc`

const ordersQuery = `${requests}${copies}
Requests
| where Act == 'copy' and OperationName != 'SnapshotBlob'
| join kind=inner (Copies | summarize by Order = CorrelationId, CopyAccount = Account, SourceAccount)
    on $left.CorrelationId == $right.Order, $left.Account == $right.CopyAccount
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Copies = count_distinct(CorrelationId),
    Records = make_list(${recordName('SourceTable')}, 10000)
  by Account, Means, KeyHash, Signature, RequesterObjectId, Caller, UserAgentHeader, SourceAccount
| sort by First asc, Account asc, SourceAccount asc`

/** Reads by the service itself, by credential and destination. */
export async function findTransfers(ask: Ask): Promise<readonly Transfer[]> {
  return (await ask(transfersQuery)).map((row) => ({
    account: text(row, 'Account'),
    means: text(row, 'Means'),
    keyHash: text(row, 'KeyHash'),
    signature: text(row, 'Signature'),
    requesterId: text(row, 'RequesterObjectId'),
    destination: text(row, 'Destination'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    reads: amount(row, 'Reads'),
    objects: amount(row, 'Objects'),
    bytes: amount(row, 'Bytes'),
    records: records(row, 'Records'),
  }))
}

/** Server-side copies into the accounts of the evidence. */
export async function findCopyOrders(ask: Ask): Promise<readonly CopyOrder[]> {
  return (await ask(ordersQuery)).map((row) => ({
    account: text(row, 'Account'),
    means: text(row, 'Means'),
    keyHash: text(row, 'KeyHash'),
    signature: text(row, 'Signature'),
    requesterId: text(row, 'RequesterObjectId'),
    caller: text(row, 'Caller'),
    agent: text(row, 'UserAgentHeader'),
    source: text(row, 'SourceAccount'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    copies: amount(row, 'Copies'),
    records: records(row, 'Records'),
  }))
}
