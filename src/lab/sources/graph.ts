import { objectIdOf, type Token } from '../identity.ts'
import type { Tenant } from '../tenant.ts'
import { isoTicksZ } from '../time.ts'

export interface GraphEvent {
  readonly time: number
  readonly requestId: string
  readonly clientRequestId: string
  readonly token: Token
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path and query after the version. */
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly responseBytes: number
  readonly scopes: string
}

/** .NET ticks at the Unix epoch. */
const ticksAtEpoch = 621_355_968_000_000_000n

/** A Microsoft Graph call: an upper-case resource id, durations in 100 ns as text outside and a number inside. */
export function graphLine(event: GraphEvent, tenant: Tenant): string {
  const { token } = event
  const time = isoTicksZ(event.time)
  const upper = tenant.id.toUpperCase()
  const isUser = token.actor.kind === 'user'
  const objectId = objectIdOf(token.actor)
  const durationTicks = event.durationMs * 10_000
  const uri = JSON.stringify(`https://graph.microsoft.com/v1.0${event.path}`)
  return (
    `{ "time": "${time}", "resourceId": "/TENANTS/${upper}/PROVIDERS/MICROSOFT.AADIAM", "operationName": "Microsoft Graph Activity", ` +
    `"operationVersion": "v1.0", "category": "MicrosoftGraphActivityLogs", "resultSignature": "${event.status}", "durationMs": "${durationTicks}", ` +
    `"callerIpAddress": "${token.address.ip}", "correlationId": "${event.requestId}", "level": "Informational", "location": "West Europe", ` +
    `"properties": {"__UDI_RequiredFields_TenantId":"${tenant.id}","__UDI_RequiredFields_UniqueId":"${event.requestId}",` +
    `"__UDI_RequiredFields_EventTime":${ticksAtEpoch + BigInt(event.time) * 10_000n},"__UDI_RequiredFields_RegionScope":"EU",` +
    `"timeGenerated":"${time}","location":"West Europe","requestId":"${event.requestId}","operationId":"${event.requestId}",` +
    `"clientRequestId":"${event.clientRequestId}","apiVersion":"v1.0","requestMethod":"${event.method}","responseStatusCode":${event.status},` +
    `"tenantId":"${tenant.id}","durationMs":${durationTicks},"responseSizeBytes":${event.responseBytes},"signInActivityId":"${token.id}",` +
    `"roles":"${isUser ? '' : event.scopes}","appId":"${token.actor.kind === 'user' ? token.application.id : token.actor.principal.appId}","UserPrincipalObjectID":"${objectId}","scopes":"${isUser ? event.scopes : ''}",` +
    `"identityProvider":"https://sts.windows.net/${tenant.id}/","clientAuthMethod":"${isUser ? '0' : '1'}",` +
    `"wids":"${isUser ? 'b79fbf4d-3ef9-4689-8143-76b194e85509' : ''}","C_Idtyp":"${isUser ? 'user' : 'app'}","C_Iat":"${Math.floor(token.issuedAt / 1000)}",` +
    `"ipAddress":"${token.address.ip}","userAgent":${JSON.stringify(token.agent)},"requestUri":${uri},"atContentP":"","atContentH":"",` +
    `"C_Sid":"${isUser ? token.sessionId : ''}","C_DeviceId":"","servicePrincipalId":"${isUser ? '' : objectId}",` +
    `"tokenIssuedAt":"${new Date(token.issuedAt).toISOString().slice(0, 19)}.0000000Z"}, "tenantId": "${tenant.id}"}`
  )
}

export function graphColumns(event: GraphEvent): Readonly<Record<string, string>> {
  return {
    RequestId: event.requestId,
    SignInActivityId: event.token.id,
    IPAddress: event.token.address.ip,
    RequestUri: `https://graph.microsoft.com/v1.0${event.path}`,
  }
}
