import type { Tenant } from '../tenant.ts'
import { isoTicksZ, rfc850 } from '../time.ts'
import { queryOf, type StorageEvent } from './storage.ts'

/** A line of Storage Analytics (`$logs`): 30 fields in version 1.0, 38 in 2.0, separated by semicolons. */
export function classicLine(event: StorageEvent, version: '1.0' | '2.0', tenant: Tenant): string {
  const { account, credential } = event
  const { classic } = credential
  const owner = account.name
  const requester = classic.authentication === 'authenticated' ? account.name : ''
  const key = event.path === '/' ? '/' : `/${account.name}${event.path}`
  const etag = event.etag === '' ? '' : `"&quot;${event.etag}&quot;"`
  const modified = event.modifiedAt === 0 ? '' : rfc850(event.modifiedAt)
  const requestHeaders = 380 + event.path.length
  const status = classicStatus(event)
  const line =
    `${version};${isoTicksZ(event.time)};${event.operation};${status};${event.statusCode};${event.durationMs};` +
    `${event.durationMs > 3 ? event.durationMs - 2 : event.durationMs};${classic.authentication};${requester};${owner};${event.service};` +
    `"https://${account.name}.${event.service}.core.windows.net:443${event.path}${entities(queryOf(event))}";"${key}";` +
    `${event.requestId};${event.operationCount};${event.caller};2025-07-05;${requestHeaders};${event.requestBytes};431;${event.responseBytes};` +
    `${event.requestBytes};;;${etag};${modified};;"${entities(event.agent)}";;"${event.clientRequestId}"`
  if (version === '1.0') return line
  const oauth = classic.authentication === 'OAuth'
  const details = oauth
    ? `"[{&quot;action&quot;:&quot;${actionOf(event)}&quot;,&quot;roleAssignmentId&quot;:&quot;&quot;,&quot;type&quot;:&quot;User&quot;}]"`
    : ''
  return (
    `${line};${classic.objectId};${oauth ? tenant.id : ''};${classic.applicationId};${oauth ? 'https://storage.azure.com' : ''};` +
    `${oauth ? `https://sts.windows.net/${tenant.id}/` : ''};${classic.upn};;${details}`
  )
}

function actionOf(event: StorageEvent): string {
  const verb = { StorageRead: 'read', StorageWrite: 'write', StorageDelete: 'delete' }[event.category]
  return `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${verb}`
}

const prefixes: Readonly<Record<StorageEvent['credential']['classic']['authentication'], string>> = {
  authenticated: '',
  sas: 'SAS',
  OAuth: 'OAuth',
  anonymous: 'Anonymous',
}

function classicStatus(event: StorageEvent): string {
  return event.statusText === 'Success'
    ? `${prefixes[event.credential.classic.authentication]}Success`
    : event.statusText
}

function entities(text: string): string {
  return text.replaceAll('&', '&amp;')
}
