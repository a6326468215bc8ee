import { amount, type Ask, recordName, type RecordName, records, text, texts } from '../case/rows.ts'

/** Reads of secrets, keys and certificates in one vault by one caller on one day. */
export interface SecretReads {
  readonly vault: string
  readonly identity: string
  readonly token: string
  readonly address: string
  readonly first: string
  readonly last: string
  readonly requests: number
  readonly objects: number
  readonly operations: readonly string[]
  readonly records: readonly RecordName[]
}

/** KQL for who holds the token of a request to a vault; `Claim` are its claims, under short names or long ones. */
export const vaultHolder =
  "coalesce(tostring(Claim.oid), tostring(Claim['http://schemas.microsoft.com/identity/claims/objectidentifier']), tostring(Claim.appid))"

const secretsQuery = `
AZKVAuditLogs
| where OperationName in ('SecretGet', 'SecretList', 'SecretListVersions', 'SecretBackup', 'KeyGet', 'KeyBackup', 'CertificateGet', 'CertificateBackup', 'KeyDecrypt', 'KeyUnwrap')
| where HttpStatusCode between (200 .. 299)
| extend Claim = Identity.claim
| extend Holder = ${vaultHolder},
    Token = tostring(Claim.uti), Vault = tolower(extract(@'/vaults/([^/]+)', 1, tolower(_ResourceId)))
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Asked = count(), Objects = count_distinct(Id),
    Operations = make_set(OperationName), Records = make_list(${recordName("'AZKVAuditLogs'")}, 10000)
  by Vault, Holder, Token, CallerIpAddress, Day = bin(TimeGenerated, 1d)
| sort by First asc, Vault asc, Holder asc`

/** Successful reads out of Key Vault, by vault, caller, token and day. */
export async function findSecretReads(ask: Ask): Promise<readonly SecretReads[]> {
  return (await ask(secretsQuery)).map((row) => ({
    vault: text(row, 'Vault'),
    identity: text(row, 'Holder'),
    token: text(row, 'Token'),
    address: text(row, 'CallerIpAddress'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    requests: amount(row, 'Asked'),
    objects: amount(row, 'Objects'),
    operations: texts(row, 'Operations'),
    records: records(row, 'Records'),
  }))
}
