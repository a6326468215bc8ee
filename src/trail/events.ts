import { recordName, storageAddress } from '../case/rows.ts'

/**
 * KQL that defines `Events`: what identities did, out of every log that names one, under the same columns. `Who` is an
 * object id where the log has one, `WhoName` a name; `Token` is the unique token identifier by which a sign-in, calls of
 * Graph, of the control plane and of Key Vault are one; `Session` that of the sign-in; `Reference` another id by which
 * records name each other. An empty cell means that the log does not say.
 */
export const events = `
let ObjectIdClaim = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
let Events = union
(SigninLogs | project TimeGenerated, SourceTable = 'SigninLogs', Kind = 'sign-in', Who = UserId, WhoName = UserPrincipalName,
    Address = IPAddress, Client = AppDisplayName, UserAgent, Token = UniqueTokenIdentifier, Session = SessionId, Reference = Id,
    What = strcat('sign-in to ', ResourceDisplayName), Target = ResourceDisplayName, Result = ResultType,
    IsDone = ResultType == '0', Device = coalesce(tostring(DeviceDetail.displayName), tostring(DeviceDetail.deviceId)),
    Place = Location, Credential = '', Policies = tostring(ConditionalAccessPolicies), _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AADNonInteractiveUserSignInLogs | extend Detail = parse_json(DeviceDetail)
  | project TimeGenerated, SourceTable = 'AADNonInteractiveUserSignInLogs', Kind = 'token', Who = UserId, WhoName = UserPrincipalName,
    Address = IPAddress, Client = AppDisplayName, UserAgent, Token = UniqueTokenIdentifier, Session = SessionId, Reference = Id,
    What = strcat('token for ', ResourceDisplayName), Target = ResourceDisplayName, Result = ResultType,
    IsDone = ResultType == '0', Device = coalesce(tostring(Detail.displayName), tostring(Detail.deviceId)), Place = Location,
    Credential = '', Policies = ConditionalAccessPolicies, _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AADServicePrincipalSignInLogs | project TimeGenerated, SourceTable = 'AADServicePrincipalSignInLogs', Kind = 'sign-in',
    Who = ServicePrincipalId, WhoName = ServicePrincipalName, Address = IPAddress, Client = AppId, UserAgent,
    Token = UniqueTokenIdentifier, Session = iff(isempty(SessionId), strcat(coalesce(ServicePrincipalCredentialKeyId, FederatedCredentialId), ' ', IPAddress), SessionId),
    Reference = Id, What = strcat('token for ', ResourceDisplayName), Target = ResourceDisplayName, Result = ResultType,
    IsDone = ResultType == '0', Device = '', Place = Location, Credential = coalesce(ServicePrincipalCredentialKeyId, FederatedCredentialId), Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AADManagedIdentitySignInLogs | project TimeGenerated, SourceTable = 'AADManagedIdentitySignInLogs', Kind = 'sign-in',
    Who = ServicePrincipalId, WhoName = ServicePrincipalName, Address = IPAddress, Client = AppId, UserAgent,
    Token = UniqueTokenIdentifier, Session = SessionId,
    Reference = Id, What = strcat('token for ', ResourceDisplayName), Target = ResourceDisplayName, Result = ResultType,
    IsDone = ResultType == '0', Device = '', Place = Location, Credential = ServicePrincipalCredentialKeyId, Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(MicrosoftGraphActivityLogs | project TimeGenerated, SourceTable = 'MicrosoftGraphActivityLogs', Kind = 'Graph call',
    Who = coalesce(UserId, ServicePrincipalId), WhoName = '', Address = IPAddress, Client = AppId, UserAgent,
    Token = SignInActivityId, Session = SessionId, Reference = RequestId,
    What = strcat(RequestMethod, ' ', extract(@'^https?://[^/]+(/[^?]*)', 1, RequestUri)), Target = '',
    Result = tostring(ResponseStatusCode), IsDone = ResponseStatusCode between (200 .. 399), Device = DeviceId, Place = '',
    Credential = '', Policies = '', _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AzureActivity | extend Claim = iff(isnotnull(Claims_d), Claims_d, parse_json(Claims))
  | project TimeGenerated, SourceTable = 'AzureActivity', Kind = 'control plane',
    Who = coalesce(tostring(Claim[ObjectIdClaim]), Caller), WhoName = Caller, Address = CallerIpAddress, Client = tostring(Claim.appid),
    UserAgent = '', Token = tostring(Claim.uti), Session = tostring(Claim.sid), Reference = CorrelationId,
    What = OperationNameValue, Target = _ResourceId, Result = ActivityStatusValue,
    IsDone = ActivityStatusValue !startswith 'fail', Device = tostring(Claim.deviceid), Place = '', Credential = '', Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AZKVAuditLogs | extend Claim = Identity.claim
  | project TimeGenerated, SourceTable = 'AZKVAuditLogs', Kind = 'Key Vault',
    Who = coalesce(tostring(Claim.oid), tostring(Claim[ObjectIdClaim])), WhoName = tostring(Claim.upn), Address = CallerIpAddress,
    Client = tostring(Claim.appid), UserAgent = ClientInfo, Token = tostring(Claim.uti), Session = '', Reference = CorrelationId,
    What = OperationName, Target = Id, Result = tostring(HttpStatusCode), IsDone = HttpStatusCode between (200 .. 399),
    Device = '', Place = '', Credential = '', Policies = '', _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(union withsource=StorageTable StorageBlobLogs, StorageFileLogs, StorageQueueLogs, StorageTableLogs
  | where isnotempty(RequesterObjectId)
  | project TimeGenerated, SourceTable = StorageTable, Kind = 'storage', Who = RequesterObjectId, WhoName = RequesterUpn,
    Address = ${storageAddress},
    Client = RequesterAppId, UserAgent = UserAgentHeader, Token = '', Session = '', Reference = CorrelationId,
    What = OperationName, Target = AccountName, Result = StatusCode, IsDone = StatusCode startswith '2', Device = '', Place = '',
    Credential = '', Policies = '', _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AuditLogs | project TimeGenerated, SourceTable = 'AuditLogs', Kind = 'directory',
    Who = coalesce(tostring(InitiatedBy.user.id), tostring(InitiatedBy.app.servicePrincipalId)),
    WhoName = coalesce(tostring(InitiatedBy.user.userPrincipalName), tostring(InitiatedBy.app.displayName)),
    Address = tostring(InitiatedBy.user.ipAddress), Client = tostring(InitiatedBy.app.displayName), UserAgent = '', Token = '',
    Session = '', Reference = CorrelationId, What = trim(' ', OperationName),
    Target = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName), tostring(TargetResources[0].id)),
    Result, IsDone = Result =~ 'success', Device = '', Place = '', Credential = '', Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AADUserRiskEvents | project TimeGenerated, SourceTable = 'AADUserRiskEvents', Kind = 'risk', Who = UserId, WhoName = UserPrincipalName,
    Address = IpAddress, Client = '', UserAgent = '', Token = '', Session = '', Reference = RequestId, What = RiskEventType,
    Target = '', Result = RiskLevel, IsDone = true, Device = '', Place = '', Credential = '', Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(AADRiskyUsers | project TimeGenerated, SourceTable = 'AADRiskyUsers', Kind = 'risk', Who = Id, WhoName = UserPrincipalName,
    Address = '', Client = '', UserAgent = '', Token = '', Session = '', Reference = CorrelationId, What = strcat('user ', RiskState),
    Target = '', Result = RiskLevel, IsDone = true, Device = '', Place = '', Credential = '', Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal),
(OfficeActivity | project TimeGenerated, SourceTable = 'OfficeActivity', Kind = 'Office', Who = '', WhoName = UserId,
    Address = coalesce(ClientIP, Client_IPAddress), Client = coalesce(AppId, ClientAppId), UserAgent = coalesce(UserAgent, ClientInfoString),
    Token = tostring(AppAccessContext.UniqueTokenId), Session = tostring(AppAccessContext.AADSessionId), Reference = OfficeId, What = strcat(OfficeWorkload, ' ', Operation), Target = OfficeObjectId,
    Result = ResultStatus, IsDone = ResultStatus !startswith 'fail', Device = '', Place = '', Credential = '', Policies = '',
    _EvidenceId, _EvidenceRecord, _EvidenceOrdinal)
| extend Record = ${recordName('SourceTable')}
| project-away _EvidenceId, _EvidenceRecord, _EvidenceOrdinal;
`
