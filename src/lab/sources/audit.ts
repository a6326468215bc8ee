import { nameOf, objectIdOf, type Actor } from '../identity.ts'
import type { Tenant } from '../tenant.ts'
import { isoTicks, isoTicksZ } from '../time.ts'

export interface ModifiedProperty {
  readonly displayName: string
  /** JSON text, as the log stores it. */
  readonly oldValue: string | null
  readonly newValue: string
}

export interface AuditTarget {
  readonly id: string
  readonly displayName: string | null
  readonly type: 'User' | 'Application' | 'ServicePrincipal' | 'Group' | 'Role' | 'Policy' | 'Device'
  readonly userPrincipalName: string | null
  readonly modifiedProperties: readonly ModifiedProperty[]
}

export interface AuditEvent {
  readonly time: number
  readonly id: string
  readonly correlationId: string
  /** Microsoft's own words, sometimes with a dash of U+2013 and a space at the end. */
  readonly activity: string
  readonly category:
    | 'UserManagement'
    | 'GroupManagement'
    | 'ApplicationManagement'
    | 'RoleManagement'
    | 'Device'
    | 'Policy'
  readonly service:
    | 'Core Directory'
    | 'Self-service Password Management'
    | 'Authentication Methods'
    | 'Device Registration Service'
  readonly operationType: 'Add' | 'Update' | 'Delete' | 'Assign'
  readonly actor: Actor
  readonly address: string
  readonly targets: readonly AuditTarget[]
}

/** A directory change as the Entra diagnostic setting archives it. */
export function auditLine(event: AuditEvent, tenant: Tenant): string {
  const name = JSON.stringify(event.activity)
  const identity = JSON.stringify(nameOf(event.actor))
  const properties = {
    tenantId: tenant.id,
    resultType: '',
    resultDescription: '',
    operationName: event.activity,
    identity: nameOf(event.actor),
    tenantGeo: 'EU',
    ...graphAudit(event),
    activityDateTime: `${isoTicks(event.time)}+00:00`,
  }
  return (
    `{ "time": "${isoTicksZ(event.time)}", "resourceId": "/tenants/${tenant.id}/providers/Microsoft.aadiam", ` +
    `"operationName": ${name}, "operationVersion": "1.0", "category": "AuditLogs", "tenantId": "${tenant.id}", ` +
    `"resultSignature": "None", "durationMs": 0, "callerIpAddress": "${event.address}", "correlationId": "${event.correlationId}", ` +
    `"identity": ${identity}, "Level": 4, "properties": ${JSON.stringify(properties)}}`
  )
}

/** The same change as Microsoft Graph lists it. */
export function graphAudit(event: AuditEvent): Readonly<Record<string, unknown>> {
  return {
    id: event.id,
    category: event.category,
    correlationId: event.correlationId,
    result: 'success',
    resultReason: '',
    activityDisplayName: event.activity,
    activityDateTime: isoTicksZ(event.time),
    loggedByService: event.service,
    operationType: event.operationType,
    userAgent: null,
    initiatedBy: initiator(event),
    targetResources: event.targets.map((target) => ({ ...target, administrativeUnits: [] })),
    additionalDetails: [],
  }
}

function initiator(event: AuditEvent): Readonly<Record<string, unknown>> {
  const { actor } = event
  if (actor.kind === 'user') {
    return {
      user: {
        id: actor.user.id,
        displayName: actor.user.name,
        userPrincipalName: actor.user.upn,
        ipAddress: event.address,
        roles: [],
      },
    }
  }
  return {
    app: {
      appId: null,
      displayName: actor.principal.name,
      servicePrincipalId: actor.principal.objectId,
      servicePrincipalName: null,
    },
  }
}

export function auditColumns(event: AuditEvent): Readonly<Record<string, string>> {
  return {
    Id: event.id,
    CorrelationId: event.correlationId,
    OperationName: event.activity,
    InitiatedBy: objectIdOf(event.actor),
    IPAddress: event.address,
  }
}
