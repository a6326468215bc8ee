import type { Address, User } from '../people.ts'
import type { Tenant } from '../tenant.ts'
import { isoTicksZ, usTime } from '../time.ts'

export interface RiskEvent {
  /** When the attempt was made, and when the detection was raised. */
  readonly time: number
  readonly detectedAt: number
  readonly id: string
  /** The sign-in that it is about. */
  readonly requestId: string
  readonly correlationId: string
  readonly type:
    | 'passwordSpray'
    | 'unfamiliarFeatures'
    | 'anomalousToken'
    | 'attackerinTheMiddle'
    | 'unlikelyTravel'
  readonly level: 'low' | 'medium' | 'high'
  readonly state: 'atRisk' | 'dismissed' | 'remediated'
  readonly timing: 'realtime' | 'offline'
  readonly user: User
  readonly address: Address
}

const techniques: Readonly<Record<RiskEvent['type'], string>> = {
  passwordSpray: 'T1110.003',
  unfamiliarFeatures: 'T1078',
  anomalousToken: 'T1078,T1539',
  attackerinTheMiddle: 'T1557',
  unlikelyTravel: 'T1078',
}

/** A risk detection; its `time` is US text without a zone. */
export function riskEventLine(event: RiskEvent, tenant: Tenant): string {
  const { user, address } = event
  const information = [
    { Key: 'riskReasons', Value: ['NotSet'] },
    { Key: 'userAgent', Value: user.agent },
    { Key: 'alertUrl', Value: '' },
    { Key: 'mitreTechniques', Value: techniques[event.type] },
  ]
  const properties = {
    id: event.id,
    requestId: event.requestId,
    correlationId: event.correlationId,
    riskType: 'generic',
    riskEventType: event.type,
    riskState: event.state,
    riskLevel: event.level,
    riskDetail: 'none',
    source: 'IdentityProtection',
    detectionTimingType: event.timing,
    activity: 'signin',
    ipAddress: address.ip,
    location: {
      city: address.city,
      state: address.state,
      countryOrRegion: address.country,
      geoCoordinates: { altitude: 0, latitude: address.latitude, longitude: address.longitude },
    },
    activityDateTime: milliseconds(event.time),
    detectedDateTime: milliseconds(event.detectedAt),
    lastUpdatedDateTime: milliseconds(event.detectedAt),
    userId: user.id,
    userDisplayName: user.name,
    userPrincipalName: user.upn,
    additionalInfo: JSON.stringify(information),
    tokenIssuerType: 'AzureAD',
    resourceTenantId: null,
    homeTenantId: tenant.id,
    userType: 'member',
    crossTenantAccessType: 'none',
    mitreTechniqueId: techniques[event.type],
  }
  return envelope(
    tenant,
    usTime(event.detectedAt),
    'User Risk Detection',
    'UserRiskEvents',
    event.id,
    user.name,
    properties,
  )
}

/** The state of a user at risk. */
export function riskyUserLine(event: RiskEvent, tenant: Tenant): string {
  const { user } = event
  const properties = {
    id: user.id,
    userDisplayName: user.name,
    userPrincipalName: user.upn,
    riskLastUpdatedDateTime: milliseconds(event.detectedAt),
    riskState: event.state,
    riskDetail: 'none',
    riskLevel: event.level,
    isDeleted: false,
    isProcessing: false,
  }
  return envelope(
    tenant,
    usTime(event.detectedAt),
    'Risky user',
    'RiskyUsers',
    user.id,
    user.name,
    properties,
  )
}

function milliseconds(time: number): string {
  return `${isoTicksZ(time).slice(0, 23)}Z`
}

function envelope(
  tenant: Tenant,
  time: string,
  operation: string,
  category: string,
  correlationId: string,
  identity: string,
  properties: Readonly<Record<string, unknown>>,
): string {
  return (
    `{ "time": "${time}", "resourceId": "/tenants/${tenant.id}/providers/microsoft.aadiam", "operationName": "${operation}", ` +
    `"operationVersion": "1.0", "category": "${category}", "tenantId": "${tenant.id}", "resultSignature": "None", "durationMs": 0, ` +
    `"correlationId": "${correlationId}", "identity": "${identity.toLowerCase()}", "Level": "Information", "location": "weu", ` +
    `"properties": ${JSON.stringify(properties)}}`
  )
}
