import { all, any, contains, hasKey, not, oneOf, startsWith, type Condition } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import type { Column, Table } from './types.ts'
import { at, constant, extract, first, translate, when, type Value } from './value.ts'

export type StorageService = 'blob' | 'queue' | 'table' | 'file'

export interface StorageTableOptions {
  readonly name: string
  readonly service: StorageService
  readonly doc: string
  /** Columns that this service's table has beyond the common ones. */
  readonly columns?: readonly Column[]
}

/** Declares the table of one storage service: its resource logs, and the classic `$logs` of Storage Analytics. */
export function storageTable(options: StorageTableOptions): Table {
  const { name, service } = options
  return table({
    name,
    doc: options.doc,
    columns: [
      ...standardColumns(name, {
        diagnostic: { time: envelope.time, resourceId: at('resourceId') },
        classic: { time: at('start-time'), sourceSystem: 'StorageAnalytics' },
      }),
      ...storageColumns,
      ...(options.columns ?? []),
    ],
    shapes: [
      {
        name: 'diagnostic',
        doc: `Storage resource log of the ${service} service`,
        form: 'envelope',
        hasAllKeys: true,
        richness: 60,
        when: all(isStorageCategory, isService(service)),
      },
      {
        name: 'classic',
        doc: `Storage Analytics log ($logs) of the ${service} service, version 1.0 or 2.0`,
        richness: 30,
        when: all(
          hasKey('start-time'),
          hasKey('request-status'),
          hasKey('request-id'),
          oneOf(['service-type'], service),
        ),
      },
      {
        name: 'logAnalytics',
        doc: `${name} exported from Log Analytics`,
        form: 'logAnalytics',
        csv: true,
        richness: 50,
        when: isExport(name, all(hasKey('AuthenticationHash'), oneOf(['ServiceType'], service))),
      },
    ],
    sortKey: [byHour, exactly('AccountName'), exactly('OperationName'), byTime],
    search: { CorrelationId: 'value', Uri: 'terms' },
    identity: {
      kind: 'keyed',
      key: [lowered('CorrelationId'), exactly('OperationCount')],
      required: ['CorrelationId'],
      timeToleranceSeconds: 60,
    },
  })
}

const isStorageCategory: Condition = isCategory('storageread', 'storagewrite', 'storagedelete')

/** The table follows the resource, and only where the id does not say it, the service type. */
function isService(service: StorageService): Condition {
  const others = services.filter((other) => other !== service)
  return any(
    contains(['resourceId'], `/${service}services/`),
    all(
      ...others.map((other) => not(contains(['resourceId'], `/${other}services/`))),
      oneOf(['properties', 'serviceType'], service),
    ),
  )
}

const services: readonly StorageService[] = ['blob', 'queue', 'table', 'file']

/** Storage resource logs that no storage table takes: neither resource nor service type tells the service. */
export const isUnclearStorage: Condition = all(
  isStorageCategory,
  ...services.flatMap((service) => [
    not(contains(['resourceId'], `/${service}services/`)),
    not(oneOf(['properties', 'serviceType'], service)),
  ]),
)

/** The operation kinds that the resource logs' categories stand for, from the verb that a classic operation starts with. */
const classicCategory: Value = when(
  startsWithAny(
    'get',
    'list',
    'peek',
    'query',
    'blobpreflight',
    'filepreflight',
    'queuepreflight',
    'tablepreflight',
    'entitygroup',
  ),
  constant('StorageRead'),
  when(startsWithAny('delete', 'clear'), constant('StorageDelete'), constant('StorageWrite')),
)

function startsWithAny(...words: readonly string[]): Condition {
  return any(...words.map((word) => startsWith(['operation'], word)))
}

const authenticationTypes = {
  authenticated: 'AccountKey',
  anonymous: 'Anonymous',
  sas: 'SAS',
  bearer: 'OAuth',
  oauth: 'OAuth',
  OAuth: 'OAuth',
  SAS: 'SAS',
  Anonymous: 'Anonymous',
} as const

function property(name: string): Value {
  return at('properties', name)
}

function requester(name: string): Value {
  return at('identity', 'requester', name)
}

const storageColumns: readonly Column[] = [
  repeated('AccountName', 'string', 'Storage account.', {
    diagnostic: first(property('accountName'), extract(at('resourceId'), '(?i)/storageaccounts/([^/]+)')),
    classic: first(at('owner-account'), at('requester-account')),
  }),
  repeated('Category', 'string', 'StorageRead, StorageWrite or StorageDelete.', {
    diagnostic: at('category'),
    classic: classicCategory,
  }),
  repeated('OperationName', 'string', 'Storage operation, such as GetBlob.', {
    diagnostic: at('operationName'),
    classic: at('operation'),
  }),
  repeated('OperationVersion', 'string', 'Version of the storage service that was asked for.', {
    diagnostic: at('operationVersion'),
    classic: at('request-version'),
  }),
  column('OperationCount', 'int', 'Place among the records of one request; a copy gives three.', {
    diagnostic: first(property('operationCount'), constant('0')),
    classic: at('operation-count'),
    logAnalytics: first(at('OperationCount'), constant('0')),
  }),
  repeated('SchemaVersion', 'string', 'Version of the log record.', {
    diagnostic: at('schemaVersion'),
    classic: at('version'),
  }),
  repeated('ServiceType', 'string', 'Service: blob, queue, table or file.', {
    diagnostic: property('serviceType'),
    classic: at('service-type'),
  }),
  repeated('StatusCode', 'string', 'HTTP status, or that of the protocol used, as text.', {
    diagnostic: at('statusCode'),
    classic: at('http-status'),
  }),
  repeated(
    'StatusText',
    'string',
    'Result in one word: Success, AuthorizationError, SASSuccess and others.',
    {
      diagnostic: at('statusText'),
      classic: at('request-status'),
    },
  ),
  repeated('MetricResponseType', 'string', 'Result as storage metrics count it.', {
    diagnostic: property('metricResponseType'),
  }),
  column('DurationMs', 'real', 'Time from the first byte of the request to the last of the answer.', {
    diagnostic: at('durationMs'),
    classic: at('e2e-latency-ms'),
  }),
  column('ServerLatencyMs', 'real', 'Part of that time that the service took, without the network.', {
    diagnostic: property('serverLatencyMs'),
    classic: at('server-latency-ms'),
  }),
  column('CallerIpAddress', 'string', 'Address and port that the request came from.', {
    diagnostic: at('callerIpAddress'),
    classic: at('requester-ip:port'),
  }),
  column('CorrelationId', 'string', 'Id that the service gave the request.', {
    diagnostic: at('correlationId'),
    classic: at('request-id'),
  }),
  column('ClientRequestId', 'string', 'Id that the client gave the request.', {
    diagnostic: property('clientRequestId'),
    classic: at('client-request-id'),
  }),
  repeated(
    'AuthenticationType',
    'string',
    'How the caller proved itself: OAuth, AccountKey, SAS, DelegationSas, Anonymous and others.',
    {
      diagnostic: at('identity', 'type'),
      classic: translate(at('auth-type'), authenticationTypes),
    },
  ),
  repeated('AuthenticationHash', 'string', 'Hashes of the key, and of the signature of a SAS.', {
    diagnostic: at('identity', 'tokenHash'),
  }),
  column(
    'AuthorizationDetails',
    'dynamic',
    'Permission checks that were made, with action, role and result.',
    {
      diagnostic: at('identity', 'authorization'),
      classic: at('authorization-detail'),
    },
  ),
  repeated('RequesterObjectId', 'string', 'Object id of the identity, with OAuth.', {
    diagnostic: requester('objectId'),
    classic: at('user-object-id'),
  }),
  repeated('RequesterTenantId', 'string', 'Tenant of that identity.', {
    diagnostic: requester('tenantId'),
    classic: at('tenant-id'),
  }),
  repeated('RequesterAppId', 'string', 'Application that acted.', {
    diagnostic: requester('appId'),
    classic: at('application-id'),
  }),
  repeated('RequesterAudience', 'string', 'Audience of the token.', {
    diagnostic: requester('audience'),
    classic: at('audience'),
  }),
  repeated('RequesterTokenIssuer', 'string', 'Issuer of the token.', {
    diagnostic: requester('tokenIssuer'),
    classic: at('issuer'),
  }),
  repeated('RequesterUpn', 'string', 'Name of the user, with OAuth.', {
    diagnostic: requester('upn'),
    classic: at('upn'),
  }),
  repeated('Location', 'string', 'Region of the account.', { diagnostic: at('location') }),
  repeated('Protocol', 'string', 'Protocol of the request: HTTPS, HTTP, SMB, NFS and others.', {
    diagnostic: at('protocol'),
    classic: translate(extract(at('request-url'), '^(https?)'), { http: 'HTTP', https: 'HTTPS' }),
  }),
  repeated('TlsVersion', 'string', 'Version of TLS.', { diagnostic: property('tlsVersion') }),
  column('Uri', 'string', 'Address that was asked for; signatures are masked.', {
    diagnostic: at('uri'),
    classic: at('request-url'),
  }),
  column('ObjectKey', 'string', 'Object that was asked for: account, container and name.', {
    diagnostic: property('objectKey'),
    classic: at('requested-object-key'),
  }),
  repeated('UserAgentHeader', 'string', 'What the client says of itself.', {
    diagnostic: property('userAgentHeader'),
    classic: at('user-agent'),
  }),
  repeated('ReferrerHeader', 'string', 'Page that the request came from.', {
    diagnostic: property('referrerHeader'),
    classic: at('referrer'),
  }),
  column('RequestHeaderSize', 'long', 'Size of the header of the request, in bytes.', {
    diagnostic: property('requestHeaderSize'),
    classic: at('request-header-size'),
  }),
  column('RequestBodySize', 'long', 'Size of the body of the request, in bytes.', {
    diagnostic: property('requestBodySize'),
    classic: at('request-packet-size'),
  }),
  column('ResponseHeaderSize', 'long', 'Size of the header of the answer, in bytes.', {
    diagnostic: property('responseHeaderSize'),
    classic: at('response-header-size'),
  }),
  column('ResponseBodySize', 'long', 'Size of the body of the answer, in bytes: what left the account.', {
    diagnostic: property('responseBodySize'),
    classic: at('response-packet-size'),
  }),
  column('ContentLengthHeader', 'long', 'Length that the request announced, in bytes.', {
    diagnostic: first(property('contentLengthHeader'), property('contentLength')),
    classic: at('content-length'),
  }),
  column('RequestMd5', 'string', 'MD5 that the client sent.', {
    diagnostic: property('requestMd5'),
    classic: at('request-md5'),
  }),
  column('ResponseMd5', 'string', 'MD5 that the service computed.', {
    diagnostic: property('responseMd5'),
    classic: at('server-md5'),
  }),
  column('Etag', 'string', 'ETag of the object.', { diagnostic: property('etag'), classic: at('etag') }),
  column('LastModifiedTime', 'datetime', 'When the object was last changed.', {
    diagnostic: property('lastModifiedTime'),
    classic: at('last-modified'),
  }),
  column('ConditionsUsed', 'string', 'Conditions that the request set.', {
    diagnostic: property('conditionsUsed'),
    classic: at('conditions-used'),
  }),
  repeated('SasExpiryStatus', 'string', 'Whether the SAS obeyed the expiry policy of the account.', {
    diagnostic: property('sasExpiryStatus'),
  }),
]
