import { amount, type Ask, text, texts } from '../case/rows.ts'
import { vaultHolder } from './secrets.ts'

/** One caller of one vault: an identity, an address, a client. */
export interface VaultUse {
  readonly vault: string
  readonly identity: string
  readonly name: string
  readonly address: string
  readonly client: string
  readonly first: string
  readonly last: string
  readonly requests: number
  /** Requests that were answered with 401 or 403, but for the first of a token exchange. */
  readonly refused: number
  /** Different secrets, keys and certificates that were read or used. */
  readonly objects: number
  readonly operations: readonly string[]
}

const vaultsQuery = `
AZKVAuditLogs
| extend Claim = Identity.claim
| extend Holder = ${vaultHolder},
    Name = coalesce(tostring(Claim.upn), tostring(Claim['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'])),
    Vault = extract(@'/vaults/([^/]+)', 1, tolower(_ResourceId))
| where isnotempty(Holder) or HttpStatusCode != 401
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Asked = count(),
    Refused = countif(HttpStatusCode in (401, 403)),
    Objects = count_distinctif(Id, OperationName has_any ('Get', 'Decrypt', 'Unwrap', 'Sign', 'Backup') or OperationName matches regex '^(Secret|Key|Certificate)(Get|Decrypt|Unwrap|Sign|Backup)'),
    Operations = make_set(OperationName, 50), Client = max(ClientInfo)
  by Vault, Holder, Name, CallerIpAddress
| sort by Vault asc, First asc, Holder asc, CallerIpAddress asc`

/** Every caller of every vault in the evidence. */
export async function findVaultUses(ask: Ask): Promise<readonly VaultUse[]> {
  return (await ask(vaultsQuery)).map((row) => ({
    vault: text(row, 'Vault'),
    identity: text(row, 'Holder'),
    name: text(row, 'Name'),
    address: text(row, 'CallerIpAddress'),
    client: text(row, 'Client'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    requests: amount(row, 'Asked'),
    refused: amount(row, 'Refused'),
    objects: amount(row, 'Objects'),
    operations: texts(row, 'Operations'),
  }))
}
