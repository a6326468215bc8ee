import { signInErrors } from '../applications.ts'
import { nameOf, objectIdOf, type Token } from '../identity.ts'
import { type Address, nowhere } from '../people.ts'
import type { Tenant } from '../tenant.ts'
import { isoSecondsZ, isoTicks, isoTicksZ } from '../time.ts'

export type SignInKind = 'interactive' | 'non-interactive' | 'service-principal' | 'managed-identity'

export interface SignInEvent {
  readonly kind: SignInKind
  /** When it happened; the record's own time is later by the delay. */
  readonly time: number
  readonly delayMs: number
  readonly token: Token
  readonly correlationId: string
  readonly errorCode: number
  readonly clientApp: 'Browser' | 'Mobile Apps and Desktop clients' | 'IMAP4' | 'Authenticated SMTP'
  readonly protocol: 'none' | 'deviceCode' | 'ropc'
  readonly multiFactor: boolean
  readonly risk: 'none' | 'low' | 'medium' | 'high'
}

export const signInCategories: Readonly<Record<SignInKind, string>> = {
  interactive: 'SignInLogs',
  'non-interactive': 'NonInteractiveUserSignInLogs',
  'service-principal': 'ServicePrincipalSignInLogs',
  'managed-identity': 'ManagedIdentitySignInLogs',
}

export const signInTables: Readonly<Record<SignInKind, string>> = {
  interactive: 'SigninLogs',
  'non-interactive': 'AADNonInteractiveUserSignInLogs',
  'service-principal': 'AADServicePrincipalSignInLogs',
  'managed-identity': 'AADManagedIdentitySignInLogs',
}

const microsoftTenant = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'
const interrupts = new Set([50074, 50076, 50140])

/** A sign-in as the Entra diagnostic setting archives it: a spaced envelope around compact properties. */
export function signInLine(event: SignInEvent, tenant: Tenant): string {
  const { token } = event
  const caller = token.actor.kind === 'user' ? token.address : token.actor.principal.address
  const address = caller === undefined ? '' : `"callerIpAddress": "${caller.ip}", `
  const identity = token.actor.kind === 'user' ? `"identity": "${token.actor.user.name}", ` : ''
  const country = caller === undefined ? '' : `, "location": "${caller.country}"`
  const description = signInErrors[event.errorCode]
  const failed = description === undefined ? '' : `"resultDescription": ${JSON.stringify(description)}, `
  return (
    `{ "time": "${isoTicksZ(event.time + event.delayMs)}", "resourceId": "/tenants/${tenant.id}/providers/Microsoft.aadiam", ` +
    `"operationName": "Sign-in activity", "operationVersion": "1.0", "category": "${signInCategories[event.kind]}", ` +
    `"tenantId": "${tenant.id}", "resultType": "${event.errorCode}", "resultSignature": "${event.errorCode === 0 ? 'SUCCESS' : 'FAILURE'}", ` +
    `${failed}"durationMs": 0, ${address}"correlationId": "${event.correlationId}", ${identity}"Level": ${event.kind === 'service-principal' ? '"4"' : '4'}${country}, ` +
    `"properties": ${JSON.stringify(properties(event, tenant, `${isoTicks(event.time)}+00:00`))}}`
  )
}

const graphTypes: Readonly<Record<SignInKind, string>> = {
  interactive: 'interactiveUser',
  'non-interactive': 'nonInteractiveUser',
  'service-principal': 'servicePrincipal',
  'managed-identity': 'managedIdentity',
}

/** The same sign-in as Microsoft Graph (beta) lists it: times to the second, its kind among the properties. */
export function graphSignIn(event: SignInEvent, tenant: Tenant): Readonly<Record<string, unknown>> {
  const record = properties(event, tenant, isoSecondsZ(event.time))
  return { ...record, signInEventTypes: [graphTypes[event.kind]] }
}

function properties(event: SignInEvent, tenant: Tenant, created: string): Readonly<Record<string, unknown>> {
  return event.token.actor.kind === 'user'
    ? userProperties(event, tenant, created)
    : workloadProperties(event, created)
}

function userProperties(
  event: SignInEvent,
  tenant: Tenant,
  created: string,
): Readonly<Record<string, unknown>> {
  const { token } = event
  if (token.actor.kind !== 'user') throw new Error('not a user')
  const { user } = token.actor
  const interactive = event.kind === 'interactive'
  const policy = event.multiFactor || interrupts.has(event.errorCode)
  return {
    id: token.signInId,
    createdDateTime: created,
    userDisplayName: user.name,
    userPrincipalName: interactive ? user.upn : capitalised(user.upn),
    userId: user.id,
    appId: token.application.id,
    appDisplayName: token.application.name,
    ipAddress: token.address.ip,
    status: statusOf(event),
    clientAppUsed: event.clientApp,
    userAgent: token.agent,
    deviceDetail: {
      deviceId: isOwnDevice(token) ? user.deviceId : '',
      operatingSystem: isOwnDevice(token) ? user.system : '',
      browser: isOwnDevice(token) ? user.browser : '',
    },
    location: locationOf(token.address),
    ...(event.multiFactor && interactive
      ? { mfaDetail: { authMethod: 'Mobile app notification', authDetail: '' } }
      : {}),
    correlationId: event.correlationId,
    conditionalAccessStatus: event.errorCode === 53003 ? 'failure' : policy ? 'success' : 'notApplied',
    appliedConditionalAccessPolicies: [
      {
        id: policyId(tenant),
        displayName: 'Require multifactor authentication',
        enforcedGrantControls: ['Mfa'],
        enforcedSessionControls: [],
        result: policy ? 'success' : 'notApplied',
        conditionsSatisfied: policy ? 3 : 1,
        conditionsNotSatisfied: policy ? 0 : 2,
      },
    ],
    authenticationContextClassReferences: [],
    originalRequestId: token.signInId,
    isInteractive: interactive,
    tokenIssuerName: '',
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: [
      { key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' },
      { key: 'Is CAE Token', value: 'False' },
    ],
    networkLocationDetails: isOffice(token.address)
      ? [{ networkType: 'trustedNamedLocation', networkNames: ['Offices'] }]
      : [],
    clientCredentialType: 'none',
    processingTimeInMilliseconds: 40 + (event.time % 180),
    riskDetail: 'none',
    riskLevelAggregated: event.risk,
    riskLevelDuringSignIn: event.risk,
    riskState: event.risk === 'none' ? 'none' : 'atRisk',
    riskEventTypes: event.risk === 'none' ? [] : ['unfamiliarFeatures'],
    riskEventTypes_v2: event.risk === 'none' ? [] : ['unfamiliarFeatures'],
    resourceDisplayName: token.resource.name,
    resourceId: token.resource.id,
    resourceTenantId: tenant.id,
    homeTenantId: tenant.id,
    tenantId: tenant.id,
    authenticationDetails: interactive ? authenticationDetails(event, created) : [],
    authenticationRequirementPolicies: policy
      ? [{ requirementProvider: 'multiConditionalAccess', detail: 'Conditional Access' }]
      : [],
    sessionLifetimePolicies: [],
    authenticationRequirement: policy ? 'multiFactorAuthentication' : 'singleFactorAuthentication',
    servicePrincipalId: '',
    userType: 'Member',
    flaggedForReview: false,
    isTenantRestricted: false,
    autonomousSystemNumber: token.address.asn,
    crossTenantAccessType: 'none',
    privateLinkDetails: {},
    ssoExtensionVersion: '',
    uniqueTokenIdentifier: token.id,
    authenticationStrengths: [],
    incomingTokenType: interactive ? 'none' : 'refreshToken',
    authenticationProtocol: event.protocol,
    appServicePrincipalId: null,
    resourceServicePrincipalId: token.resource.servicePrincipalId,
    rngcStatus: 0,
    signInTokenProtectionStatus: 'none',
    tokenProtectionStatusDetails: { signInSessionStatus: 'unbound', signInSessionStatusCode: 1002 },
    originalTransferMethod: 'none',
    isThroughGlobalSecureAccess: false,
    conditionalAccessAudiences: [{ applicationId: token.resource.id, audienceReasons: 'none' }],
    sessionId: token.sessionId,
    appOwnerTenantId: microsoftTenant,
    resourceOwnerTenantId: microsoftTenant,
  }
}

function workloadProperties(event: SignInEvent, created: string): Readonly<Record<string, unknown>> {
  const { token } = event
  if (token.actor.kind !== 'principal') throw new Error('not a workload')
  const { principal } = token.actor
  const managed = principal.kind === 'managed-identity'
  const federated = token.federatedCredentialId
  return {
    id: token.signInId,
    createdDateTime: created,
    userId: null,
    appId: principal.appId,
    ipAddress: managed ? '' : token.address.ip,
    status: statusOf(event),
    location: managed ? locationOf(nowhere) : locationOf(token.address),
    correlationId: event.correlationId,
    conditionalAccessStatus: 'notApplied',
    appliedConditionalAccessPolicies: [],
    isInteractive: false,
    tokenIssuerType: 'AzureAD',
    authenticationProcessingDetails: managed
      ? []
      : [{ key: 'Azure AD App Authentication Library', value: '' }],
    clientCredentialType: managed
      ? 'none'
      : federated === undefined
        ? 'clientSecret'
        : 'federatedIdentityCredential',
    processingTimeInMilliseconds: 0,
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    resourceDisplayName: token.resource.name,
    resourceId: token.resource.id,
    servicePrincipalName: principal.name,
    servicePrincipalId: principal.objectId,
    ...(managed
      ? { federatedCredentialId: '' }
      : federated === undefined
        ? { servicePrincipalCredentialKeyId: token.keyId ?? principal.keyId }
        : { federatedCredentialId: federated }),
    flaggedForReview: false,
    isTenantRestricted: false,
    crossTenantAccessType: 'none',
    uniqueTokenIdentifier: token.id,
    incomingTokenType: 'none',
    authenticationProtocol: 'none',
    appServicePrincipalId: null,
    resourceServicePrincipalId: token.resource.servicePrincipalId,
    signInTokenProtectionStatus: 'none',
    originalTransferMethod: 'none',
    isThroughGlobalSecureAccess: false,
    conditionalAccessAudiences: [],
  }
}

function locationOf(address: Address): Readonly<Record<string, unknown>> {
  return {
    city: address.city,
    state: address.state,
    countryOrRegion: address.country,
    geoCoordinates: { latitude: address.latitude, longitude: address.longitude },
  }
}

function statusOf(event: SignInEvent): Readonly<Record<string, unknown>> {
  if (event.errorCode === 0) {
    return event.multiFactor
      ? { errorCode: 0, additionalDetails: 'MFA requirement satisfied by claim in the token' }
      : { errorCode: 0 }
  }
  return { errorCode: event.errorCode, failureReason: signInErrors[event.errorCode] ?? 'Other.' }
}

function authenticationDetails(event: SignInEvent, created: string): readonly unknown[] {
  const password = {
    authenticationStepDateTime: created,
    authenticationMethod: 'Password',
    authenticationMethodDetail: 'Password in the cloud',
    succeeded: event.errorCode !== 50126 && event.errorCode !== 50053,
    authenticationStepResultDetail:
      event.errorCode === 50126 ? 'Invalid username or password' : 'Correct password',
    authenticationStepRequirement: 'Primary authentication',
    StatusSequence: 0,
    RequestSequence: 1,
  }
  if (!event.multiFactor && event.errorCode !== 500121) return [password]
  const approved = event.errorCode === 0
  const push = {
    authenticationStepDateTime: created,
    authenticationMethod: 'Mobile app notification',
    succeeded: approved,
    authenticationStepResultDetail: approved
      ? 'MFA successfully completed'
      : 'MFA denied; user declined the authentication',
    authenticationStepRequirement: 'Multifactor authentication',
    StatusSequence: 1,
    RequestSequence: 1,
  }
  return [password, push]
}

function isOwnDevice(token: Token): boolean {
  return token.isRelayed !== true && token.actor.kind === 'user' && token.agent === token.actor.user.agent
}

function isOffice(address: Address): boolean {
  return address.asn >= 64496 && address.asn <= 64498
}

function policyId(tenant: Tenant): string {
  return `${tenant.id.slice(0, 24)}00000000ca01`
}

/** What answers and joins know a sign-in by. */
export function signInColumns(event: SignInEvent): Readonly<Record<string, string>> {
  return {
    Id: event.token.signInId,
    CorrelationId: event.correlationId,
    UniqueTokenIdentifier: event.token.id,
    [event.token.actor.kind === 'user' ? 'UserId' : 'ServicePrincipalId']: objectIdOf(event.token.actor),
    Name: nameOf(event.token.actor),
    IPAddress:
      event.token.actor.kind === 'user' || event.kind === 'service-principal' ? event.token.address.ip : '',
    ResultType: String(event.errorCode),
  }
}

/** Clients that renew tokens give the name as the directory spells it. */
function capitalised(upn: string): string {
  return upn.replaceAll(/^\w|\.\w(?=[^@]*@)/g, (start) => start.toUpperCase())
}
