import { all, hasKey, not } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, first, type Value } from './value.ts'

function property(...keys: readonly [string, ...string[]]): Readonly<Record<string, Value>> {
  return { diagnostic: first(...keys.map((key) => at('properties', key))) }
}

export const aadGraphActivityLogs = table({
  name: 'AADGraphActivityLogs',
  doc: 'Requests to the retired Azure AD Graph, which some tools of attackers still call.',
  columns: [
    ...standardColumns('AADGraphActivityLogs', {
      diagnostic: { time: envelope.time, resourceId: at('resourceId') },
    }),
    repeated('AADTenantId', 'string', 'Tenant that was called.', { diagnostic: envelope.tenantId }),
    repeated('ActorType', 'string', 'User or application.', property('actorType')),
    repeated('ApiVersion', 'string', 'Version of the API.', property('apiVersion')),
    repeated('AppId', 'string', 'Application that called.', property('appId')),
    column('CallerIpAddress', 'string', 'Address that the request came from.', {
      diagnostic: first(
        at('callerIpAddress'),
        at('properties', 'callerIpAddress'),
        at('properties', 'ipAddress'),
      ),
    }),
    repeated('Category', 'string', 'Category of the resource log.', { diagnostic: at('category') }),
    repeated('ClientAuthMethod', 'string', 'How the client proved itself.', property('clientAuthMethod')),
    repeated('DeviceId', 'string', 'Device that called.', property('deviceId')),
    column('DurationMs', 'int', 'Duration, in milliseconds.', {
      diagnostic: first(at('durationMs'), at('properties', 'durationMs')),
    }),
    repeated('IdentityProvider', 'string', 'Issuer of the token.', property('identityProvider')),
    repeated('Level', 'string', 'Weight of the event.', { diagnostic: envelope.level }),
    repeated('Location', 'string', 'Region that served the request.', {
      diagnostic: first(at('location'), at('properties', 'location')),
    }),
    repeated('OperationName', 'string', 'Kind of record.', { diagnostic: at('operationName') }),
    column('RequestId', 'string', 'Names this request alone.', {
      diagnostic: first(at('properties', 'requestId'), at('correlationId')),
    }),
    repeated('RequestMethod', 'string', 'HTTP method.', property('requestMethod')),
    column('RequestUri', 'string', 'Address that was asked for.', property('requestUri')),
    column('ResponseSizeBytes', 'int', 'Size of the answer, in bytes.', property('responseSizeBytes')),
    column('ResponseStatusCode', 'int', 'HTTP status.', {
      diagnostic: first(at('properties', 'responseStatusCode'), at('resultSignature')),
    }),
    repeated('ResultSignature', 'string', 'Result as the envelope has it.', {
      diagnostic: at('resultSignature'),
    }),
    repeated('Roles', 'string', 'Application permissions in the token.', property('roles')),
    repeated('Scopes', 'string', 'Delegated permissions in the token.', property('scopes')),
    repeated(
      'ServicePrincipalId',
      'string',
      'Service principal that called.',
      property('servicePrincipalId'),
    ),
    column('SessionId', 'string', 'Session that the token belongs to.', property('sessionId')),
    column('SignInActivityId', 'string', 'Sign-in that the token came from.', property('signInActivityId')),
    column('TimeRequested', 'datetime', 'When the request was made.', property('timeRequested')),
    column('TokenIssuedAt', 'datetime', 'When the token was issued.', property('tokenIssuedAt')),
    repeated('UserAgent', 'string', 'User agent of the client.', property('userAgent')),
    repeated('UserId', 'string', 'Object id of the user.', property('userId')),
    repeated('Wids', 'string', 'Directory roles in the token.', property('wids')),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Azure AD Graph activity exported by a diagnostic setting',
      form: 'envelope',
      richness: 70,
      when: isCategory('azureadgraphactivitylogs', 'aadgraphactivitylogs'),
    },
    {
      name: 'logAnalytics',
      doc: 'AADGraphActivityLogs exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 60,
      when: isExport(
        'AADGraphActivityLogs',
        all(hasKey('RequestUri'), hasKey('ActorType'), not(hasKey('ClientRequestId'))),
      ),
    },
  ],
  sortKey: [byHour, exactly('AppId'), byTime],
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
