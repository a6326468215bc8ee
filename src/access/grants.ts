import {
  amount,
  type Ask,
  recordName,
  type RecordName,
  records,
  type Row,
  text,
  texts,
} from '../case/rows.ts'
import { requests } from './requests.ts'

/** How a credential was handed out. */
export type GrantKind = 'list keys' | 'regenerate key' | 'account SAS' | 'service SAS' | 'user delegation key'

/** A call that handed out, or made, a credential of an account. */
export interface Grant {
  readonly kind: GrantKind
  readonly account: string
  readonly time: string
  /** Object id or name of the identity, as its log gives it. */
  readonly caller: string
  /** Object id of the identity; '' where its log gives none. */
  readonly callerId: string
  readonly address: string
  /** Application by which the call was made: its id, or the user agent where no id is told. */
  readonly application: string
  /** Unique token identifier of the call's token. */
  readonly token: string
  /** Resource that owns the managed identity which called, in lower case; '' for others. */
  readonly owner: string
  readonly failed: boolean
  readonly records: readonly RecordName[]
}

/** Control-plane operations that hand out a storage credential. */
const operations: Readonly<Record<string, GrantKind>> = {
  'microsoft.storage/storageaccounts/listkeys/action': 'list keys',
  'microsoft.storage/storageaccounts/regeneratekey/action': 'regenerate key',
  'microsoft.storage/storageaccounts/listaccountsas/action': 'account SAS',
  'microsoft.storage/storageaccounts/listservicesas/action': 'service SAS',
}

const names = Object.keys(operations)
  .map((name) => `'${name}'`)
  .join(', ')

/** KQL columns of an Activity Log record that tell who called, with which application and token. */
export const activityCaller = `
| extend Claim = iff(isnotnull(Claims_d), Claims_d, parse_json(Claims))
| extend Application = tostring(Claim.appid), Token = tostring(Claim.uti), Owner = tolower(tostring(Claim.xms_mirid)),
    CallerId = coalesce(tostring(Claim.oid), tostring(Claim['http://schemas.microsoft.com/identity/claims/objectidentifier']))`

/** KQL that makes one row of the records of one operation. */
export const oneOperation = `
| summarize Time = min(TimeGenerated), Statuses = make_set(tolower(ActivityStatusValue)), Caller = max(Caller), CallerId = max(CallerId),
    Address = max(CallerIpAddress), Application = max(Application), Token = max(Token), Owner = max(Owner),
    Records = make_list(${recordName("'AzureActivity'")})
  by CorrelationId, Operation, Resource = tolower(_ResourceId)
| sort by Time asc, Operation asc, Resource asc, CorrelationId asc`

const grantsQuery = `
AzureActivity
| extend Operation = tolower(OperationNameValue)
| where Operation in (${names})
| extend _EvidenceId, _EvidenceRecord, _EvidenceOrdinal
${activityCaller}
${oneOperation}
| extend Account = extract(@'/storageaccounts/([^/]+)', 1, Resource)`

const delegationQuery = `${requests}
Requests
| where OperationName == 'GetUserDelegationKey'
| summarize Records = make_list(${recordName('SourceTable')}), Failed = countif(not(Succeeded))
  by Time = TimeGenerated, Account, Caller = RequesterObjectId, Address, Application = coalesce(RequesterAppId, UserAgentHeader), CorrelationId
| sort by Time asc, CorrelationId asc`

/** All calls that handed out a storage credential, by time. */
export async function findGrants(ask: Ask): Promise<readonly Grant[]> {
  const listed = (await ask(grantsQuery)).map(grantOf)
  const delegated = (await ask(delegationQuery)).map(delegationOf)
  return [...listed, ...delegated].toSorted((left, right) =>
    left.time < right.time ? -1 : left.time > right.time ? 1 : 0,
  )
}

function grantOf(row: Row): Grant {
  const kind = operations[text(row, 'Operation')]
  if (kind === undefined) throw new Error(`no grant is made by ${text(row, 'Operation')}`)
  const statuses = texts(row, 'Statuses')
  return {
    kind,
    account: text(row, 'Account'),
    time: text(row, 'Time'),
    caller: text(row, 'Caller'),
    callerId: text(row, 'CallerId'),
    address: text(row, 'Address'),
    application: text(row, 'Application'),
    token: text(row, 'Token'),
    owner: text(row, 'Owner'),
    failed: statuses.some((status) => status.startsWith('fail')),
    records: records(row, 'Records'),
  }
}

function delegationOf(row: Row): Grant {
  return {
    kind: 'user delegation key',
    account: text(row, 'Account'),
    time: text(row, 'Time'),
    caller: text(row, 'Caller'),
    callerId: text(row, 'Caller'),
    address: text(row, 'Address'),
    application: text(row, 'Application'),
    token: '',
    owner: '',
    failed: amount(row, 'Failed') > 0,
    records: records(row, 'Records'),
  }
}
