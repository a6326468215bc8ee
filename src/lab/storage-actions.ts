import type { Token } from './identity.ts'
import { objectIdOf } from './identity.ts'
import type { Random } from './random.ts'
import type { StorageCategory, StorageCredential, StorageEvent, StorageService } from './sources/storage.ts'
import { type AccountKey, sha256Upper, type StorageAccount, type Tenant } from './tenant.ts'
import { isoSecondsZ } from './time.ts'
import type { World } from './world.ts'

/** Requests authorised with an account key. */
export function keyCredential(key: AccountKey): StorageCredential {
  const tokenHash = `${key.slot}(${key.hash})`
  return {
    type: 'AccountKey',
    tokenHash,
    identity: `{"type":"AccountKey","tokenHash":"${tokenHash}"}`,
    query: '',
    classic: { authentication: 'authenticated', objectId: '', applicationId: '', upn: '' },
  }
}

export const anonymousCredential: StorageCredential = {
  type: 'Anonymous',
  tokenHash: '',
  identity: '{"type":"Anonymous"}',
  query: '',
  classic: { authentication: 'anonymous', objectId: '', applicationId: '', upn: '' },
}

/** SMB requests of a machine joined to the domain. */
export const kerberosCredential: StorageCredential = {
  type: 'Kerberos',
  tokenHash: '',
  query: '',
  identity: '{"type":"Kerberos"}',
  classic: { authentication: 'authenticated', objectId: '', applicationId: '', upn: '' },
}

export interface SasTerms {
  readonly kind: 'account' | 'service' | 'user-delegation'
  readonly permissions: string
  readonly from: number
  readonly to: number
  /** What a service or delegation SAS is for: container or blob. */
  readonly scope?: 'c' | 'b'
  readonly signer?: { readonly objectId: string; readonly tenantId: string }
}

export interface Sas {
  readonly credential: StorageCredential
  /** As it stands in the address, percent-encoded. */
  readonly signature: string
  readonly hash: string
}

/** A shared access signature and what the log tells of it: the hash of its signature, and of the key that made it. */
export function makeSas(random: Random, key: AccountKey, terms: SasTerms): Sas {
  const signature = Buffer.from(random.bytes(32)).toString('base64')
  const hash = sha256Upper(signature)
  const span = `st=${isoSecondsZ(terms.from)}&se=${isoSecondsZ(terms.to)}`
  const delegated = terms.kind === 'user-delegation'
  const tokenHash = `${delegated ? `user-delegation(${random.hex(64).toUpperCase()})` : `${key.slot}(${key.hash})`},SasSignature(${hash})`
  const signer =
    terms.signer === undefined
      ? ''
      : `&skoid=${terms.signer.objectId}&sktid=${terms.signer.tenantId}&skt=${isoSecondsZ(terms.from)}&ske=${isoSecondsZ(terms.to)}&sks=b&skv=2025-07-05`
  const query =
    terms.kind === 'account'
      ? `sv=2025-07-05&ss=b&srt=sco&sp=${terms.permissions}&${span}&spr=https&sig=XXXXX`
      : `sp=${terms.permissions}&${span}&spr=https&sv=2025-07-05&sr=${terms.scope ?? 'c'}${signer}&sig=XXXXX`
  const type = delegated ? 'DelegationSas' : 'SAS'
  const credential: StorageCredential = {
    type,
    tokenHash,
    query,
    identity: `{"type":"${type}","tokenHash":"${tokenHash}"}`,
    classic: { authentication: 'sas', objectId: '', applicationId: '', upn: '' },
  }
  return { credential, signature: encodeURIComponent(signature), hash }
}

/** Requests with an Entra token: the log names the requester and what allowed the request. */
export function oauthCredential(
  random: Random,
  token: Token,
  tenant: Tenant,
  account: StorageAccount,
  action = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
): StorageCredential {
  const objectId = objectIdOf(token.actor)
  const upn = token.actor.kind === 'user' ? token.actor.user.upn : ''
  const requester = {
    appId: token.actor.kind === 'user' ? token.application.id : token.actor.principal.appId,
    audience: 'https://storage.azure.com',
    objectId,
    tenantId: tenant.id,
    tokenIssuer: `https://sts.windows.net/${tenant.id}/`,
    ...(upn === '' ? {} : { upn }),
  }
  const authorization = {
    action,
    roleAssignmentId: random.guid(),
    roleDefinitionId: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    principals: [{ id: objectId, type: upn === '' ? 'ServicePrincipal' : 'User' }],
    denyAssignmentId: '',
    scope: account.id,
  }
  return {
    type: 'OAuth',
    tokenHash: token.hash,
    query: '',
    identity: `{"type":"OAuth","tokenHash":"${token.hash}","requester":${JSON.stringify(requester)},"authorization":[${JSON.stringify(authorization)}]}`,
    classic: { authentication: 'OAuth', objectId, applicationId: requester.appId, upn },
  }
}

export interface Request {
  readonly time: number
  readonly account: StorageAccount
  readonly operation: string
  readonly path: string
  readonly ip: string
  readonly port?: number
  readonly credential: StorageCredential
  readonly agent: string
  readonly service?: StorageService
  readonly category?: StorageCategory
  readonly query?: string
  readonly referrer?: string
  readonly statusCode?: number
  readonly statusText?: string
  readonly requestBytes?: number
  readonly responseBytes?: number
  readonly requestId?: string
  readonly operationCount?: number
  readonly objectKey?: string
  readonly extra?: string
  readonly durationMs?: number
}

/** One request to a storage account; gives its request id. */
export function requestStorage(world: World, random: Random, request: Request, mark?: string): string {
  const category = request.category ?? categoryOf(request.operation)
  const requestId = request.requestId ?? random.storageRequestId()
  const object = isObject(request.operation)
  const event: StorageEvent = {
    time: request.time,
    account: request.account,
    service: request.service ?? 'blob',
    category,
    operation: request.operation,
    statusCode:
      request.statusCode ?? (category === 'StorageRead' ? 200 : category === 'StorageWrite' ? 201 : 202),
    statusText: request.statusText ?? 'Success',
    requestId,
    operationCount: request.operationCount ?? 0,
    caller: `${request.ip}:${request.port ?? random.between(32_768, 60_999)}`,
    credential: request.credential,
    agent: request.agent,
    referrer: request.referrer ?? '',
    clientRequestId: random.guid(),
    path: request.path,
    query: request.query ?? '',
    requestBytes: request.requestBytes ?? 0,
    responseBytes: request.responseBytes ?? 0,
    durationMs: request.durationMs ?? 2 + random.below(38),
    etag: object ? `0x8DE${random.hex(12).toUpperCase()}` : '',
    modifiedAt: object ? request.time - 3_600_000 - random.below(400_000_000) : 0,
    ...(request.objectKey === undefined ? {} : { objectKey: request.objectKey }),
    ...(request.extra === undefined ? {} : { extra: request.extra }),
  }
  world.recorder.storage(event, mark)
  return requestId
}

function categoryOf(operation: string): StorageCategory {
  if (operation.startsWith('Delete')) return 'StorageDelete'
  return /^(?:Get|List|Peek|Query|Read)/.test(operation) ? 'StorageRead' : 'StorageWrite'
}

function isObject(operation: string): boolean {
  return (
    operation === 'GetBlob' ||
    operation === 'PutBlob' ||
    operation === 'GetBlobProperties' ||
    operation === 'CopyBlob' ||
    operation === 'GetFile'
  )
}
