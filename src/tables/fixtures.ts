// Long because it is a table: a record of every shape.

import type { JsonObject } from './types.ts'

/** A record of our own in one shape, and what its row must say where the meaning is at stake. */
export interface Fixture {
  readonly shape: string
  readonly record: JsonObject
  readonly path?: string
  /** By column, as ClickHouse writes it in JSON. */
  readonly row: Readonly<Record<string, string | number | boolean | null>>
}

const subscription = '5f1c0000-aaaa-4bbb-8ccc-000000000001'
const tenant = '7e2d0000-aaaa-4bbb-8ccc-000000000002'
const account = `/subscriptions/${subscription}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/stledger`
const upperAccount = account.toUpperCase()
const vault = `/SUBSCRIPTIONS/${subscription.toUpperCase()}/RESOURCEGROUPS/RG-SEC/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/KV-LEDGER`
const correlation = '0c0ffee0-1111-4222-8333-444444444444'
const upnClaim = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn'
const lastHalf = '2025-06-01 10:00:00.5000000'

const activity: readonly Fixture[] = [
  {
    shape: 'AzureActivity/diagnostic',
    record: {
      time: '2025-06-01T10:00:00.5000000Z',
      resourceId: upperAccount,
      operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      category: 'Administrative',
      resultType: 'Success',
      resultSignature: 'Succeeded.OK',
      durationMs: '12',
      callerIpAddress: '203.0.113.7',
      correlationId: correlation,
      identity: {
        authorization: { action: 'listKeys', scope: '/' },
        claims: { [upnClaim]: 'mia@contoso.example', appid: 'a' },
      },
      level: 'Information',
      properties: { eventCategory: 'Administrative', hierarchy: 'root/x', requestbody: '{"a":1}' },
    },
    row: {
      TimeGenerated: lastHalf,
      OperationNameValue: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      OperationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      ActivityStatusValue: 'Success',
      ActivityStatus: 'Succeeded',
      ActivitySubstatusValue: 'OK',
      Caller: 'mia@contoso.example',
      CallerIpAddress: '203.0.113.7',
      Level: 'Information',
      ResourceId: upperAccount,
      _ResourceId: account.toLowerCase(),
      _SubscriptionId: subscription,
      ResourceGroup: 'RG-DATA',
      ResourceProviderValue: 'MICROSOFT.STORAGE',
      Resource: 'STLEDGER',
      CategoryValue: 'Administrative',
      Hierarchy: 'root/x',
      Claims_d: `{"${upnClaim}":"mia@contoso.example","appid":"a"}`,
      Authorization: '{"action":"listKeys","scope":"/"}',
      TenantId: '99999999-9999-4999-8999-999999999999',
      Type: 'AzureActivity',
    },
  },
  {
    shape: 'AzureActivity/rest',
    record: {
      eventTimestamp: '2025-06-01T10:00:00.5Z',
      submissionTimestamp: '2025-06-01T10:03:00Z',
      resourceId: account,
      operationName: {
        value: 'Microsoft.Storage/storageAccounts/listKeys/action',
        localizedValue: 'List Storage Account Keys',
      },
      category: { value: 'Administrative', localizedValue: 'Administrative' },
      status: { value: 'Succeeded', localizedValue: 'Succeeded' },
      subStatus: { value: 'OK', localizedValue: 'OK (HTTP Status Code: 200)' },
      resourceProviderName: { value: 'Microsoft.Storage', localizedValue: 'Storage' },
      resourceGroupName: 'rg-data',
      subscriptionId: subscription,
      caller: 'mia@contoso.example',
      httpRequest: { clientIpAddress: '203.0.113.7', method: 'POST' },
      claims: { [upnClaim]: 'mia@contoso.example', uti: 'u1' },
      authorization: { action: 'Microsoft.Storage/storageAccounts/listKeys/action', scope: account },
      correlationId: correlation,
      eventDataId: 'e0000000-0000-4000-8000-000000000001',
      operationId: correlation,
      level: 'Informational',
      properties: { statusCode: 'OK' },
    },
    row: {
      TimeGenerated: lastHalf,
      OperationNameValue: 'Microsoft.Storage/storageAccounts/listKeys/action',
      OperationName: 'List Storage Account Keys',
      ActivityStatusValue: 'Success',
      ActivityStatus: 'Succeeded',
      ActivitySubstatus: 'OK (HTTP Status Code: 200)',
      CategoryValue: 'Administrative',
      ResourceProvider: 'Storage',
      ResourceProviderValue: 'Microsoft.Storage',
      CallerIpAddress: '203.0.113.7',
      EventDataId: 'e0000000-0000-4000-8000-000000000001',
      EventSubmissionTimestamp: '2025-06-01 10:03:00.0000000',
      HTTPRequest: '{"clientIpAddress":"203.0.113.7","method":"POST"}',
    },
  },
  {
    shape: 'AzureActivity/rest',
    record: {
      eventTimestamp: '2025-06-01T10:00:00.5Z',
      resourceId: account,
      operationName: 'Microsoft.Storage/storageAccounts/write',
      category: 'Administrative',
      status: 'Started',
      caller: 'mia@contoso.example',
      correlationId: correlation,
    },
    row: {
      OperationNameValue: 'Microsoft.Storage/storageAccounts/write',
      OperationName: 'Microsoft.Storage/storageAccounts/write',
      ActivityStatusValue: 'Start',
      SubscriptionId: subscription,
    },
  },
  {
    shape: 'AzureActivity/snake',
    record: {
      event_timestamp: '2025-06-01T10:00:00.500000Z',
      resource_id: account,
      operation_name: {
        value: 'Microsoft.Compute/disks/beginGetAccess/action',
        localized_value: 'Get Disk SAS URI',
      },
      category: { value: 'Administrative', localized_value: 'Administrative' },
      status: { value: 'Started', localized_value: 'Started' },
      http_request: { client_ip_address: '203.0.113.8' },
      caller: 'app-1',
      claims: {},
      correlation_id: correlation,
      event_data_id: 'e2',
      subscription_id: subscription,
      level: 'Informational',
    },
    row: {
      TimeGenerated: lastHalf,
      OperationName: 'Get Disk SAS URI',
      ActivityStatusValue: 'Start',
      CallerIpAddress: '203.0.113.8',
      EventDataId: 'e2',
    },
  },
  {
    shape: 'AzureActivity/pascal',
    record: {
      EventTimestamp: '2025-06-01T10:00:00.5Z',
      ResourceId: account,
      OperationName: 'Microsoft.Authorization/roleAssignments/write',
      Category: 'Administrative',
      Status: 'Failed',
      Level: 3,
      Caller: 'mia@contoso.example',
      CorrelationId: correlation,
      EventDataId: 'e3',
      Claims: { Content: { name: 'Mia' } },
      Properties: { Content: { message: 'no' } },
      HttpRequest: { ClientIpAddress: '203.0.113.9' },
    },
    row: {
      TimeGenerated: lastHalf,
      ActivityStatusValue: 'Failure',
      ActivityStatus: 'Failed',
      Level: 'Informational',
      Claims: '{"name":"Mia"}',
      Properties_d: '{"message":"no"}',
      CallerIpAddress: '203.0.113.9',
    },
  },
  {
    shape: 'AzureActivity/collectorCsv',
    record: {
      eventTimestamp: '06/01/2025 10:00:00',
      resourceId: account,
      operationName:
        '@{value=Microsoft.Authorization/elevateAccess/action; localizedValue=Assigns the caller}',
      category: '@{value=Administrative; localizedValue=Administrative}',
      status: '@{value=Succeeded; localizedValue=Succeeded}',
      caller: 'mia@contoso.example',
      correlationId: correlation,
      httpRequest: '@{clientRequestId=c; clientIpAddress=203.0.113.10; method=POST}',
      level: 'Informational',
    },
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      OperationNameValue: 'Microsoft.Authorization/elevateAccess/action',
      OperationName: 'Assigns the caller',
      ActivityStatusValue: 'Success',
      CallerIpAddress: '203.0.113.10',
    },
  },
  {
    shape: 'AzureActivity/portalCsv',
    record: {
      'Correlation id': correlation,
      'Operation name': 'List Storage Account Keys',
      Status: 'Succeeded',
      'Event category': 'Administrative',
      Level: 'Informational',
      Time: '2025-06-01T10:00:00.500Z',
      Subscription: subscription,
      'Event initiated by': 'mia@contoso.example',
      'Resource type': 'Microsoft.Storage/storageAccounts',
      'Resource group': 'rg-data',
      Resource: 'stledger',
    },
    row: {
      TimeGenerated: lastHalf,
      OperationName: 'List Storage Account Keys',
      ActivityStatusValue: 'Success',
      Resource: 'stledger',
    },
  },
  {
    shape: 'AzureActivity/logAnalytics',
    record: {
      'TimeGenerated [UTC]': '6/1/2025, 10:00:00.500 AM',
      OperationNameValue: 'MICROSOFT.WEB/SITES/DELETE',
      OperationName: '',
      ActivityStatusValue: 'Success',
      CategoryValue: 'Administrative',
      Caller: 'mia@contoso.example',
      Properties: '{"a":[1, 2]}',
      _ResourceId: account.toLowerCase(),
      TenantId: tenant,
      Type: 'AzureActivity',
    },
    row: {
      TimeGenerated: lastHalf,
      OperationName: 'MICROSOFT.WEB/SITES/DELETE',
      ActivityStatus: 'Succeeded',
      Category: 'Administrative',
      Properties: '{"a":[1, 2]}',
      Properties_d: '{"a":[1,2]}',
      TenantId: tenant,
      _SubscriptionId: subscription,
    },
  },
]

const signInProperties = {
  id: '51600000-0000-4000-8000-000000000001',
  createdDateTime: '2025-06-01T09:59:00.1234567+00:00',
  userDisplayName: 'Mia',
  userPrincipalName: 'mia@contoso.example',
  userId: '00000000-0000-4000-8000-00000000a11a',
  appId: '11111111-0000-4000-8000-000000000001',
  appDisplayName: 'Azure Portal',
  ipAddress: '203.0.113.7',
  status: { errorCode: 50126, failureReason: 'Wrong password' },
  deviceDetail: { deviceId: '', operatingSystem: 'Linux' },
  location: {
    city: 'Bern',
    state: 'Bern',
    countryOrRegion: 'CH',
    geoCoordinates: { latitude: 46.9480906, longitude: 7.4474 },
  },
  appliedConditionalAccessPolicies: [{ id: 'p1', result: 'notApplied' }],
  riskEventTypes_v2: ['anonymizedIPAddress'],
  isInteractive: true,
  resourceId: '797f0000-0000-4000-8000-000000000001',
  uniqueTokenIdentifier: 'tok',
  processingTimeInMilliseconds: 58,
} as const

function signInEnvelope(category: string): JsonObject {
  return {
    time: '2025-06-01T10:00:00.5000000Z',
    resourceId: `/tenants/${tenant}/providers/Microsoft.aadiam`,
    operationName: 'Sign-in activity',
    operationVersion: '1.0',
    category,
    tenantId: tenant,
    resultType: '50126',
    resultSignature: 'FAILURE',
    durationMs: 0,
    callerIpAddress: '203.0.113.7',
    correlationId: correlation,
    identity: 'Mia',
    Level: 4,
    location: 'CH',
    properties: signInProperties,
  }
}

const signInRow = {
  TimeGenerated: lastHalf,
  Id: '51600000-0000-4000-8000-000000000001',
  ResultType: '50126',
  Level: '4',
  IPAddress: '203.0.113.7',
  Location: 'CH',
  AADTenantId: tenant,
  CreatedDateTime: '2025-06-01 09:59:00.1234567',
} as const

const graphSignIn = {
  id: '51600000-0000-4000-8000-000000000001',
  createdDateTime: '2025-06-01T10:00:00.5Z',
  userDisplayName: 'Mia',
  userPrincipalName: 'mia@contoso.example',
  userId: 'a11a',
  appId: '1',
  appDisplayName: 'Azure Portal',
  ipAddress: '203.0.113.7',
  status: { errorCode: 0, failureReason: 'Other.' },
  location: { city: 'Bern', countryOrRegion: 'CH' },
  resourceId: '797f',
  isInteractive: true,
  signInEventTypes: ['interactiveUser'],
} as const

const pascalSignIn = {
  Id: '51600000-0000-4000-8000-000000000001',
  CreatedDateTime: '/Date(1748772000500)/',
  UserPrincipalName: 'mia@contoso.example',
  UserId: 'a11a',
  AppId: '1',
  IPAddress: '203.0.113.7',
  IsInteractive: true,
  Status: { ErrorCode: 0 },
  AdditionalProperties: {},
} as const

const portalSignIn = {
  'Date (UTC)': '2025-06-01T10:00:00Z',
  'Request ID': '51600000-0000-4000-8000-000000000001',
  'User agent': 'Mozilla/5.0',
  'Correlation ID': correlation,
  'User ID': 'a11a',
  User: 'Mia',
  Username: 'mia@contoso.example',
  'Incoming token type': 'none',
  Application: 'Azure Portal',
  'Application ID': '1',
  'IP address': '203.0.113.7',
  Location: 'Bern, Bern, CH',
  Status: 'Failure',
  'Sign-in error code': '50126',
  'Failure reason': 'Wrong password',
  'Operating System': 'Linux',
  'Conditional Access': 'Not Applied',
  'Incoming token type (2)': 'none',
} as const

const portalPrincipal = {
  'Date (UTC)': '2025-06-01T10:00:00Z',
  'Request ID': '51600000-0000-4000-8000-000000000009',
  'Service principal ID': 'sp1',
  'Service principal name': 'builder',
  'Credential key ID': 'k1',
  Status: 'Success',
  'IP address': '203.0.113.7',
  Location: '',
} as const

const signIns: readonly Fixture[] = [
  {
    shape: 'SigninLogs/diagnostic',
    record: signInEnvelope('SignInLogs'),
    row: {
      ...signInRow,
      ConditionalAccessPolicies: '[{"id":"p1","result":"notApplied"}]',
      LocationDetails:
        '{"city":"Bern","state":"Bern","countryOrRegion":"CH","geoCoordinates":{"latitude":46.9480906,"longitude":7.4474}}',
      Status: '{"errorCode":50126,"failureReason":"Wrong password"}',
      ResultDescription: 'Wrong password',
      IsInteractive: true,
      ProcessingTimeInMilliseconds: '58',
      ResourceIdentity: '797f0000-0000-4000-8000-000000000001',
      RiskEventTypes_V2: '["anonymizedIPAddress"]',
    },
  },
  {
    shape: 'AADNonInteractiveUserSignInLogs/diagnostic',
    record: signInEnvelope('NonInteractiveUserSignInLogs'),
    row: {
      ...signInRow,
      ProcessingTimeInMs: '58',
      DeviceDetail: '{"deviceId":"","operatingSystem":"Linux"}',
    },
  },
  {
    shape: 'AADServicePrincipalSignInLogs/diagnostic',
    record: signInEnvelope('ServicePrincipalSignInLogs'),
    row: signInRow,
  },
  {
    shape: 'AADManagedIdentitySignInLogs/diagnostic',
    record: signInEnvelope('ManagedIdentitySignInLogs'),
    row: signInRow,
  },
  {
    shape: 'ADFSSignInLogs/diagnostic',
    record: signInEnvelope('ADFSSignInLogs'),
    row: { TimeGenerated: lastHalf, UserPrincipalName: 'mia@contoso.example', IPAddress: '203.0.113.7' },
  },
  {
    shape: 'SigninLogs/graph',
    record: graphSignIn,
    row: { TimeGenerated: lastHalf, ResultType: '0', Location: 'CH', IsInteractive: true },
  },
  {
    shape: 'AADNonInteractiveUserSignInLogs/graph',
    record: { ...graphSignIn, isInteractive: false, signInEventTypes: ['nonInteractiveUser'] },
    row: { ResultType: '0', Status: '{"errorCode":0,"failureReason":"Other."}' },
  },
  {
    shape: 'AADServicePrincipalSignInLogs/graph',
    record: {
      ...graphSignIn,
      signInEventTypes: ['servicePrincipal'],
      servicePrincipalId: 'sp1',
      servicePrincipalName: 'builder',
    },
    row: { ServicePrincipalId: 'sp1' },
  },
  {
    shape: 'AADManagedIdentitySignInLogs/graph',
    record: { ...graphSignIn, signInEventTypes: ['managedIdentity'], servicePrincipalId: 'mi1' },
    row: { ServicePrincipalId: 'mi1' },
  },
  { shape: 'SigninLogs/pascal', record: pascalSignIn, row: { TimeGenerated: lastHalf, ResultType: '0' } },
  {
    shape: 'AADNonInteractiveUserSignInLogs/pascal',
    record: { ...pascalSignIn, IsInteractive: false },
    row: { IsInteractive: false },
  },
  {
    shape: 'AADServicePrincipalSignInLogs/pascal',
    record: { ...pascalSignIn, UserId: '', ServicePrincipalId: 'sp1' },
    row: { ServicePrincipalId: 'sp1' },
  },
  {
    shape: 'AADManagedIdentitySignInLogs/pascal',
    record: { ...pascalSignIn, SignInEventTypes: ['managedIdentity'], ServicePrincipalId: 'mi1' },
    row: { ServicePrincipalId: 'mi1' },
  },
  {
    shape: 'SigninLogs/portalCsv',
    record: portalSignIn,
    path: 'InteractiveSignIns_2025-05-01_2025-06-01.csv',
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      ResultType: '50126',
      Location: 'CH',
      LocationDetails: '{"city":"Bern","state":"Bern","countryOrRegion":"CH"}',
      Status: '{"errorCode":"50126","failureReason":"Wrong password"}',
      DeviceDetail: '{"operatingSystem":"Linux"}',
    },
  },
  {
    shape: 'AADNonInteractiveUserSignInLogs/portalCsv',
    record: portalSignIn,
    path: 'NonInteractiveSignIns_2025-05-01_2025-06-01.csv',
    row: { UserPrincipalName: 'mia@contoso.example' },
  },
  {
    shape: 'AADServicePrincipalSignInLogs/portalCsv',
    record: portalPrincipal,
    path: 'ApplicationSignIns_2025-05-01_2025-06-01.csv',
    row: { ServicePrincipalName: 'builder', ResultType: '0', ServicePrincipalCredentialKeyId: 'k1' },
  },
  {
    shape: 'AADManagedIdentitySignInLogs/portalCsv',
    record: portalPrincipal,
    path: 'MSISignIns_2025-05-01_2025-06-01.csv',
    row: { ServicePrincipalName: 'builder' },
  },
  {
    shape: 'SigninLogs/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      UserPrincipalName: 'mia@contoso.example',
      ConditionalAccessStatus: 'success',
      Id: '51600000-0000-4000-8000-000000000001',
      IsInteractive: 'true',
      Status_dynamic: '{"errorCode":0}',
      Status_string: '',
      Category: 'SignInLogs',
    },
    row: { Status: '{"errorCode":0}', IsInteractive: true, TimeGenerated: lastHalf },
  },
  ...[
    'AADNonInteractiveUserSignInLogs',
    'AADServicePrincipalSignInLogs',
    'AADManagedIdentitySignInLogs',
    'ADFSSignInLogs',
  ].map((name): Fixture => ({
    shape: `${name}/logAnalytics`,
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', Id: `id-${name}`, Type: name, ResultType: '0' },
    row: { ResultType: '0', Type: name },
  })),
]

const auditProperties = {
  id: 'Directory_1',
  category: 'UserManagement',
  correlationId: correlation,
  result: 'success',
  activityDisplayName: 'Update application – Certificates and secrets management ',
  activityDateTime: '2025-06-01T10:00:00.5+00:00',
  loggedByService: 'Core Directory',
  operationType: 'Update',
  initiatedBy: { user: { userPrincipalName: 'mia@contoso.example', displayName: 'Mia' } },
  targetResources: [{ id: 't1', modifiedProperties: [{ displayName: 'X', newValue: '"Member"' }] }],
  additionalDetails: [{ key: 'k', value: 'v' }],
} as const

const riskProperties = {
  id: 'r1',
  requestId: 'q1',
  correlationId: 'c1',
  riskEventType: 'anomalousToken',
  riskState: 'atRisk',
  riskLevel: 'medium',
  detectedDateTime: '2025-06-01T10:00:00.5Z',
  lastUpdatedDateTime: '2025-06-01T10:00:00.5Z',
  userId: 'a11a',
  userPrincipalName: 'mia@contoso.example',
  additionalInfo: '[{"Key":"a", "Value":"b"}]',
} as const

const principalRisk = {
  id: 'r2',
  riskEventType: 'leakedCredentials',
  riskState: 'atRisk',
  detectedDateTime: '2025-06-01T10:00:00.5Z',
  servicePrincipalId: 'sp1',
  keyIds: ['k1'],
} as const

const riskyUser = {
  id: 'a11a',
  riskLastUpdatedDateTime: '2025-06-01T10:00:00.5Z',
  userPrincipalName: 'mia@contoso.example',
  isDeleted: false,
} as const
const riskyPrincipal = {
  id: 'sp1',
  riskLastUpdatedDateTime: '2025-06-01T10:00:00.5Z',
  servicePrincipalType: 'Application',
  accountEnabled: true,
} as const
const provisioning = {
  id: 'p1',
  activityDateTime: '2025-06-01T10:00:00.5Z',
  provisioningAction: 'create',
  provisioningSteps: [{ name: 'Import' }],
  durationInMilliseconds: 12,
} as const

function entraEnvelope(category: string, time: string, properties: JsonObject): JsonObject {
  return {
    time,
    resourceId: `/tenants/${tenant}/providers/microsoft.aadiam`,
    operationName: 'Something',
    category,
    tenantId: tenant,
    Level: 'Information',
    properties,
  }
}

const entra: readonly Fixture[] = [
  {
    shape: 'AuditLogs/diagnostic',
    record: {
      ...entraEnvelope('AuditLogs', '2025-06-01T10:00:00.5000000Z', auditProperties),
      operationName: 'Update application – Certificates and secrets management ',
    },
    row: {
      TimeGenerated: lastHalf,
      Category: 'UserManagement',
      OperationName: 'Update application – Certificates and secrets management ',
      AADOperationType: 'Update',
      InitiatedBy: '{"user":{"userPrincipalName":"mia@contoso.example","displayName":"Mia"}}',
      TargetResources: String.raw`[{"id":"t1","modifiedProperties":[{"displayName":"X","newValue":"\"Member\""}]}]`,
    },
  },
  {
    shape: 'AuditLogs/graph',
    record: auditProperties,
    row: { Id: 'Directory_1', Identity: 'Mia', Category: 'UserManagement', TimeGenerated: lastHalf },
  },
  {
    shape: 'AuditLogs/pascal',
    record: {
      Id: 'Directory_1',
      ActivityDateTime: '2025-06-01T10:00:00.5Z',
      ActivityDisplayName: 'Add user',
      Category: 'UserManagement',
      OperationType: 'Add',
      InitiatedBy: { User: { DisplayName: 'Mia' } },
    },
    row: { OperationName: 'Add user', AADOperationType: 'Add', Identity: 'Mia' },
  },
  {
    shape: 'AuditLogs/portalCsv',
    record: {
      'Date (UTC)': '2025-06-01T10:00:00.5000000+00:00',
      CorrelationId: correlation,
      Service: 'Core Directory',
      Category: 'UserManagement',
      Activity: 'Add user',
      Result: 'success',
      ActorDisplayName: 'Mia',
      ActorUserPrincipalName: 'mia@contoso.example',
      IPAddress: '203.0.113.7',
      Target1Type: 'User',
      Target1ObjectId: 't1',
      Target1ModifiedProperty1Name: 'X',
      Target1ModifiedProperty1NewValue: '"Member"',
      AdditionalDetail1Key: 'k',
      AdditionalDetail1Value: 'v',
    },
    row: {
      TimeGenerated: lastHalf,
      OperationName: 'Add user',
      InitiatedBy:
        '{"user":{"displayName":"Mia","userPrincipalName":"mia@contoso.example","ipAddress":"203.0.113.7"}}',
      TargetResources: String.raw`[{"id":"t1","type":"User","modifiedProperties":[{"displayName":"X","newValue":"\"Member\""}]}]`,
      AdditionalDetails: '[{"key":"k","value":"v"}]',
    },
  },
  {
    shape: 'AuditLogs/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      OperationName: 'Add user',
      InitiatedBy: '{"user": {"id": "a"}}',
      TargetResources: '[]',
      Category: 'UserManagement',
      Id: 'Directory_1',
    },
    row: { InitiatedBy: '{"user":{"id":"a"}}', TargetResources: '[]' },
  },
  {
    shape: 'AADUserRiskEvents/diagnostic',
    record: entraEnvelope('UserRiskEvents', '6/1/2025 10:00:00 AM', riskProperties),
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      AdditionalInfo: '[{"Key":"a","Value":"b"}]',
      CorrelationId: 'c1',
      RiskEventType: 'anomalousToken',
      DetectedDateTime: lastHalf,
    },
  },
  {
    shape: 'AADUserRiskEvents/graph',
    record: riskProperties,
    row: { TimeGenerated: lastHalf, UserId: 'a11a' },
  },
  {
    shape: 'AADUserRiskEvents/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      RiskEventType: 'x',
      UserPrincipalName: 'mia@contoso.example',
      Id: 'r1',
    },
    row: { RiskEventType: 'x' },
  },
  {
    shape: 'AADRiskyUsers/diagnostic',
    record: entraEnvelope('RiskyUsers', '12/13/2024 4:34:03 PM', riskyUser),
    row: {
      TimeGenerated: '2024-12-13 16:34:03.0000000',
      RiskLastUpdatedDateTime: lastHalf,
      IsDeleted: false,
    },
  },
  { shape: 'AADRiskyUsers/graph', record: riskyUser, row: { TimeGenerated: lastHalf } },
  {
    shape: 'AADRiskyUsers/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', Type: 'AADRiskyUsers', Id: 'a' },
    row: { Id: 'a' },
  },
  {
    shape: 'AADServicePrincipalRiskEvents/diagnostic',
    record: entraEnvelope('ServicePrincipalRiskEvents', '6/1/2025 10:00:00 AM', principalRisk),
    row: { KeyIds: '["k1"]', ServicePrincipalId: 'sp1' },
  },
  { shape: 'AADServicePrincipalRiskEvents/graph', record: principalRisk, row: { TimeGenerated: lastHalf } },
  {
    shape: 'AADServicePrincipalRiskEvents/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', Type: 'AADServicePrincipalRiskEvents', Id: 'a' },
    row: { Id: 'a' },
  },
  {
    shape: 'AADRiskyServicePrincipals/diagnostic',
    record: entraEnvelope('RiskyServicePrincipals', '6/1/2025 10:00:00 AM', riskyPrincipal),
    row: { AccountEnabled: true },
  },
  { shape: 'AADRiskyServicePrincipals/graph', record: riskyPrincipal, row: { TimeGenerated: lastHalf } },
  {
    shape: 'AADRiskyServicePrincipals/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', Type: 'AADRiskyServicePrincipals', Id: 'a' },
    row: { Id: 'a' },
  },
  {
    shape: 'AADProvisioningLogs/diagnostic',
    record: entraEnvelope('ProvisioningLogs', '2025-06-01T10:00:00.5Z', provisioning),
    row: { ProvisioningSteps: '[{"name":"Import"}]', DurationMs: '12', ProvisioningAction: 'create' },
  },
  {
    shape: 'AADProvisioningLogs/graph',
    record: provisioning,
    row: { TimeGenerated: lastHalf, DurationMs: '12' },
  },
  {
    shape: 'AADProvisioningLogs/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', ProvisioningSteps: '[]', Id: 'p1' },
    row: { Id: 'p1' },
  },
  {
    shape: 'MicrosoftGraphActivityLogs/diagnostic',
    record: {
      ...entraEnvelope('MicrosoftGraphActivityLogs', '2025-06-01T10:00:00.5Z', {
        requestId: 'g1',
        operationId: 'g0',
        requestMethod: 'GET',
        requestUri: 'https://graph.microsoft.com/v1.0/users',
        responseStatusCode: 200,
        durationMs: 8661,
        clientAuthMethod: '2',
        signInActivityId: 'tok',
        ipAddress: '203.0.113.7',
        tokenIssuedAt: '2025-06-01T09:00:00Z',
        C_Sid: 'session',
      }),
      durationMs: '8661',
    },
    row: {
      RequestId: 'g1',
      ClientAuthMethod: 2,
      DurationMs: 8661,
      ResponseStatusCode: 200,
      SignInActivityId: 'tok',
      SessionId: 'session',
    },
  },
  {
    shape: 'MicrosoftGraphActivityLogs/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      RequestUri: 'https://x',
      SignInActivityId: 't',
      ClientRequestId: '',
      ResponseStatusCode: '200',
    },
    row: { ResponseStatusCode: 200 },
  },
  {
    shape: 'AADGraphActivityLogs/diagnostic',
    record: {
      ...entraEnvelope('AzureADGraphActivityLogs', '2025-06-01T10:00:00.5Z', {
        requestMethod: 'GET',
        actorType: 'User',
        requestId: 'g1',
      }),
      callerIpAddress: '203.0.113.7',
    },
    row: { CallerIpAddress: '203.0.113.7', ActorType: 'User' },
  },
  {
    shape: 'AADGraphActivityLogs/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00.5Z', Type: 'AADGraphActivityLogs', RequestId: 'g' },
    row: { RequestId: 'g' },
  },
]

const auditData = {
  CreationTime: '2025-06-01T10:00:00',
  Id: 'u1',
  Operation: 'FileDownloaded',
  OrganizationId: tenant,
  RecordType: 6,
  UserKey: 'k',
  UserType: 0,
  Workload: 'SharePoint',
  ClientIP: '203.0.113.7:5050',
  ObjectId: 'https://contoso.example/a.docx',
  UserId: 'mia@contoso.example',
  SiteUrl: 'https://contoso.example/',
  SourceFileName: 'a.docx',
  AppAccessContext: { AADSessionId: 's' },
} as const

const officeRow = {
  TimeGenerated: '2025-06-01 10:00:00.0000000',
  OfficeId: 'u1',
  Operation: 'FileDownloaded',
  RecordType: 'SharePointFileOperation',
  UserType: 'Regular',
  OfficeWorkload: 'SharePoint',
  ClientIP: '203.0.113.7:5050',
  OfficeObjectId: 'https://contoso.example/a.docx',
  Site_Url: 'https://contoso.example/',
  AppAccessContext: '{"AADSessionId":"s"}',
  UserId: 'mia@contoso.example',
} as const

const office: readonly Fixture[] = [
  { shape: 'OfficeActivity/auditData', record: auditData, row: officeRow },
  {
    shape: 'OfficeActivity/record',
    record: {
      RecordId: 'u1',
      CreationDate: '6/1/2025 10:00:00 AM',
      RecordType: '6',
      Operation: 'FileDownloaded',
      UserId: 'mia@contoso.example',
      AuditData: JSON.stringify(auditData),
      AssociatedAdminUnits: '',
    },
    row: officeRow,
  },
  {
    shape: 'OfficeActivity/record',
    record: {
      CreationDate: '6/1/2025 10:00:00 AM',
      UserIds: 'mia@contoso.example',
      Operations: 'X',
      AuditData: 'damaged',
      Identity: 'u9',
    },
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      Operation: 'X',
      OfficeId: 'u9',
      UserId: 'mia@contoso.example',
    },
  },
  {
    shape: 'OfficeActivity/graph',
    record: {
      id: 'u1',
      createdDateTime: '2025-06-01T10:00:00Z',
      auditLogRecordType: 'sharePointFileOperation',
      operation: 'FileDownloaded',
      auditData: { ...auditData },
    },
    row: officeRow,
  },
  {
    shape: 'OfficeActivity/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00Z',
      OfficeWorkload: 'SharePoint',
      RecordType: 'SharePointFileOperation',
      OfficeId: 'u1',
      Logon_Type: 'Owner',
    },
    row: { Logon_Type: 'Owner' },
  },
]

function storageRecord(service: string): JsonObject {
  return {
    time: '2025-06-01T10:00:00.5000000Z',
    resourceId: `${account}/${service}Services/default`,
    category: 'StorageRead',
    operationName: 'GetBlob',
    operationVersion: '2021-06-08',
    schemaVersion: '1.0',
    statusCode: 206,
    statusText: 'Success',
    durationMs: 9.5,
    callerIpAddress: '203.0.113.9:56029',
    correlationId: correlation,
    identity: {
      type: 'OAuth',
      tokenHash: 'ABC',
      requester: { objectId: 'o1', appId: 'a1' },
      authorization: [{ action: 'read', result: 'Granted' }],
    },
    location: 'westeurope',
    properties: {
      accountName: 'stledger',
      serviceType: service,
      objectKey: '/stledger/c/"a".csv',
      etag: '"0x8D"',
      lastModifiedTime: '6/30/2022 12:07:25 PM',
      responseBodySize: 5_000_000_000,
      operationCount: 2,
      userAgentHeader: 'AzCopy/10.16.2',
      accessTier: 'Hot',
      smbCommandMajor: 5,
    },
    uri: 'https://stledger.blob.core.windows.net/c/a.csv?sig=XXXXX',
    protocol: 'HTTPS',
    resourceType: `Microsoft.Storage/storageAccounts/${service}Services`,
  }
}

function classicRecord(service: string): JsonObject {
  return {
    version: '2.0',
    'start-time': '2025-06-01T10:00:00.5000000Z',
    operation: 'PutBlob',
    'request-status': 'Success',
    'http-status': '201',
    'e2e-latency-ms': '24',
    'server-latency-ms': '22',
    'auth-type': 'authenticated',
    'requester-account': 'stledger',
    'owner-account': 'stledger',
    'service-type': service,
    'request-url': 'https://stledger.blob.core.windows.net:443/c/a',
    'requested-object-key': '/stledger/c/a',
    'request-id': correlation,
    'operation-count': '0',
    'requester-ip:port': '203.0.113.9:7040',
    'request-version': '2018-03-28',
    'request-packet-size': '1999980',
    etag: '"0x8D"',
    'last-modified': 'Tuesday, 25-Jun-19 14:56:54 GMT',
    'user-agent': 'Azure-Storage/9.3.2',
    'user-object-id': '',
    'authorization-detail': '',
  }
}

const storageServices = [
  ['blob', 'StorageBlobLogs'],
  ['queue', 'StorageQueueLogs'],
  ['table', 'StorageTableLogs'],
  ['file', 'StorageFileLogs'],
] as const

const storage: readonly Fixture[] = storageServices.flatMap(([service, name]): Fixture[] => [
  {
    shape: `${name}/diagnostic`,
    record: storageRecord(service),
    row: {
      TimeGenerated: lastHalf,
      StatusCode: '206',
      CallerIpAddress: '203.0.113.9:56029',
      RequesterObjectId: 'o1',
      AuthenticationType: 'OAuth',
      AuthorizationDetails: '[{"action":"read","result":"Granted"}]',
      ObjectKey: '/stledger/c/"a".csv',
      Etag: '"0x8D"',
      LastModifiedTime: '2022-06-30 12:07:25.0000000',
      ResponseBodySize: '5000000000',
      OperationCount: 2,
      DurationMs: 9.5,
      SourceSystem: 'Azure',
      ...(service === 'blob' ? { AccessTier: 'Hot' } : {}),
      ...(service === 'file' ? { SmbCommandMajor: 5 } : {}),
    },
  },
  {
    shape: `${name}/classic`,
    record: classicRecord(service),
    row: {
      TimeGenerated: lastHalf,
      SourceSystem: 'StorageAnalytics',
      Category: 'StorageWrite',
      AuthenticationType: 'AccountKey',
      LastModifiedTime: '2019-06-25 14:56:54.0000000',
      RequestBodySize: '1999980',
      OperationCount: 0,
      CallerIpAddress: '203.0.113.9:7040',
      Protocol: 'HTTPS',
    },
  },
  {
    shape: `${name}/logAnalytics`,
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      AuthenticationHash: '',
      ServiceType: service,
      StatusCode: '200',
      DurationMs: '3',
    },
    row: { StatusCode: '200', DurationMs: 3, OperationCount: 0 },
  },
])

const vaultEvent = {
  time: '2025-06-01T10:00:00.5000000Z',
  resourceId: vault,
  operationName: 'SecretGet',
  operationVersion: '7.4',
  category: 'AuditEvent',
  resultType: 'Success',
  resultSignature: 'Forbidden',
  durationMs: '9',
  callerIpAddress: '203.0.113.7',
  correlationId: correlation,
  identity: {
    claim: { oid: '00000000-0000-4000-8000-00000000a11a', appid: 'a1', [upnClaim]: 'mia@contoso.example' },
  },
  properties: {
    id: 'https://kv-ledger.vault.azure.net/secrets/db',
    clientInfo: 'curl/8',
    httpStatusCode: 403,
    requestUri: 'https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4',
    isAccessPolicyMatch: false,
    tlsVersion: 'TLS1_3',
  },
} as const

const diagnostics: readonly Fixture[] = [
  {
    shape: 'AZKVAuditLogs/diagnostic',
    record: vaultEvent,
    row: {
      DurationMs: 9,
      HttpStatusCode: 403,
      ResultSignature: 'Forbidden',
      IsAccessPolicyMatch: false,
      Tlsversion: 'TLS1_3',
      Id: 'https://kv-ledger.vault.azure.net/secrets/db',
      _Bag: '{"identity_claim_oid_g":"00000000-0000-4000-8000-00000000a11a","identity_claim_appid_s":"a1","identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s":"mia@contoso.example","id_s":"https://kv-ledger.vault.azure.net/secrets/db","clientInfo_s":"curl/8","httpStatusCode_d":403,"requestUri_s":"https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4","isAccessPolicyMatch_b":false,"tlsVersion_s":"TLS1_3"}',
    },
  },
  {
    shape: 'AZKVAuditLogs/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      HttpStatusCode: '200',
      IsRbacAuthorized: 'True',
      Identity: '{"claim": {"upn": "mia@contoso.example"}}',
    },
    row: {
      HttpStatusCode: 200,
      IsRbacAuthorized: true,
      _Bag: '{"httpStatusCode_d":"200","identity_claim_upn_s":"mia@contoso.example"}',
    },
  },
  {
    shape: 'AzureDiagnostics/diagnostic',
    record: {
      Time: '2025-06-01T10:00:00.123456789Z',
      resourceid: vault.replace('KEYVAULT/VAULTS', 'WEB/SITES'),
      CATEGORY: 'FunctionAppLogs',
      Operationname: 'Microsoft.Web/sites/functions/log',
      level: 'Informational',
      Host: 'h1',
      Properties: JSON.stringify({
        exitCode: 3,
        execution: { startTime: '2025-06-01T09:59:59Z', ok: true, inner: { deep: { deeper: { x: 1 } } } },
        list: [1, 2],
        nothing: null,
        'a b': 'c',
        run: '00000000-0000-4000-8000-00000000a11a',
      }),
    },
    row: {
      TimeGenerated: '2025-06-01 10:00:00.1234567',
      Category: 'FunctionAppLogs',
      OperationName: 'Microsoft.Web/sites/functions/log',
      Resource: 'KV-LEDGER',
      ResourceType: 'SITES',
      _Bag: String.raw`{"Host_s":"h1","exitCode_d":3,"execution_startTime_t":"2025-06-01T09:59:59Z","execution_ok_b":true,"execution_inner_deep_deeper_s":"{\"x\":1}","list_s":"[1,2]","a_b_s":"c","run_g":"00000000-0000-4000-8000-00000000a11a"}`,
    },
  },
  {
    shape: 'AzureDiagnostics/diagnostic',
    record: {
      time: '05/28/2025 01:15:14',
      properties: "{'appName':'x'}",
      resourceId: vault,
      category: 'FunctionAppLogs',
    },
    row: { TimeGenerated: '2025-05-28 01:15:14.0000000', _Bag: `{"properties_s":"{'appName':'x'}"}` },
  },
  {
    shape: 'AZKVAuditLogs/azureDiagnostics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      Type: 'AzureDiagnostics',
      Category: 'AuditEvent',
      OperationName: 'SecretGet',
      ResourceProvider: 'MICROSOFT.KEYVAULT',
      ResourceId: vault.toUpperCase(),
      CorrelationId: correlation,
      CallerIPAddress: '203.0.113.7',
      DurationMs: 9,
      httpStatusCode_d: 403,
      isAccessPolicyMatch_b: false,
      requestUri_s: 'https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4',
      identity_claim_appid_g: 'a1',
      id_s: '',
    },
    row: {
      HttpStatusCode: 403,
      DurationMs: 9,
      IsAccessPolicyMatch: false,
      CallerIpAddress: '203.0.113.7',
      Identity: '{"claim":{"appid":"a1"}}',
      RequestUri: 'https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4',
      _ResourceId: vault.toLowerCase(),
      _Bag: '{"httpStatusCode_d":403,"isAccessPolicyMatch_b":false,"requestUri_s":"https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4","identity_claim_appid_g":"a1"}',
    },
  },
  {
    shape: 'AzureDiagnostics/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      Type: 'AzureDiagnostics',
      Category: 'GatewayLogs',
      ResourceProvider: 'MICROSOFT.APIMANAGEMENT',
      httpStatusCode_d: 200,
      id_s: '',
    },
    row: { Category: 'GatewayLogs', _Bag: '{"httpStatusCode_d":200}' },
  },
  {
    shape: 'AzureMetrics/diagnostic',
    record: {
      count: 2,
      total: 3.5,
      minimum: 1,
      maximum: 2.5,
      average: 1.75,
      resourceId: upperAccount,
      time: '2025-06-01T10:00:00.0000000Z',
      metricName: 'Egress',
      timeGrain: 'PT1M',
    },
    row: {
      MetricName: 'Egress',
      Total: 3.5,
      Count: 2,
      TimeGrain: 'PT1M',
      ResourceGroup: 'RG-DATA',
      Dimensions: '',
    },
  },
  {
    shape: 'AzureMetrics/series',
    record: {
      id: `${account}/providers/Microsoft.Insights/metrics/Transactions`,
      type: 'Microsoft.Insights/metrics',
      name: { value: 'Transactions', localizedValue: 'Transactions' },
      unit: 'Count',
      timeseries: [
        {
          metadatavalues: [{ name: { value: 'apiname', localizedValue: 'apiname' }, value: 'GetBlob' }],
          data: [{ timeStamp: '2025-06-01T10:00:00Z', total: 4 }],
        },
      ],
    },
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      MetricName: 'Transactions',
      Total: 4,
      Dimensions: '{"apiname":"GetBlob"}',
      ResourceId: account,
      UnitName: 'Count',
    },
  },
  {
    shape: 'AzureMetrics/logAnalytics',
    record: { TimeGenerated: '2025-06-01T10:00:00Z', MetricName: 'Egress', TimeGrain: 'PT1M', Total: '5' },
    row: { Total: 5 },
  },
]

const alerts: readonly Fixture[] = [
  {
    shape: 'SecurityAlert/defender',
    record: {
      VendorName: 'Microsoft',
      AlertType: 'Storage.Blob_X',
      StartTimeUtc: '2025-06-01T09:00:00Z',
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      Severity: 'High',
      SystemAlertId: 's1',
      AlertDisplayName: 'Access from an unusual place',
      Entities: [{ $id: '4' }],
      ExtendedProperties: { a: 'b' },
    },
    row: {
      TimeGenerated: lastHalf,
      AlertName: 'Access from an unusual place',
      DisplayName: 'Access from an unusual place',
      AlertSeverity: 'High',
      StartTime: '2025-06-01 09:00:00.0000000',
      Entities: '[{"$id":"4"}]',
    },
  },
  {
    shape: 'SecurityAlert/rest',
    record: {
      id: `/subscriptions/${subscription}/providers/Microsoft.Security/locations/we/alerts/s1`,
      name: 's1',
      type: 'Microsoft.Security/Locations/alerts',
      properties: {
        alertDisplayName: 'X',
        severity: 'Low',
        timeGeneratedUtc: '2025-06-01T10:00:00.5Z',
        intent: 'Exfiltration',
      },
    },
    row: { SystemAlertId: 's1', AlertSeverity: 'Low', Tactics: 'Exfiltration', TimeGenerated: lastHalf },
  },
  {
    shape: 'SecurityAlert/graph',
    record: {
      id: 's1',
      createdDateTime: '2025-06-01T10:00:00.5Z',
      title: 'X',
      severity: 'low',
      serviceSource: 'microsoftDefenderForCloud',
      category: 'Exfiltration',
    },
    row: { AlertName: 'X', ProviderName: 'microsoftDefenderForCloud' },
  },
  {
    shape: 'SecurityAlert/activity',
    record: {
      time: '2025-06-01T10:00:00.5Z',
      resourceId: `/SUBSCRIPTIONS/${subscription}/PROVIDERS/MICROSOFT.SECURITY/LOCATIONS/WE/ALERTS/S1`,
      operationName: 'Microsoft.Security/locations/alerts/activate/action',
      category: 'Security',
      resultType: 'Active',
      correlationId: correlation,
      properties: { eventName: 'X', severity: 'Medium', compromisedEntity: 'vm1', intent: 'Persistence' },
    },
    row: { AlertName: 'X', AlertSeverity: 'Medium', CompromisedEntity: 'vm1', SystemAlertId: correlation },
  },
  {
    shape: 'SecurityAlert/activityRest',
    record: {
      eventTimestamp: '2025-06-01T10:00:00.5Z',
      category: { value: 'Security' },
      operationName: { value: 'Microsoft.Security/locations/alerts/activate/action' },
      correlationId: correlation,
      properties: { severity: 'Medium', compromisedEntity: 'vm1' },
      eventName: { value: 'x', localizedValue: 'X' },
    },
    row: { AlertName: 'X', AlertSeverity: 'Medium' },
  },
  {
    shape: 'SecurityAlert/logAnalytics',
    record: {
      TimeGenerated: '2025-06-01T10:00:00.5Z',
      SystemAlertId: 's1',
      AlertSeverity: 'High',
      IsIncident: 'false',
    },
    row: { IsIncident: false },
  },
]

export const nsgLog = `/SUBSCRIPTIONS/${subscription.toUpperCase()}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG`

const flows: readonly Fixture[] = [
  {
    shape: 'FlowTuples/nsg',
    record: {
      time: '2025-06-01T10:00:00.5000000Z',
      systemId: 's',
      macAddress: '0022480A0B0C',
      category: 'NetworkSecurityGroupFlowEvent',
      resourceId: nsgLog,
      operationName: 'NetworkSecurityGroupFlowEvents',
      properties: {
        Version: 2,
        flows: [
          {
            rule: 'UserRule_SSH',
            flows: [
              {
                mac: '0022480A0B0C',
                flowTuples: ['1748772000,203.0.113.7,10.0.0.4,50000,22,T,I,A,E,11,3981,9,2000'],
              },
            ],
          },
        ],
      },
    },
    row: {
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      RecordTime: lastHalf,
      FlowLogVersion: 2,
      LogResourceId: nsgLog,
      AclId: nsgLog,
      Rule: 'UserRule_SSH',
      MacAddress: '0022480A0B0C',
      SrcIp: '203.0.113.7',
      SrcPort: 50000,
      DestPort: 22,
      Protocol: 6,
      Direction: 'Inbound',
      Decision: 'Allow',
      State: 'E',
      PacketsSent: '11',
      BytesSent: '3981',
      PacketsReceived: '9',
      BytesReceived: '2000',
      _EvidenceOrdinal: 1,
    },
  },
  {
    shape: 'FlowTuples/vnet',
    record: {
      time: '2025-06-01T10:00:00.5000000Z',
      flowLogGUID: 'g',
      macAddress: '0022480A0B0C',
      category: 'FlowLogFlowEvent',
      flowLogResourceID: '/SUBSCRIPTIONS/S/FLOWLOGS/F',
      targetResourceID: '/subscriptions/s/virtualNetworks/v',
      flowLogVersion: 4,
      operationName: 'FlowLogFlowEvent',
      flowRecords: {
        flows: [
          {
            aclID: 'unspecified',
            flowGroups: [
              {
                rule: 'unspecified',
                flowTuples: ['1748772000500,10.0.0.4,2001:db8::1,50000,443,17,O,D,NX_FALLBACK,,,,'],
              },
            ],
          },
        ],
      },
    },
    row: {
      TimeGenerated: lastHalf,
      FlowLogVersion: 4,
      TargetResourceId: '/subscriptions/s/virtualNetworks/v',
      AclId: 'unspecified',
      DestIp: '2001:db8::1',
      Protocol: 17,
      Direction: 'Outbound',
      Decision: 'Deny',
      State: 'D',
      Encryption: 'NX_FALLBACK',
      PacketsSent: null,
    },
  },
]

export const fixtures: readonly Fixture[] = [
  ...activity,
  ...signIns,
  ...entra,
  ...office,
  ...storage,
  ...diagnostics,
  ...alerts,
  ...flows,
]

/** The record of a shape's first fixture. */
export function fixtureOf(shape: string): JsonObject {
  const found = fixtures.find((fixture) => fixture.shape === shape)
  if (found === undefined) throw new Error(`no fixture of ${shape}`)
  return found.record
}
