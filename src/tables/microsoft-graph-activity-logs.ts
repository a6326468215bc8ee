import { hasKey, all } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, first, type Value } from './value.ts'

function property(...keys: readonly [string, ...string[]]): Readonly<Record<string, Value>> {
  return { diagnostic: first(...keys.map((key) => at('properties', key))) }
}

export const microsoftGraphActivityLogs = table({
  name: 'MicrosoftGraphActivityLogs',
  doc: 'Requests to Microsoft Graph: which application or user called what, from where, with which result.',
  columns: [
    ...standardColumns('MicrosoftGraphActivityLogs', {
      diagnostic: {
        time: first(at('time'), at('properties', 'timeGenerated'), at('timeStamp')),
        resourceId: at('resourceId'),
      },
    }),
    repeated('AadTenantId', 'string', 'Tenant that was called.', { diagnostic: envelope.tenantId }),
    repeated('ApiVersion', 'string', 'Version of the API.', {
      diagnostic: first(at('properties', 'apiVersion'), at('operationVersion')),
    }),
    repeated('AppId', 'string', 'Application that called.', property('appId')),
    column('ATContent', 'string', 'Content of the access token, where it is logged.', property('atContent')),
    column('ATContentH', 'string', 'Header part of that content.', property('atContentH')),
    column('ATContentP', 'string', 'Payload part of that content.', property('atContentP')),
    column(
      'ClientAuthMethod',
      'int',
      'How the client proved itself: 0 public, 1 secret, 2 certificate.',
      property('clientAuthMethod'),
    ),
    column('ClientRequestId', 'string', 'Id that the client gave the request.', property('clientRequestId')),
    repeated('DeviceId', 'string', 'Device that called.', property('deviceId', 'C_DeviceId')),
    column('DurationMs', 'int', 'Duration as logged.', {
      diagnostic: first(at('properties', 'durationMs'), at('durationMs')),
    }),
    repeated('IdentityProvider', 'string', 'Issuer of the token.', property('identityProvider')),
    column('IPAddress', 'string', 'Address that the request came from.', {
      diagnostic: first(at('properties', 'ipAddress'), at('callerIpAddress')),
    }),
    repeated('Location', 'string', 'Region that served the request.', {
      diagnostic: first(at('properties', 'location'), at('location')),
    }),
    column('OperationId', 'string', 'Ties the requests of one batch together.', property('operationId')),
    column('RequestId', 'string', 'Names this request alone.', property('requestId')),
    repeated('RequestMethod', 'string', 'HTTP method.', property('requestMethod')),
    column('RequestUri', 'string', 'Address that was asked for.', property('requestUri')),
    column('ResponseSizeBytes', 'int', 'Size of the answer, in bytes.', property('responseSizeBytes')),
    column('ResponseStatusCode', 'int', 'HTTP status.', {
      diagnostic: first(at('properties', 'responseStatusCode'), at('resultSignature')),
    }),
    repeated('Roles', 'string', 'Application permissions in the token.', property('roles')),
    repeated('Scopes', 'string', 'Delegated permissions in the token.', property('scopes')),
    repeated(
      'ServicePrincipalId',
      'string',
      'Service principal that called.',
      property('servicePrincipalId'),
    ),
    column('SessionId', 'string', 'Session that the token belongs to.', property('sessionId', 'C_Sid')),
    column(
      'SignInActivityId',
      'string',
      'Sign-in that the token came from: its UniqueTokenIdentifier.',
      property('signInActivityId'),
    ),
    column('TokenIssuedAt', 'datetime', 'When the token was issued.', property('tokenIssuedAt')),
    column('UniqueTokenId', 'string', 'Id of the token.', property('uniqueTokenId')),
    repeated('UserAgent', 'string', 'User agent of the client.', property('userAgent')),
    repeated('UserId', 'string', 'Object id of the user, with delegated permissions.', property('userId')),
    repeated('Wids', 'string', 'Directory roles in the token.', property('wids')),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Microsoft Graph activity exported by a diagnostic setting',
      form: 'envelope',
      richness: 70,
      when: isCategory('microsoftgraphactivitylogs'),
    },
    {
      name: 'logAnalytics',
      doc: 'MicrosoftGraphActivityLogs exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 60,
      when: isExport(
        'MicrosoftGraphActivityLogs',
        all(hasKey('RequestUri'), hasKey('SignInActivityId'), hasKey('ClientRequestId')),
      ),
    },
  ],
  sortKey: [byHour, exactly('AppId'), byTime],
  search: { IPAddress: 'value', SignInActivityId: 'value', RequestUri: 'terms' },
  identity: {
    kind: 'keyed',
    key: [
      lowered('RequestId'),
      { column: 'TimeGenerated', as: 'millisecond' },
      exactly('RequestMethod'),
      exactly('RequestUri'),
    ],
    required: ['RequestId'],
    timeToleranceSeconds: 1,
  },
})
