/** What is known of the inside of a column that holds JSON: keys as Azure spells them. */
export type BagShape =
  | 'value'
  /** A value that is JSON text once more, as `"\"Member\""`. */
  | 'encoded'
  | { readonly kind: 'bag'; readonly keys: Readonly<Record<string, BagShape>> }
  | { readonly kind: 'each'; readonly of: BagShape; readonly entry?: BagEntry }

/** A list whose elements are a name and its value: a path can name an element so. */
export interface BagEntry {
  readonly name: string
  readonly value: string
}

function bag(keys: Readonly<Record<string, BagShape>>): BagShape {
  return { kind: 'bag', keys }
}

function each(of: BagShape, entry?: BagEntry): BagShape {
  return { kind: 'each', of, ...(entry ? { entry } : {}) }
}

function values(...names: readonly string[]): Readonly<Record<string, BagShape>> {
  return Object.fromEntries(names.map((name) => [name, 'value']))
}

function entries(name: string, value: string): BagShape {
  return each(bag(values(name, value)), { name, value })
}

const modifiedProperties = each(bag({ ...values('displayName'), oldValue: 'encoded', newValue: 'encoded' }), {
  name: 'displayName',
  value: 'newValue',
})

const grantControls = each('value')

const policies = each(
  bag({
    ...values('id', 'displayName', 'result', 'conditionsSatisfied', 'conditionsNotSatisfied'),
    enforcedGrantControls: grantControls,
    enforcedSessionControls: grantControls,
  }),
)

/** Columns of the Entra, Activity and Microsoft 365 tables that hold JSON, as dynamic or as text. */
export const bagShapes: Readonly<Record<string, BagShape>> = {
  TargetResources: each(
    bag({
      ...values('id', 'displayName', 'type', 'userPrincipalName', 'groupType'),
      modifiedProperties,
      administrativeUnits: each(bag(values('id', 'displayName'))),
    }),
  ),
  InitiatedBy: bag({
    user: bag({
      ...values('id', 'displayName', 'userPrincipalName', 'ipAddress', 'userType'),
      ...values('homeTenantId', 'homeTenantName'),
      roles: each('value'),
    }),
    app: bag(values('appId', 'displayName', 'servicePrincipalId', 'servicePrincipalName')),
  }),
  AdditionalDetails: entries('key', 'value'),
  Status: bag(values('errorCode', 'failureReason', 'additionalDetails')),
  DeviceDetail: bag(
    values('deviceId', 'displayName', 'operatingSystem', 'browser', 'isCompliant', 'isManaged', 'trustType'),
  ),
  LocationDetails: bag({
    ...values('city', 'state', 'countryOrRegion'),
    geoCoordinates: bag(values('latitude', 'longitude', 'altitude')),
  }),
  MfaDetail: bag(values('authMethod', 'authDetail')),
  Agent: bag(values('agentType', 'parentAppId')),
  ConditionalAccessPolicies: policies,
  AppliedConditionalAccessPolicies: policies,
  AuthenticationDetails: each(
    bag({
      ...values('authenticationStepDateTime', 'authenticationMethod', 'authenticationMethodDetail'),
      ...values('succeeded', 'authenticationStepResultDetail', 'authenticationStepRequirement'),
      ...values('StatusSequence', 'RequestSequence'),
    }),
  ),
  AuthenticationProcessingDetails: entries('key', 'value'),
  AuthenticationRequirementPolicies: each(bag(values('requirementProvider', 'detail'))),
  AuthenticationContextClassReferences: each(bag(values('id', 'detail'))),
  NetworkLocationDetails: each(bag({ ...values('networkType'), networkNames: each('value') })),
  SessionLifetimePolicies: each(bag(values('expirationRequirement', 'detail'))),
  TokenProtectionStatusDetails: bag(values('signInSessionStatus', 'signInSessionStatusCode')),
  ManagedServiceIdentity: bag({ ...values('msiType', 'associatedResourceId'), federatedTokenId: 'value' }),
  RiskEventTypes: each('value'),
  RiskEventTypes_V2: each('value'),
  Authorization_d: bag({
    ...values('scope', 'action'),
    evidence: bag(
      values(
        'role',
        'roleAssignmentScope',
        'roleAssignmentId',
        'roleDefinitionId',
        'principalId',
        'principalType',
      ),
    ),
  }),
  Claims_d: bag(
    values('name', 'appid', 'appidacr', 'ipaddr', 'puid', 'scp', 'uti', 'ver', 'onprem_sid', 'xms_mirid'),
  ),
  Properties_d: bag(
    values(
      'message',
      'entity',
      'eventCategory',
      'hierarchy',
      'statusCode',
      'serviceRequestId',
      'requestbody',
    ),
  ),
  HTTPRequest: bag(values('clientRequestId', 'clientIpAddress', 'method', 'url')),
  AdditionalInfo: entries('Key', 'Value'),
  Location: bag({
    ...values('city', 'state', 'countryOrRegion'),
    geoCoordinates: bag(values('latitude', 'longitude')),
  }),
  Parameters: entries('Name', 'Value'),
  ModifiedProperties: each(bag({ ...values('Name'), OldValue: 'encoded', NewValue: 'encoded' }), {
    name: 'Name',
    value: 'NewValue',
  }),
  ExtendedProperties: entries('Name', 'Value'),
  OperationProperties: entries('Name', 'Value'),
  Actor: each(bag(values('ID', 'Type'))),
  AADTarget: each(bag(values('ID', 'Type'))),
  AffectedItems: each(bag(values('Id', 'InternetMessageId', 'Subject', 'Attachments'))),
  Members: each(bag(values('DisplayName', 'Role', 'UPN'))),
  Entities: each(bag(values('Type', 'Name', 'Address', 'UPNSuffix', 'AadUserId'))),
}
