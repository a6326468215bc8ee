import { type Ask, recordName, type RecordName, records, type Row, text } from '../case/rows.ts'

/** The sign-in that issued a token. */
export interface SignIn {
  readonly table: string
  readonly token: string
  readonly time: string
  readonly identity: string
  readonly name: string
  readonly address: string
  readonly session: string
  readonly application: string
  readonly record: RecordName
}

const users = 'Identity = UserId, Name = UserPrincipalName, Application = AppDisplayName'
const workloads = 'Identity = ServicePrincipalId, Name = ServicePrincipalName, Application = AppId'

/** KQL that defines `SignIns`: every sign-in with success, of users and workloads, under the same columns, at the time it was made. */
const signIns = `
let SignIns = union ${[
  ['SigninLogs', users],
  ['AADNonInteractiveUserSignInLogs', users],
  ['AADServicePrincipalSignInLogs', workloads],
  ['AADManagedIdentitySignInLogs', workloads],
]
  .map(
    ([table, names]) =>
      `(${table} | where ResultType == '0' | project TimeGenerated = coalesce(CreatedDateTime, TimeGenerated), Token = UniqueTokenIdentifier, ${names}, IPAddress, Session = SessionId, ResourceIdentity, Source = '${table}', Record = ${recordName(`'${table}'`)})`,
  )
  .join(',\n  ')};
`

/** Operations whose tokens are traced to their sign-in: credentials handed out, logs and guards changed, commands run. */
const traced =
  "'listKeys', 'listAccountSas', 'listServiceSas', 'regenerateKey', 'diagnosticSettings', 'locks', 'storageAccounts', 'runCommand', 'runCommands', 'extensions'"

const tokensQuery = `${signIns}
let Tokens = union (AzureActivity
| where OperationNameValue has_any (${traced})
| extend Claim = iff(isnotnull(Claims_d), Claims_d, parse_json(Claims))
| project Token = tostring(Claim.uti)),
  (AZKVAuditLogs | project Token = tostring(Identity.claim.uti))
| where isnotempty(Token)
| distinct Token;
SignIns
| where Token in (Tokens)
| sort by TimeGenerated asc, Token asc`

/** Application id of Azure Storage, for which its tokens are issued. */
const storageResource = 'e406a681-f3d4-42a8-90b6-c2b029497af1'

const storageQuery = `
declare query_parameters(identities: string);
${signIns}
SignIns
| where ResourceIdentity =~ '${storageResource}' and set_has_element(parse_json(identities), Identity)
| sort by TimeGenerated asc, Token asc`

/** Sign-ins whose token was used for a credential, a secret, a command or a change of storage, by token. */
export async function findSignIns(ask: Ask): Promise<ReadonlyMap<string, SignIn>> {
  const rows = await ask(tokensQuery)
  return new Map(rows.toReversed().map((row) => [text(row, 'Token'), signInOf(row)]))
}

/** Sign-ins of identities (object ids) for Azure Storage, by time. */
export async function findStorageSignIns(
  ask: Ask,
  identities: readonly string[],
): Promise<readonly SignIn[]> {
  if (identities.length === 0) return []
  return (await ask(storageQuery, { identities: JSON.stringify([...new Set(identities)]) })).map(signInOf)
}

function signInOf(row: Row): SignIn {
  const [record] = records(row, 'Record')
  if (record === undefined) throw new Error('a sign-in without a record')
  return {
    table: text(row, 'Source'),
    token: text(row, 'Token'),
    time: text(row, 'TimeGenerated'),
    identity: text(row, 'Identity'),
    name: text(row, 'Name'),
    address: text(row, 'IPAddress'),
    session: text(row, 'Session'),
    application: text(row, 'Application'),
    record,
  }
}
