import { objectIdOf, type Token } from '../identity.ts'
import type { Tenant, Vault } from '../tenant.ts'
import { isoTicksZ } from '../time.ts'

export interface VaultEvent {
  readonly time: number
  readonly vault: Vault
  readonly operation: 'SecretGet' | 'SecretList' | 'SecretSet' | 'VaultGet' | 'VaultPut' | 'Authentication'
  readonly statusCode: 200 | 401 | 403
  readonly correlationId: string
  readonly durationMs: number
  /** Absent for the unauthenticated first request that the service answers with a challenge. */
  readonly token: Token | undefined
  readonly address: string
  readonly clientInfo: string
  /** `secrets/name/version`, `secrets`, or '' for the vault itself. */
  readonly object: string
}

const statuses = { 200: 'OK', 401: 'Unauthorized', 403: 'Forbidden' } as const

/** A Key Vault audit event: upper-case resource id, the duration as text, `Success` even where it was refused. */
export function vaultLine(event: VaultEvent, tenant: Tenant): string {
  const status = statuses[event.statusCode]
  const host = `https://${event.vault.name}.vault.azure.net`
  const id = event.object === '' ? event.vault.id : `${host}/${event.object}`
  const description =
    event.statusCode === 401
      ? '"resultDescription":"AKV10000: Request is missing a Bearer or PoP token.",'
      : ''
  return (
    `{"time":"${isoTicksZ(event.time)}","category":"AuditEvent","operationName":"${event.operation}","resultType":"Success",` +
    `"resultSignature":"${status}",${description}"correlationId":"${event.correlationId}","callerIpAddress":"${event.address}",` +
    `"identity":${identityOf(event.token, tenant)},"properties":{"id":"${id}","clientInfo":"${event.clientInfo}",` +
    `"requestUri":"${host}/${event.object}?api-version=7.5","httpStatusCode":${event.statusCode},"isAddressAuthorized":true,` +
    `"isRbacAuthorized":${event.statusCode === 200},"appliedAssignmentId":"${assignmentOf(event)}","tlsVersion":"TLS1_3","addressAuthorizationType":"PublicAddress"},` +
    `"resourceId":"${event.vault.id.toUpperCase()}","operationVersion":"7.5","durationMs":"${event.durationMs}"}`
  )
}

/** The role assignment that let the request through. */
function assignmentOf(event: VaultEvent): string {
  if (event.token === undefined || event.statusCode !== 200) return ''
  return `${objectIdOf(event.token.actor).slice(0, 24)}00000000aa01`
}

function identityOf(token: Token | undefined, tenant: Tenant): string {
  if (token === undefined) return '{}'
  const { actor } = token
  if (actor.kind === 'user') {
    const { user } = actor
    return `{"claim":{"http://schemas.microsoft.com/identity/claims/objectidentifier":"${user.id}","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"${user.upn}","http://schemas.microsoft.com/identity/claims/scope":"user_impersonation","appid":"${token.application.id}","ipaddr":"${token.address.ip}","uti":"${token.id}"}}`
  }
  const { principal } = actor
  const owner = principal.mirid === undefined ? '' : `,"xms_mirid":"${principal.mirid}"`
  return `{"claim":{"oid":"${principal.objectId}","appid":"${principal.appId}","appidacr":"${principal.kind === 'managed-identity' ? 2 : 1}","tid":"${tenant.id}","uti":"${token.id}"${owner}}}`
}

export function vaultColumns(event: VaultEvent): Readonly<Record<string, string>> {
  return {
    CorrelationId: event.correlationId,
    OperationName: event.operation,
    CallerIpAddress: event.address,
    Id: `https://${event.vault.name}.vault.azure.net/${event.object}`,
    HttpStatusCode: String(event.statusCode),
  }
}
