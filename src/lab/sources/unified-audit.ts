import type { Token } from '../identity.ts'
import type { User } from '../people.ts'
import type { Tenant } from '../tenant.ts'

export interface UnifiedAuditEvent {
  readonly time: number
  readonly id: string
  readonly recordType:
    | 'ExchangeAdmin'
    | 'ExchangeItemAggregated'
    | 'SharePointFileOperation'
    | 'AzureActiveDirectoryStsLogon'
  readonly operation:
    | 'New-InboxRule'
    | 'MailItemsAccessed'
    | 'FileAccessed'
    | 'FileDownloaded'
    | 'UserLoggedIn'
  readonly user: User
  readonly address: string
  readonly object: string
  /** The token it was done with, where the service tells it. */
  readonly token?: Token
  /** What a cmdlet was told. */
  readonly parameters?: Readonly<Record<string, string>>
}

const recordTypes: Readonly<Record<UnifiedAuditEvent['recordType'], number>> = {
  ExchangeAdmin: 1,
  ExchangeItemAggregated: 50,
  SharePointFileOperation: 6,
  AzureActiveDirectoryStsLogon: 15,
}

const workloads: Readonly<Record<UnifiedAuditEvent['recordType'], string>> = {
  ExchangeAdmin: 'Exchange',
  ExchangeItemAggregated: 'Exchange',
  SharePointFileOperation: 'SharePoint',
  AzureActiveDirectoryStsLogon: 'AzureActiveDirectory',
}

export const unifiedAuditHeader =
  'RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames'

/** A row of the unified audit log's CSV export: the event itself is JSON in one quoted cell. */
export function unifiedAuditRow(event: UnifiedAuditEvent, tenant: Tenant): string {
  const time = `${secondsOf(event.time)}.0000000Z`
  const cell = JSON.stringify(auditData(event, tenant)).replaceAll('"', '""')
  return `${event.id},${time},${recordTypes[event.recordType]},${event.operation},${event.user.upn},"${cell}",,`
}

export const graphUnifiedAuditHeader =
  'id,createdDateTime,auditLogRecordType,operation,organizationId,userType,userId,service,objectId,userPrincipalName,clientIp,administrativeUnits,auditData'

/** The same event as a Graph audit log query gives it, in the columns that collectors save. */
export function graphUnifiedAuditRow(event: UnifiedAuditEvent, tenant: Tenant): string {
  const cells = [
    event.id,
    `${secondsOf(event.time)}Z`,
    event.recordType,
    event.operation,
    tenant.id,
    'regular',
    event.user.upn,
    workloads[event.recordType],
    event.object,
    event.user.upn,
    event.address,
    '',
    JSON.stringify(auditData(event, tenant)),
  ]
  return cells.map(quoted).join(',')
}

function secondsOf(time: number): string {
  return new Date(time).toISOString().slice(0, 19)
}

function auditData(event: UnifiedAuditEvent, tenant: Tenant): Readonly<Record<string, unknown>> {
  return {
    CreationTime: secondsOf(event.time),
    Id: event.id,
    Operation: event.operation,
    OrganizationId: tenant.id,
    RecordType: recordTypes[event.recordType],
    ResultStatus: 'Succeeded',
    UserKey: event.user.puid,
    UserType: 0,
    Version: 1,
    Workload: workloads[event.recordType],
    ClientIP: event.address,
    UserId: event.user.upn,
    ObjectId: event.object,
    ...(event.token === undefined ? {} : { AppAccessContext: accessContext(event.token) }),
    ...(event.parameters === undefined
      ? {}
      : { Parameters: Object.entries(event.parameters).map(([Name, Value]) => ({ Name, Value })) }),
    ...(event.recordType === 'ExchangeItemAggregated'
      ? {
          MailboxOwnerUPN: event.user.upn,
          LogonType: 0,
          InternalLogonType: 0,
          ClientInfoString: 'Client=OWA;Action=ViaProxy',
          ExternalAccess: false,
        }
      : {}),
    ...(event.recordType === 'SharePointFileOperation'
      ? {
          SiteUrl: `https://meridian.example/sites/operations/`,
          SourceFileName: event.object.slice(event.object.lastIndexOf('/') + 1),
          UserAgent: event.user.agent,
        }
      : {}),
  }
}

/** Session and token of an access, as Exchange and SharePoint tell them. */
function accessContext(token: Token): Readonly<Record<string, string>> {
  return {
    AADSessionId: token.sessionId,
    ClientAppId: token.application.id,
    CorrelationId: token.signInId,
    UniqueTokenId: token.id,
  }
}

export function unifiedAuditColumns(event: UnifiedAuditEvent): Readonly<Record<string, string>> {
  return {
    Id: event.id,
    Operation: event.operation,
    UserId: event.user.upn,
    ClientIP: event.address,
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
