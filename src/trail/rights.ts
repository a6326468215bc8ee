import { type Ask, recordName, type RecordName, records, text, texts } from '../case/rows.ts'
import type { Identity } from './resolve.ts'

/** A role, credential, consent, membership or ownership that an identity gave or gained. */
export interface Right {
  readonly time: string
  readonly direction: 'gave' | 'gained'
  readonly what: string
  readonly by: string
  readonly to: string
  readonly toName: string
  readonly address: string
  /** Ids of credentials that were added. */
  readonly credentials: readonly string[]
  readonly result: string
  readonly records: readonly RecordName[]
}

const rightsQuery = `
declare query_parameters(ids: string, names: string);
let Ids = parse_json(ids);
let Names = parse_json(names);
union
(AuditLogs
  | where OperationName has_any ('role', 'member', 'owner', 'consent', 'permission', 'credential', 'credentials', 'secrets', 'certificates', 'federated', 'security info', 'delegated', 'app role')
      or ActivityDisplayName has_any ('role', 'member', 'owner', 'consent', 'permission', 'credentials', 'secrets', 'certificates', 'federated', 'security info')
  | mv-expand TargetResource = TargetResources
  | extend By = coalesce(tostring(InitiatedBy.user.id), tostring(InitiatedBy.app.servicePrincipalId)),
      ByName = coalesce(tostring(InitiatedBy.user.userPrincipalName), tostring(InitiatedBy.app.displayName)),
      To = tostring(TargetResource.id), ToName = coalesce(tostring(TargetResource.userPrincipalName), tostring(TargetResource.displayName)),
      Key = extract_all(@'KeyIdentifier=([0-9a-fA-F-]{36})', tostring(TargetResource.modifiedProperties))
  | project TimeGenerated, What = trim(' ', OperationName), By, ByName, To, ToName, Key, Address = tostring(InitiatedBy.user.ipAddress),
      Result, Reference = Id, Record = ${recordName("'AuditLogs'")}),
(AzureActivity
  | where OperationNameValue in~ ('Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleEligibilityScheduleRequests/write',
      'Microsoft.Authorization/roleAssignmentScheduleRequests/write', 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write')
  | extend Claim = iff(isnotnull(Claims_d), Claims_d, parse_json(Claims))
  | extend To = extract(@'(?i)principalId[\\\\": ]+([0-9a-f-]{36})', 1, Properties)
  | project TimeGenerated, What = OperationNameValue, By = coalesce(tostring(Claim['http://schemas.microsoft.com/identity/claims/objectidentifier']), Caller),
      ByName = Caller, To, ToName = '', Key = dynamic([]), Address = CallerIpAddress, Result = ActivityStatusValue, Reference = CorrelationId,
      Record = ${recordName("'AzureActivity'")})
| summarize Time = min(TimeGenerated), To = max(To), ToName = max(ToName), Keys = make_set(tostring(Key)), Results = make_set(Result),
    Records = make_list(Record, 100)
  by What, By = tolower(By), ByName, Address, Reference
| extend IsGiven = set_has_element(Ids, By) or set_has_element(Names, tolower(ByName)) or set_has_element(Names, By),
    IsGained = set_has_element(Ids, tolower(To)) or (isnotempty(ToName) and set_has_element(Names, tolower(ToName)))
| where IsGiven or IsGained
| sort by Time asc, What asc, Reference asc`

/** Rights that an identity gave to others or itself, and that it gained. */
export async function findRights(ask: Ask, identity: Identity): Promise<readonly Right[]> {
  const rows = await ask(rightsQuery, {
    ids: JSON.stringify(identity.ids),
    names: JSON.stringify(identity.names),
  })
  return rows.map((row) => ({
    time: text(row, 'Time'),
    direction: row['IsGained'] === true ? 'gained' : 'gave',
    what: text(row, 'What'),
    by: text(row, 'ByName') || text(row, 'By'),
    to: text(row, 'To'),
    toName: text(row, 'ToName'),
    address: text(row, 'Address'),
    credentials: texts(row, 'Keys')
      .flatMap((list) => list.match(/[0-9a-f-]{36}/gi) ?? [])
      .map((id) => id.toLowerCase()),
    result: texts(row, 'Results').join(', '),
    records: records(row, 'Records'),
  }))
}
