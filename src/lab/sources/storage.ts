import type { StorageAccount } from '../tenant.ts'
import { isoTicksZ, usTime } from '../time.ts'

export type StorageService = 'blob' | 'queue' | 'table' | 'file'
export type StorageCategory = 'StorageRead' | 'StorageWrite' | 'StorageDelete'

/** How a request was authorised, with its JSON as the log writes it; made once, used for many requests. */
export interface StorageCredential {
  readonly type: 'AccountKey' | 'SAS' | 'DelegationSas' | 'OAuth' | 'Anonymous' | 'Kerberos'
  readonly tokenHash: string
  readonly identity: string
  /** The query of a SAS, its signature masked; '' without one. */
  readonly query: string
  /** The fields of a classic log line that tell who asked. */
  readonly classic: ClassicIdentity
}

export interface ClassicIdentity {
  readonly authentication: 'authenticated' | 'sas' | 'OAuth' | 'anonymous'
  readonly objectId: string
  readonly applicationId: string
  readonly upn: string
}

export interface StorageEvent {
  readonly time: number
  readonly account: StorageAccount
  readonly service: StorageService
  readonly category: StorageCategory
  readonly operation: string
  readonly statusCode: number
  readonly statusText: string
  readonly requestId: string
  readonly operationCount: number
  /** Address and port. */
  readonly caller: string
  readonly credential: StorageCredential
  readonly agent: string
  readonly referrer: string
  readonly clientRequestId: string
  /** Path under the service's host, from the slash, percent-encoded. */
  readonly path: string
  /** Query before the SAS: `restype=container&comp=list`; '' without one. */
  readonly query: string
  readonly requestBytes: number
  readonly responseBytes: number
  readonly durationMs: number
  readonly etag: string
  readonly modifiedAt: number
  /** The object's key where it isn't the path (the source of a copy). */
  readonly objectKey?: string
  readonly extra?: string
}

const serviceFolders: Readonly<Record<StorageService, string>> = {
  blob: 'blobServices',
  queue: 'queueServices',
  table: 'tableServices',
  file: 'fileServices',
}

export const storageTables: Readonly<Record<StorageService, string>> = {
  blob: 'StorageBlobLogs',
  queue: 'StorageQueueLogs',
  table: 'StorageTableLogs',
  file: 'StorageFileLogs',
}

/** The resource id that a service's log is written for. */
export function serviceResourceId(account: StorageAccount, service: StorageService): string {
  return `${account.id}/${serviceFolders[service]}/default`
}

const heads = new Map<StorageAccount, Map<string, string>>()

/** A storage resource log record: one compact JSON line, the address with its port, the query with its signature masked. */
export function storageLine(event: StorageEvent): string {
  const { account, credential, service } = event
  const smb = service === 'file' && credential.type === 'Kerberos'
  const scheme = smb ? '\\\\' : 'https://'
  const port = smb ? '' : ':443'
  const objectKey = event.objectKey ?? (event.path === '/' ? '' : `/${account.name}${event.path}`)
  const etag = event.etag === '' ? '' : `"etag":"\\"${event.etag}\\"",`
  const referrer = event.referrer === '' ? '' : `"referrerHeader":"${event.referrer}",`
  const modified = event.modifiedAt === 0 ? '' : `"lastModifiedTime":"${usTime(event.modifiedAt)}",`
  return (
    `{"time":"${isoTicksZ(event.time)}",${headOf(event)},"statusCode":${event.statusCode},"statusText":"${event.statusText}",` +
    `"durationMs":${event.durationMs},"callerIpAddress":"${event.caller}","correlationId":"${event.requestId}",` +
    `"identity":${credential.identity},"location":"West Europe","properties":{"accountName":"${account.name}",` +
    `"userAgentHeader":"${event.agent}","clientRequestId":"${event.clientRequestId}",${referrer}${etag}"serviceType":"${service}",` +
    `"objectKey":"${objectKey}",${modified}"serverLatencyMs":${event.durationMs > 3 ? event.durationMs - 2 : event.durationMs},` +
    `"operationCount":${event.operationCount},"requestHeaderSize":${380 + event.path.length},"requestBodySize":${event.requestBytes},` +
    `"responseHeaderSize":${event.statusCode < 300 ? 431 : 246},"responseBodySize":${event.responseBytes},"contentLengthHeader":${event.requestBytes},` +
    `${event.extra ?? ''}"metricResponseType":"${event.statusText === 'Success' ? 'Success' : event.statusText}","tlsVersion":"${smb ? 'None' : 'TLS 1.3'}"},` +
    `"uri":"${smb ? jsonBackslashes(scheme) : scheme}${account.name}.${service}.core.windows.net${port}${smb ? jsonBackslashes(event.path) : event.path}${queryOf(event)}",` +
    `"protocol":"${smb ? 'SMB' : 'HTTPS'}","resourceType":"Microsoft.Storage/storageAccounts/${serviceFolders[service]}"}`
  )
}

/** Query of the request, the SAS last. */
export function queryOf(event: StorageEvent): string {
  const { query } = event.credential
  if (event.query === '') return query === '' ? '' : `?${query}`
  return query === '' ? `?${event.query}` : `?${event.query}&${query}`
}

function headOf(event: StorageEvent): string {
  let known = heads.get(event.account)
  if (known === undefined) heads.set(event.account, (known = new Map()))
  const name = `${event.service}.${event.operation}.${event.category}`
  let head = known.get(name)
  if (head === undefined) {
    head =
      `"resourceId":"${serviceResourceId(event.account, event.service)}","category":"${event.category}",` +
      `"operationName":"${event.operation}","operationVersion":"2025-07-05","schemaVersion":"1.0"`
    known.set(name, head)
  }
  return head
}

function jsonBackslashes(path: string): string {
  return path.replaceAll('/', '\\').replaceAll('\\', '\\\\')
}

export function storageColumns(event: StorageEvent): Readonly<Record<string, string>> {
  return {
    CorrelationId: event.requestId,
    OperationCount: String(event.operationCount),
    OperationName: event.operation,
    AccountName: event.account.name,
    AuthenticationType: event.credential.type,
    AuthenticationHash: event.credential.tokenHash,
    CallerIpAddress: event.caller,
    StatusCode: String(event.statusCode),
  }
}
