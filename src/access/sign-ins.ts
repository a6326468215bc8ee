import { type Ask, type RecordName, text } from '../case/rows.ts'

/** The sign-in that issued the token of a control-plane call. */
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

const signInsQuery = `
let Tokens = union (AzureActivity
| where OperationNameValue has_any ('listKeys', 'listAccountSas', 'listServiceSas', 'regenerateKey', 'diagnosticSettings', 'locks', 'storageAccounts')
| extend Claim = iff(isnotnull(Claims_d), Claims_d, parse_json(Claims))
| project Token = tostring(Claim.uti)),
  (AZKVAuditLogs | project Token = tostring(Identity.claim.uti))
| where isnotempty(Token)
| distinct Token;
union
  (SigninLogs | project TimeGenerated, Token = UniqueTokenIdentifier, Identity = UserId, Name = UserPrincipalName, IPAddress, Session = SessionId, Application = AppDisplayName, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, Source = 'SigninLogs'),
  (AADNonInteractiveUserSignInLogs | project TimeGenerated, Token = UniqueTokenIdentifier, Identity = UserId, Name = UserPrincipalName, IPAddress, Session = SessionId, Application = AppDisplayName, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, Source = 'AADNonInteractiveUserSignInLogs'),
  (AADServicePrincipalSignInLogs | project TimeGenerated, Token = UniqueTokenIdentifier, Identity = ServicePrincipalId, Name = ServicePrincipalName, IPAddress, Session = SessionId, Application = AppId, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, Source = 'AADServicePrincipalSignInLogs'),
  (AADManagedIdentitySignInLogs | project TimeGenerated, Token = UniqueTokenIdentifier, Identity = ServicePrincipalId, Name = ServicePrincipalName, IPAddress, Session = SessionId, Application = AppId, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal, Source = 'AADManagedIdentitySignInLogs')
| where Token in (Tokens)
| sort by TimeGenerated asc, Token asc`

/** Sign-ins whose token was used for a credential, a secret or a change of storage, by token. */
export async function findSignIns(ask: Ask): Promise<ReadonlyMap<string, SignIn>> {
  const rows = await ask(signInsQuery)
  return new Map(
    rows.toReversed().map((row) => {
      const signIn = {
        table: text(row, 'Source'),
        token: text(row, 'Token'),
        time: text(row, 'TimeGenerated'),
        identity: text(row, 'Identity'),
        name: text(row, 'Name'),
        address: text(row, 'IPAddress'),
        session: text(row, 'Session'),
        application: text(row, 'Application'),
        record: {
          table: text(row, 'Source'),
          evidenceId: text(row, '_EvidenceId'),
          record: Number(row['_EvidenceRecord']),
          ordinal: Number(row['_EvidenceOrdinal']),
        },
      }
      return [signIn.token, signIn]
    }),
  )
}
