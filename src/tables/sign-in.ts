// Long because it is a table: what ninety columns of five tables mean and where they come from.

import { assertNever } from '../error.ts'
import { all, any, contains, has, hasKey, not, oneOf, type Condition } from './condition.ts'
import { column, repeated, type ShapeDeclaration } from './declare.ts'
import { capital, graphProperty } from './entra.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import type { Column, Identity, KqlType } from './types.ts'
import { at, extract, first, lastSegment, object, segment, translate, type Value } from './value.ts'

/** Kinds of sign-in, each with a table of its own. */
export type SignInKind = 'interactive' | 'nonInteractive' | 'servicePrincipal' | 'managedIdentity' | 'adfs'

interface Fact {
  readonly doc: string
  readonly repeats: boolean
  readonly from: Readonly<Record<string, Value>>
}

/** A property of Microsoft Graph's sign-in: the same name in the resource log, in Graph and, capitalised, in .NET. */
function property(doc: string, key: string, portal?: string | Value): Fact {
  const from: Record<string, Value> = { ...graphProperty(key) }
  if (portal !== undefined) from['portalCsv'] = typeof portal === 'string' ? at(portal) : portal
  return { doc, repeats: false, from }
}

function often(known: Fact): Fact {
  return { ...known, repeats: true }
}

function fact(doc: string, from: Readonly<Record<string, Value>>): Fact {
  return { doc, repeats: false, from }
}

const portalResult = first(
  extract(at('Sign-in error code'), '^([0-9]+)$'),
  translate(extract(at('Status'), '^(Success)$'), { Success: '0' }),
)

const portalLocation = object({
  city: extract(at('Location'), '^([^,]*),'),
  state: extract(at('Location'), '^[^,]*, *([^,]*),'),
  countryOrRegion: extract(at('Location'), '([^, ]*)$'),
})

/** What each column of the sign-in tables means and where it comes from; their types differ by table. */
const facts: Readonly<Record<string, Fact>> = {
  AADTenantId: often(fact('Tenant that was signed in to.', { diagnostic: envelope.tenantId })),
  Agent: property('Agent identity that signed in, if it was one.', 'agent'),
  AlternateSignInName: property(
    'Identifier that the user typed.',
    'alternateSignInName',
    'Sign-in identifier',
  ),
  AppDisplayName: often(property('Application that was signed in with.', 'appDisplayName', 'Application')),
  AppId: often(property('Id of that application.', 'appId', 'Application ID')),
  AppliedConditionalAccessPolicies: property(
    'Conditional access policies that were looked at, as JSON text.',
    'appliedConditionalAccessPolicies',
  ),
  AppliedEventListeners: property(
    'Listeners that the sign-in called, with their outcome.',
    'appliedEventListeners',
  ),
  AppOwnerTenantId: often(
    property('Tenant that owns the application.', 'appOwnerTenantId', 'App owner tenant ID'),
  ),
  AuthenticationAppDeviceDetails: property(
    'Device of the authenticator app.',
    'authenticationAppDeviceDetails',
  ),
  AuthenticationAppPolicyEvaluationDetails: property(
    'Policies of the authenticator app.',
    'authenticationAppPolicyEvaluationDetails',
  ),
  AuthenticationContextClassReferences: property(
    'Authentication contexts that applied.',
    'authenticationContextClassReferences',
  ),
  AuthenticationDetails: property('Each step of the authentication, as JSON text.', 'authenticationDetails'),
  AuthenticationMethodsUsed: property('Means of authentication.', 'authenticationMethodsUsed'),
  AuthenticationProcessingDetails: property(
    'Further notes on the authentication.',
    'authenticationProcessingDetails',
  ),
  AuthenticationProtocol: often(
    property('Protocol: oAuth2, deviceCode and others.', 'authenticationProtocol', 'Authentication Protocol'),
  ),
  AuthenticationRequirement: often(
    property(
      'Whether one factor was needed or several.',
      'authenticationRequirement',
      'Authentication requirement',
    ),
  ),
  AuthenticationRequirementPolicies: property(
    'What made several factors needed.',
    'authenticationRequirementPolicies',
  ),
  AuthenticatorAppLocation: property('Where the authenticator app was.', 'authenticatorAppLocation'),
  AutonomousSystemNumber: often(
    property('Autonomous system of the address.', 'autonomousSystemNumber', 'Autonomous system number'),
  ),
  Category: often(fact('Category of the resource log.', { diagnostic: at('category') })),
  ClientAppUsed: often(
    property('Kind of client: browser, mobile app, legacy protocol.', 'clientAppUsed', 'Client app'),
  ),
  ClientCredentialType: often(
    property('Credential of the client.', 'clientCredentialType', 'Client credential type'),
  ),
  ClientSessionId: property('Session at the client.', 'clientSessionId'),
  ConditionalAccessAudiences: property(
    'Audiences that conditional access looked at.',
    'conditionalAccessAudiences',
  ),
  ConditionalAccessPolicies: property(
    'Conditional access policies that were looked at, with their result.',
    'appliedConditionalAccessPolicies',
  ),
  ConditionalAccessStatus: often(
    property('Outcome of conditional access.', 'conditionalAccessStatus', 'Conditional Access'),
  ),
  CorrelationId: fact('Id that the client gave, shared by the steps of one sign-in.', {
    diagnostic: first(at('properties', 'correlationId'), at('correlationId')),
    graph: at('correlationId'),
    pascal: at('CorrelationId'),
    portalCsv: at('Correlation ID'),
  }),
  CreatedDateTime: property('When the sign-in began.', 'createdDateTime', 'Date (UTC)'),
  CrossTenantAccessType: often(
    property('Kind of access across tenants.', 'crossTenantAccessType', 'Cross tenant access type'),
  ),
  DeviceDetail: property(
    'Device: id, operating system, browser, trust.',
    'deviceDetail',
    object({
      deviceId: at('Device ID'),
      operatingSystem: at('Operating System'),
      browser: at('Browser'),
      isCompliant: at('Compliant'),
      isManaged: at('Managed'),
      trustType: at('Join Type'),
    }),
  ),
  DurationMs: fact('Duration, in milliseconds.', { diagnostic: at('durationMs') }),
  FederatedCredentialId: property(
    'Federated credential that was used.',
    'federatedCredentialId',
    'Federated Token Id',
  ),
  FlaggedForReview: property(
    'Whether the user asked an administrator to look at it.',
    'flaggedForReview',
    'Flagged for review',
  ),
  GlobalSecureAccessIpAddress: property(
    'Address seen by Global Secure Access.',
    'globalSecureAccessIpAddress',
    'Global Secure Access IP address',
  ),
  HomeTenantId: often(property('Tenant that the user belongs to.', 'homeTenantId', 'Home tenant ID')),
  HomeTenantName: often(property('Name of that tenant.', 'homeTenantName', 'Home tenant name')),
  Id: property('Names this sign-in alone.', 'id', 'Request ID'),
  Identity: fact('Display name of who signed in.', {
    diagnostic: at('identity'),
    graph: first(at('userDisplayName'), at('servicePrincipalName')),
    pascal: first(at('UserDisplayName'), at('ServicePrincipalName')),
    portalCsv: first(at('User'), at('Service principal name')),
  }),
  IncomingTokenType: often(
    property('Tokens that were presented.', 'incomingTokenType', 'Incoming token type'),
  ),
  IPAddress: fact('Address that the sign-in came from.', {
    diagnostic: first(at('properties', 'ipAddress'), at('callerIpAddress')),
    graph: at('ipAddress'),
    pascal: first(at('IPAddress'), at('IpAddress')),
    portalCsv: at('IP address'),
  }),
  IPAddressFromResourceProvider: property(
    'Address that the resource saw.',
    'ipAddressFromResourceProvider',
    'IP address (seen by resource)',
  ),
  IsInteractive: property('Whether a user took part.', 'isInteractive'),
  IsRisky: property('Whether it was found risky.', 'isRisky'),
  IsTenantRestricted: property('Whether tenant restrictions applied.', 'isTenantRestricted'),
  IsThroughGlobalSecureAccess: property(
    'Whether it came through Global Secure Access.',
    'isThroughGlobalSecureAccess',
    'Through Global Secure Access',
  ),
  Level: often(fact('Weight of the event: a number as text, or a word.', { diagnostic: envelope.level })),
  Location: often(
    fact('Country of the address.', {
      diagnostic: first(at('location'), at('properties', 'location', 'countryOrRegion')),
      graph: at('location', 'countryOrRegion'),
      pascal: at('Location', 'CountryOrRegion'),
      portalCsv: extract(at('Location'), '([^, ]*)$'),
    }),
  ),
  LocationDetails: property(
    'City, state, country and coordinates of the address.',
    'location',
    portalLocation,
  ),
  ManagedServiceIdentity: property(
    'Kind of managed identity and the resource it belongs to.',
    'managedServiceIdentity',
    object({ msiType: at('Managed Identity type'), associatedResourceId: at('Associated Resource Id') }),
  ),
  MfaDetail: property(
    'Second factor that was used.',
    'mfaDetail',
    object({
      authMethod: at('Multifactor authentication auth method'),
      authDetail: at('Multifactor authentication auth detail'),
    }),
  ),
  NetworkLocationDetails: property('Named locations that the address is in.', 'networkLocationDetails'),
  OperationName: often(fact('Sign-in activity.', { diagnostic: at('operationName') })),
  OperationVersion: often(fact('Version of the record.', { diagnostic: at('operationVersion') })),
  OriginalRequestId: property('First request of the sequence that this one belongs to.', 'originalRequestId'),
  OriginalTransferMethod: often(
    property(
      'How the sign-in was handed over from another device.',
      'originalTransferMethod',
      'Original transfer method',
    ),
  ),
  ProcessingTimeInMilliseconds: property(
    'Time that Entra took, in milliseconds.',
    'processingTimeInMilliseconds',
    'Latency',
  ),
  ProcessingTimeInMs: property(
    'Time that Entra took, in milliseconds.',
    'processingTimeInMilliseconds',
    'Latency',
  ),
  Requirement: property('Requirement of the sign-in.', 'requirement'),
  Resource: often(fact('Last part of the resource id.', { diagnostic: lastSegment(at('resourceId')) })),
  ResourceDisplayName: often(property('Resource that was signed in to.', 'resourceDisplayName', 'Resource')),
  ResourceGroup: often(
    fact('Provider of the log, in place of a resource group.', { diagnostic: lastSegment(at('resourceId')) }),
  ),
  ResourceId: often(
    fact('Resource id of the tenant log, in the case it arrived in.', { diagnostic: at('resourceId') }),
  ),
  ResourceIdentity: often(property('Id of the resource that was signed in to.', 'resourceId', 'Resource ID')),
  ResourceOwnerTenantId: often(
    property('Tenant that owns the resource.', 'resourceOwnerTenantId', 'Resource owner tenant ID'),
  ),
  ResourceProvider: often(
    fact('Resource provider of the log.', { diagnostic: segment(at('resourceId'), 'providers') }),
  ),
  ResourceServicePrincipalId: often(
    property('Service principal of the resource.', 'resourceServicePrincipalId'),
  ),
  ResourceTenantId: often(property('Tenant of the resource.', 'resourceTenantId', 'Resource tenant ID')),
  ResultDescription: often(
    fact('Why it failed.', {
      diagnostic: first(at('resultDescription'), at('properties', 'status', 'failureReason')),
      graph: at('status', 'failureReason'),
      pascal: at('Status', 'FailureReason'),
      portalCsv: at('Failure reason'),
    }),
  ),
  ResultSignature: often(fact('Result in a word.', { diagnostic: at('resultSignature') })),
  ResultType: often(
    fact('Error code as text; 0 is success.', {
      diagnostic: first(at('resultType'), at('properties', 'status', 'errorCode')),
      graph: at('status', 'errorCode'),
      pascal: at('Status', 'ErrorCode'),
      portalCsv: portalResult,
    }),
  ),
  RiskDetail: often(property('What became of the risk.', 'riskDetail')),
  RiskEventTypes: property('Risks that were found, in older words.', 'riskEventTypes'),
  RiskEventTypes_V2: property('Risks that were found.', 'riskEventTypes_v2'),
  RiskLevel: often(property('Level of risk.', 'riskLevel')),
  RiskLevelAggregated: often(property('Level of risk with all that is known.', 'riskLevelAggregated')),
  RiskLevelDuringSignIn: often(property('Level of risk at the time.', 'riskLevelDuringSignIn')),
  RiskState: often(property('State of the risk.', 'riskState')),
  ServicePrincipalCredentialKeyId: often(
    property('Key that the service principal used.', 'servicePrincipalCredentialKeyId', 'Credential key ID'),
  ),
  ServicePrincipalCredentialThumbprint: often(
    property(
      'Thumbprint of its certificate.',
      'servicePrincipalCredentialThumbprint',
      'Credential thumbprint',
    ),
  ),
  ServicePrincipalId: often(
    property('Service principal that signed in.', 'servicePrincipalId', 'Service principal ID'),
  ),
  ServicePrincipalName: often(
    property('Name of that service principal.', 'servicePrincipalName', 'Service principal name'),
  ),
  SessionId: property('Session that the sign-in belongs to.', 'sessionId', 'Session ID'),
  SessionLifetimePolicies: property('Policies on the lifetime of the session.', 'sessionLifetimePolicies'),
  SignInEventTypes: property('Kinds of sign-in, as JSON text.', 'signInEventTypes'),
  SignInIdentifier: property('Identifier that the user gave.', 'signInIdentifier', 'Sign-in identifier'),
  SignInIdentifierType: often(property('Kind of that identifier.', 'signInIdentifierType')),
  SourceAppClientId: often(property('Client id of the source application.', 'sourceAppClientId')),
  Status: property(
    'Error code, reason and details.',
    'status',
    object({ errorCode: portalResult, failureReason: at('Failure reason') }),
  ),
  TokenIssuerName: often(
    property('Issuer of the token, with federation.', 'tokenIssuerName', 'Token issuer name'),
  ),
  TokenIssuerType: often(property('Kind of that issuer.', 'tokenIssuerType', 'Token issuer type')),
  TokenProtectionStatusDetails: property(
    'Whether the token was bound to the device.',
    'tokenProtectionStatusDetails',
    object({
      signInSessionStatus: at('Token Protection - Sign In Session'),
      signInSessionStatusCode: at('Token Protection - Sign In Session StatusCode'),
    }),
  ),
  UniqueTokenIdentifier: property(
    'Id of the token that was issued; the uti claim.',
    'uniqueTokenIdentifier',
    'Unique token identifier',
  ),
  UserAgent: often(property('User agent of the client.', 'userAgent', 'User agent')),
  UserDisplayName: often(property('Name of the user.', 'userDisplayName', 'User')),
  UserId: often(property('Object id of the user.', 'userId', 'User ID')),
  UserPrincipalName: often(property('Sign-in name of the user.', 'userPrincipalName', 'Username')),
  UserType: often(property('Member or guest.', 'userType', 'User type')),
}

/** The columns of a sign-in table: names with Log Analytics' types there. */
export function signInColumns(
  name: string,
  types: Readonly<Record<string, KqlType>>,
  shapes: readonly string[],
): Column[] {
  const kept = (from: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(from).filter(([shape]) => shapes.includes(shape) || shape === 'logAnalytics'),
    )
  const times: Readonly<Record<string, Value>> = {
    diagnostic: first(
      at('time'),
      at('properties', 'createdDateTime'),
      at('timeStamp'),
      at('createdDateTime'),
    ),
    graph: at('createdDateTime'),
    pascal: at('CreatedDateTime'),
    portalCsv: at('Date (UTC)'),
  }
  const standard = Object.fromEntries(
    Object.entries(kept(times)).map(([shape, time]) => [
      shape,
      shape === 'diagnostic' ? { time, resourceId: at('resourceId') } : { time },
    ]),
  )
  const declared = Object.entries(types).map(([columnName, type]) => {
    const found = facts[columnName]
    if (found === undefined) throw new Error(`nothing is known of ${name}.${columnName}`)
    const declare = found.repeats ? repeated : column
    return declare(columnName, type, found.doc, kept(found.from))
  })
  return [...standardColumns(name, standard), ...declared]
}

const isGraphSignIn: Condition = all(
  has('createdDateTime'),
  hasKey('id'),
  any(hasKey('signInEventTypes'), hasKey('status', 'errorCode')),
  any(hasKey('appId'), hasKey('resourceDisplayName')),
  not(has('category')),
  not(hasKey('TimeGenerated')),
)

const isPascalSignIn: Condition = all(
  has('CreatedDateTime'),
  hasKey('Id'),
  hasKey('AppId'),
  any(hasKey('SignInEventTypes'), hasKey('IsInteractive'), hasKey('Status')),
  not(hasKey('TimeGenerated')),
  not(hasKey('TimeGenerated [UTC]')),
)

/** Which kind of sign-in an object is, by its event types or, where the export lacks them, by who signed in. */
function isKind(kind: SignInKind, key: (name: string) => string): Condition {
  const types = [key('signInEventTypes')]
  const told = (word: string): Condition => contains(types, word)
  const managed = told('managedidentity')
  const principal = any(
    told('serviceprincipal'),
    all(not(has(key('signInEventTypes'))), has(key('servicePrincipalId')), not(has(key('userId')))),
  )
  const nonInteractive = any(
    told('noninteractiveuser'),
    all(not(has(key('signInEventTypes'))), oneOf([key('isInteractive')], 'false')),
  )
  switch (kind) {
    case 'managedIdentity':
      return managed
    case 'servicePrincipal':
      return all(not(managed), principal)
    case 'nonInteractive':
      return all(not(managed), not(principal), nonInteractive)
    case 'interactive':
    case 'adfs':
      return all(not(managed), not(principal), not(nonInteractive))
    default:
      return assertNever(kind)
  }
}

interface SignInShapes {
  readonly name: string
  readonly kind: SignInKind
  readonly category: string
  /** Tells an export of this table without a `Type`. */
  readonly signature: Condition
}

/** The shapes that a sign-in table arrives in. */
export function signInShapes(options: SignInShapes): ShapeDeclaration[] {
  const { name, kind } = options
  const diagnostic: ShapeDeclaration = {
    name: 'diagnostic',
    doc: 'Entra sign-ins exported by a diagnostic setting',
    form: 'envelope',
    richness: 70,
    when: isCategory(options.category),
  }
  const logAnalytics: ShapeDeclaration = {
    name: 'logAnalytics',
    doc: `${name} exported from Log Analytics`,
    form: 'logAnalytics',
    csv: true,
    richness: 60,
    when: isExport(name, options.signature),
  }
  if (kind === 'adfs') return [diagnostic, logAnalytics]
  const ofUser = kind === 'interactive' || kind === 'nonInteractive'
  const pathWord = {
    nonInteractive: 'noninteractive',
    managedIdentity: 'msisignin',
    interactive: undefined,
    servicePrincipal: undefined,
  }[kind]
  return [
    diagnostic,
    logAnalytics,
    {
      name: 'graph',
      doc: 'Entra sign-ins from Microsoft Graph',
      richness: 50,
      when: all(
        isGraphSignIn,
        isKind(kind, (key) => key),
      ),
    },
    {
      name: 'pascal',
      doc: 'Entra sign-ins as .NET and PowerShell objects',
      csv: true,
      richness: 40,
      when: all(isPascalSignIn, isKind(kind, capital)),
    },
    {
      name: 'portalCsv',
      doc: 'Entra sign-ins downloaded as CSV from the portal',
      csv: true,
      richness: 10,
      when: all(
        hasKey('Date (UTC)'),
        hasKey('Request ID'),
        ofUser ? hasKey('Username') : all(not(hasKey('Username')), hasKey('Service principal ID')),
      ),
      ...(pathWord === undefined ? {} : { pathWord }),
    },
  ]
}

export const signInSearch = {
  IPAddress: 'value',
  CorrelationId: 'value',
  UniqueTokenIdentifier: 'value',
} as const

export const signInIdentity: Identity = {
  kind: 'keyed',
  key: [{ column: 'Id', as: 'lower' }],
  required: ['Id'],
  timeToleranceSeconds: 14_400,
}
