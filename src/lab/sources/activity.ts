import { nameOf, objectIdOf, type Actor, type Token } from '../identity.ts'
import type { Tenant } from '../tenant.ts'
import { isoTicksZ } from '../time.ts'

export type ActivityStatus = 'Start' | 'Accept' | 'Success' | 'Failure'

export interface ActivityEvent {
  readonly time: number
  /** In the provider's own case: `Microsoft.Storage/storageAccounts/listKeys/action`. */
  readonly operation: string
  readonly title: string
  readonly category: 'Administrative' | 'Security'
  readonly status: ActivityStatus | 'Active'
  /** `OK`, `Created`, `Forbidden`…; empty at a start. */
  readonly subStatus: string
  readonly resourceId: string
  readonly subscription: string
  readonly resourceGroup: string
  readonly correlationId: string
  readonly eventDataId: string
  readonly operationId: string
  readonly level: 'Information' | 'Warning' | 'Error'
  /** Absent where Azure itself speaks. */
  readonly token: Token | undefined
  readonly role: string
  readonly durationMs: number
  readonly properties: Readonly<Record<string, string>>
}

const signatures: Readonly<Record<ActivityEvent['status'], string>> = {
  Start: 'Started.',
  Accept: 'Accepted.',
  Success: 'Succeeded.',
  Failure: 'Failed.',
  Active: 'Active.',
}

/** An Activity Log record as a diagnostic setting archives it: ids and operation upper-case, the claims in full. */
export function activityLine(event: ActivityEvent, tenant: Tenant): string {
  const { token } = event
  const identity =
    token === undefined
      ? ''
      : `"identity":{"authorization":${JSON.stringify(authorization(event, token.actor))},"claims":${JSON.stringify(claims(token, tenant))}},`
  const address = token === undefined ? '' : `"callerIpAddress":"${token.address.ip}",`
  return (
    `{"RoleLocation":"West Europe","ReleaseVersion":"6.2026.5.1+b7c41e90.release_2026w05","time":"${isoTicksZ(event.time)}",` +
    `"resourceId":"${event.resourceId.toUpperCase()}","operationName":"${event.operation.toUpperCase()}","category":"${event.category}",` +
    `"resultType":"${event.status}","resultSignature":"${signatures[event.status]}${event.subStatus}","durationMs":"${event.durationMs}",` +
    `${address}"correlationId":"${event.correlationId}",${identity}"level":"${event.level}",` +
    `"properties":${JSON.stringify(diagnosticProperties(event, tenant))},"tenantId":"${tenant.id}"}`
  )
}

function diagnosticProperties(event: ActivityEvent, tenant: Tenant): Readonly<Record<string, string>> {
  return {
    ...event.properties,
    eventCategory: event.category,
    entity: event.resourceId,
    message: event.operation,
    hierarchy: `${tenant.id}/${tenant.managementGroup}/${event.subscription}`,
  }
}

export function authorization(event: ActivityEvent, actor: Actor): Readonly<Record<string, unknown>> {
  return {
    scope: event.resourceId,
    action: event.operation,
    evidence: {
      role: event.role,
      roleAssignmentScope: `/subscriptions/${event.subscription}`,
      roleAssignmentId: objectIdOf(actor).replaceAll('-', ''),
      principalId: objectIdOf(actor).replaceAll('-', ''),
      principalType: actor.kind === 'user' ? 'User' : 'ServicePrincipal',
    },
  }
}

export function claims(token: Token, tenant: Tenant): Readonly<Record<string, string>> {
  const { actor } = token
  const issued = Math.floor(token.issuedAt / 1000)
  const subject = Buffer.from(objectIdOf(actor).replaceAll('-', '').repeat(2), 'hex').toString('base64url')
  const common = {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenant.id}/`,
    iat: String(issued),
    nbf: String(issued),
    exp: String(issued + 4_800),
  }
  const objectId = {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': objectIdOf(actor),
    'http://schemas.microsoft.com/identity/claims/tenantid': tenant.id,
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier': subject,
    uti: token.id,
    ver: '1.0',
  }
  if (actor.kind === 'user') {
    const [given = '', family = ''] = actor.user.name.split(' ')
    return {
      ...common,
      'http://schemas.microsoft.com/claims/authnclassreference': '1',
      aio: `ATQAy/8ZAAAA${token.hash.slice(0, 40)}`,
      'http://schemas.microsoft.com/claims/authnmethodsreferences': 'pwd',
      appid: token.application.id,
      appidacr: token.application.name === 'Azure Portal' ? '2' : '0',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname': family,
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname': given,
      ipaddr: token.address.ip,
      name: nameOf(actor),
      puid: actor.user.puid,
      'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': actor.user.upn,
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': actor.user.upn,
      ...objectId,
    }
  }
  const { principal } = actor
  return {
    ...common,
    aio: `k2RgYHiT${token.hash.slice(0, 24)}`,
    appid: principal.appId,
    appidacr: principal.kind === 'managed-identity' ? '2' : '1',
    'http://schemas.microsoft.com/identity/claims/identityprovider': `https://sts.windows.net/${tenant.id}/`,
    idtyp: 'app',
    ...objectId,
    ...(principal.mirid === undefined ? {} : { xms_mirid: principal.mirid }),
  }
}

/** The caller as the REST API names it. */
export function callerOf(event: ActivityEvent): string {
  if (event.token === undefined) return 'Microsoft.Security'
  return event.token.actor.kind === 'user' ? event.token.actor.user.upn : event.token.actor.principal.objectId
}

const restStatuses: Readonly<Record<ActivityEvent['status'], string>> = {
  Start: 'Started',
  Accept: 'Accepted',
  Success: 'Succeeded',
  Failure: 'Failed',
  Active: 'Active',
}

/** The same record as the REST API and the portal give it: every name a pair of value and localised value. */
export function restActivity(event: ActivityEvent, tenant: Tenant): Readonly<Record<string, unknown>> {
  const { token } = event
  return {
    ...(token === undefined
      ? {}
      : { authorization: { action: event.operation, scope: event.resourceId }, caller: callerOf(event) }),
    channels: 'Operation',
    ...(token === undefined ? {} : { claims: claims(token, tenant) }),
    correlationId: event.correlationId,
    description: '',
    eventDataId: event.eventDataId,
    eventName: pair(
      event.status === 'Start' ? 'BeginRequest' : 'EndRequest',
      event.status === 'Start' ? 'Begin request' : 'End request',
    ),
    category: pair(event.category),
    ...(token === undefined
      ? {}
      : {
          httpRequest: {
            clientRequestId: event.operationId,
            clientIpAddress: token.address.ip,
            method: event.operation.endsWith('/delete')
              ? 'DELETE'
              : event.operation.endsWith('/write')
                ? 'PUT'
                : 'POST',
          },
        }),
    id: `${event.resourceId}/events/${event.eventDataId}/ticks/${BigInt(event.time) * 10_000n + 621_355_968_000_000_000n}`,
    level: event.level === 'Information' ? 'Informational' : event.level,
    resourceGroupName: event.resourceGroup,
    resourceProviderName: pair(event.operation.split('/')[0] ?? ''),
    resourceId: event.resourceId,
    resourceType: pair(event.operation.split('/').slice(0, -1).join('/')),
    operationId: event.operationId,
    operationName: pair(event.operation, event.title),
    properties: {
      ...event.properties,
      eventCategory: event.category,
      entity: event.resourceId,
      message: event.operation,
      hierarchy: `${tenant.id}/${tenant.managementGroup}/${event.subscription}`,
    },
    status: pair(restStatuses[event.status]),
    subStatus: pair(
      event.subStatus,
      event.subStatus === 'OK' ? 'OK (HTTP Status Code: 200)' : event.subStatus,
    ),
    eventTimestamp: isoTicksZ(event.time),
    submissionTimestamp: isoTicksZ(event.time + 96_000),
    subscriptionId: event.subscription,
    tenantId: tenant.id,
  }
}

export function activityColumns(event: ActivityEvent): Readonly<Record<string, string>> {
  return {
    CorrelationId: event.correlationId,
    OperationNameValue: event.operation.toUpperCase(),
    ActivityStatusValue: event.status,
    Caller: callerOf(event),
    CallerIpAddress: event.token?.address.ip ?? '',
    ResourceId: event.resourceId,
    ...(event.token === undefined ? {} : { uti: event.token.id }),
  }
}

function pair(value: string, localizedValue = value): Readonly<Record<string, string>> {
  return { value, localizedValue }
}
