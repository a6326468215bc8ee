// The rivals' mappings, written by hand for logs that are known to be whole and spelled as expected.

/** `text` and the like: the value at a path. `json`: an object or list as its text. Anything else is constant. */
export interface RivalColumn {
  readonly name: string
  readonly type:
    | 'text'
    | 'lower'
    | 'subscription'
    | 'group'
    | 'json'
    | 'int'
    | 'long'
    | 'real'
    | 'bool'
    | 'time'
    | 'constant'
  /** Keys from the record's root; of a constant, the text. */
  readonly path: readonly string[]
}

function columns(type: RivalColumn['type'], prefix: string, ...names: readonly string[]): RivalColumn[] {
  return names.map((entry) => {
    const [name = '', key = lowerFirst(name)] = entry.split('=')
    return { name, type, path: prefix === '' ? key.split('.') : [...prefix.split('.'), ...key.split('.')] }
  })
}

function constants(values: Readonly<Record<string, string>>): RivalColumn[] {
  return Object.entries(values).map(([name, text]) => ({ name, type: 'constant', path: [text] }))
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

const tenant = '99999999-9999-4999-8999-999999999999'

const ofEveryTable: readonly RivalColumn[] = [
  ...columns('time', '', 'TimeGenerated=time'),
  ...columns('lower', '', '_ResourceId=resourceId'),
  ...columns('subscription', '', '_SubscriptionId=resourceId'),
]

export const storageColumns: readonly RivalColumn[] = [
  ...constants({ TenantId: tenant, Type: 'StorageBlobLogs', SourceSystem: 'Azure' }),
  ...ofEveryTable,
  ...columns('text', '', 'Category', 'OperationName', 'OperationVersion', 'SchemaVersion', 'StatusCode', 'StatusText',
    'CallerIpAddress', 'CorrelationId', 'Location', 'Protocol', 'Uri', 'AuthenticationType=identity.type',
    'AuthenticationHash=identity.tokenHash'),
  ...columns('json', '', 'AuthorizationDetails=identity.authorization'),
  ...columns('text', 'identity.requester', 'RequesterObjectId=objectId', 'RequesterTenantId=tenantId', 'RequesterAppId=appId',
    'RequesterAudience=audience', 'RequesterTokenIssuer=tokenIssuer', 'RequesterUpn=upn'),
  ...columns('real', '', 'DurationMs'),
  ...columns('int', 'properties', 'OperationCount'),
  ...columns('real', 'properties', 'ServerLatencyMs'),
  ...columns('long', 'properties', 'RequestHeaderSize', 'RequestBodySize', 'ResponseHeaderSize', 'ResponseBodySize',
    'ContentLengthHeader'),
  ...columns('time', 'properties', 'LastModifiedTime'),
  ...columns('text', 'properties', 'AccountName', 'ServiceType', 'MetricResponseType', 'ClientRequestId', 'TlsVersion',
    'ObjectKey', 'UserAgentHeader', 'ReferrerHeader', 'RequestMd5', 'ResponseMd5', 'Etag', 'ConditionsUsed',
    'SasExpiryStatus', 'AccessTier', 'SourceAccessTier', 'RehydratePriority', 'SourceUri', 'DestinationUri'),
] // oxfmt-ignore

export const signInColumns: readonly RivalColumn[] = [
  ...constants({ TenantId: tenant, Type: 'AADNonInteractiveUserSignInLogs', SourceSystem: 'Azure' }),
  ...ofEveryTable,
  ...columns('group', '', 'ResourceGroup=resourceId'),
  ...columns('text', '', 'AADTenantId=tenantId', 'Category', 'Identity', 'Level=Level', 'Location', 'OperationName',
    'OperationVersion', 'ResultDescription', 'ResultSignature', 'ResultType', 'IPAddress=callerIpAddress'),
  ...columns('long', '', 'DurationMs'),
  ...columns('time', 'properties', 'CreatedDateTime'),
  ...columns('bool', 'properties', 'IsInteractive', 'IsRisky', 'IsTenantRestricted', 'IsThroughGlobalSecureAccess'),
  ...columns('text', 'properties', 'AlternateSignInName', 'AppDisplayName', 'AppId', 'AppOwnerTenantId',
    'AuthenticationProtocol', 'AuthenticationRequirement', 'AuthenticatorAppLocation', 'AutonomousSystemNumber',
    'ClientAppUsed', 'ClientCredentialType', 'ClientSessionId', 'ConditionalAccessStatus', 'CorrelationId',
    'CrossTenantAccessType', 'FederatedCredentialId', 'GlobalSecureAccessIpAddress', 'HomeTenantId', 'HomeTenantName',
    'Id', 'IncomingTokenType', 'OriginalRequestId', 'OriginalTransferMethod',
    'ProcessingTimeInMs=processingTimeInMilliseconds', 'ResourceDisplayName', 'ResourceIdentity=resourceId',
    'ResourceOwnerTenantId', 'ResourceServicePrincipalId', 'ResourceTenantId', 'RiskDetail', 'RiskLevelAggregated',
    'RiskLevelDuringSignIn', 'RiskState', 'ServicePrincipalId', 'SessionId', 'SignInIdentifierType', 'TokenIssuerName',
    'TokenIssuerType', 'UniqueTokenIdentifier', 'UserAgent', 'UserDisplayName', 'UserId', 'UserPrincipalName', 'UserType'),
  ...columns('json', 'properties', 'Agent', 'AppliedEventListeners', 'AuthenticationContextClassReferences',
    'AuthenticationDetails', 'AuthenticationMethodsUsed', 'AuthenticationProcessingDetails',
    'AuthenticationRequirementPolicies', 'ConditionalAccessAudiences',
    'ConditionalAccessPolicies=appliedConditionalAccessPolicies', 'DeviceDetail', 'LocationDetails=location', 'MfaDetail',
    'NetworkLocationDetails', 'RiskEventTypes', 'RiskEventTypes_V2=riskEventTypes_v2', 'SessionLifetimePolicies',
    'SignInEventTypes', 'Status', 'TokenProtectionStatusDetails'),
] // oxfmt-ignore
