import { all, any, contains, has, hasKey, not, startsWith, type Condition } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { graphProperty } from './entra.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, first, lastSegment, list, object, segment, type Value } from './value.ts'

/** The portal's CSV spreads targets and their changes over numbered columns. */
function portalTarget(number: number): Value {
  const prefix = `Target${number}`
  const changes = [1, 2, 3, 4, 5].map((change) =>
    object({
      displayName: at(`${prefix}ModifiedProperty${change}Name`),
      oldValue: at(`${prefix}ModifiedProperty${change}OldValue`),
      newValue: at(`${prefix}ModifiedProperty${change}NewValue`),
    }),
  )
  return object({
    id: at(`${prefix}ObjectId`),
    displayName: at(`${prefix}DisplayName`),
    type: at(`${prefix}Type`),
    userPrincipalName: at(`${prefix}UserPrincipalName`),
    modifiedProperties: list(...changes),
  })
}

const portalInitiator = object({
  user: object({
    id: at('ActorObjectId'),
    displayName: at('ActorDisplayName'),
    userPrincipalName: at('ActorUserPrincipalName'),
    ipAddress: first(at('IPAddress'), at('IP Address')),
  }),
  app: object({
    servicePrincipalId: at('ActorServicePrincipalId'),
    displayName: at('ActorServicePrincipalName'),
  }),
})

const portalDetails = list(
  ...[1, 2, 3, 4, 5].map((detail) =>
    object({ key: at(`AdditionalDetail${detail}Key`), value: at(`AdditionalDetail${detail}Value`) }),
  ),
)

/** Other services have a category of this name too. */
export const isEntraAudit: Condition = all(
  isCategory('auditlogs'),
  any(
    startsWith(['resourceId'], '/tenants/'),
    contains(['resourceId'], 'aadiam'),
    has('properties', 'activityDateTime'),
  ),
)

export const auditLogs = table({
  name: 'AuditLogs',
  doc: 'Changes in Entra: users, groups, applications, roles, policies, by whom and to what.',
  columns: [
    ...standardColumns('AuditLogs', {
      diagnostic: { time: envelope.time, resourceId: at('resourceId') },
      graph: { time: at('activityDateTime') },
      pascal: { time: at('ActivityDateTime') },
      portalCsv: { time: at('Date (UTC)') },
    }),
    repeated(
      'OperationName',
      'string',
      'What was done, as it arrived: some names end in a space or hold a dash.',
      {
        diagnostic: first(at('operationName'), at('properties', 'operationName')),
        graph: at('activityDisplayName'),
        pascal: at('ActivityDisplayName'),
        portalCsv: at('Activity'),
      },
    ),
    repeated('OperationVersion', 'string', 'Version of the record.', { diagnostic: at('operationVersion') }),
    repeated('Category', 'string', 'Area of the change: UserManagement, RoleManagement and others.', {
      ...graphProperty('category'),
      portalCsv: at('Category'),
    }),
    repeated('AADOperationType', 'string', 'Kind of change: Add, Update, Delete, Assign and others.', {
      ...graphProperty('operationType'),
    }),
    repeated('AADTenantId', 'string', 'Tenant that was changed.', { diagnostic: envelope.tenantId }),
    column('ActivityDateTime', 'datetime', 'When the change was made.', {
      ...graphProperty('activityDateTime'),
      portalCsv: at('Date (UTC)'),
    }),
    repeated('ActivityDisplayName', 'string', 'What was done, in words.', {
      ...graphProperty('activityDisplayName'),
      portalCsv: at('Activity'),
    }),
    column('AdditionalDetails', 'dynamic', 'Further details, a list of keys and values.', {
      ...graphProperty('additionalDetails'),
      portalCsv: portalDetails,
    }),
    column('CorrelationId', 'string', 'Ties together the changes of one action.', {
      diagnostic: first(at('properties', 'correlationId'), at('correlationId')),
      graph: at('correlationId'),
      pascal: at('CorrelationId'),
      portalCsv: at('CorrelationId'),
    }),
    column('DurationMs', 'long', 'Duration, in milliseconds.', { diagnostic: at('durationMs') }),
    column('Id', 'string', 'Names this change alone.', graphProperty('id')),
    column('Identity', 'string', 'Display name of who made the change.', {
      diagnostic: at('identity'),
      graph: first(at('initiatedBy', 'user', 'displayName'), at('initiatedBy', 'app', 'displayName')),
      pascal: first(at('InitiatedBy', 'User', 'DisplayName'), at('InitiatedBy', 'App', 'DisplayName')),
      portalCsv: first(at('ActorDisplayName'), at('ActorServicePrincipalName')),
    }),
    column('InitiatedBy', 'dynamic', 'Who made the change: a user or an application.', {
      ...graphProperty('initiatedBy'),
      portalCsv: portalInitiator,
    }),
    repeated('Level', 'string', 'Weight of the event.', { diagnostic: envelope.level }),
    repeated('Location', 'string', 'Region that the record came from.', { diagnostic: at('location') }),
    repeated('LoggedByService', 'string', 'Service that logged the change.', {
      ...graphProperty('loggedByService'),
      portalCsv: at('Service'),
    }),
    repeated('Resource', 'string', 'Last part of the resource id.', {
      diagnostic: lastSegment(at('resourceId')),
    }),
    repeated('ResourceGroup', 'string', 'Provider of the log, in place of a resource group.', {
      diagnostic: lastSegment(at('resourceId')),
    }),
    repeated('ResourceId', 'string', 'Resource id of the tenant log, in the case it arrived in.', {
      diagnostic: at('resourceId'),
    }),
    repeated('ResourceProvider', 'string', 'Resource provider of the log.', {
      diagnostic: segment(at('resourceId'), 'providers'),
    }),
    repeated('Result', 'string', 'success, failure, timeout.', {
      ...graphProperty('result'),
      portalCsv: at('Result'),
    }),
    column('ResultDescription', 'string', 'Result in words.', {
      diagnostic: first(at('resultDescription'), at('properties', 'resultDescription')),
    }),
    column('ResultReason', 'string', 'Reason of the result.', {
      ...graphProperty('resultReason'),
      portalCsv: at('ResultReason'),
    }),
    repeated('ResultSignature', 'string', 'Result in a word, or None.', {
      diagnostic: at('resultSignature'),
    }),
    repeated('ResultType', 'string', 'Result code as text.', {
      diagnostic: first(at('resultType'), at('properties', 'resultType')),
    }),
    column('TargetResources', 'dynamic', 'What was changed, with old and new values as JSON text.', {
      ...graphProperty('targetResources'),
      portalCsv: list(portalTarget(1), portalTarget(2), portalTarget(3)),
    }),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Entra audit log exported by a diagnostic setting',
      form: 'envelope',
      richness: 70,
      when: isEntraAudit,
    },
    {
      name: 'graph',
      doc: 'Entra audit log from Microsoft Graph',
      richness: 50,
      when: all(
        has('activityDateTime'),
        hasKey('activityDisplayName'),
        not(hasKey('provisioningSteps')),
        any(hasKey('initiatedBy'), hasKey('targetResources')),
        not(hasKey('TimeGenerated')),
        not(has('resourceId')),
        not(has('operationName')),
      ),
    },
    {
      name: 'pascal',
      doc: 'Entra audit log as .NET and PowerShell objects',
      csv: true,
      richness: 40,
      when: all(
        has('ActivityDateTime'),
        hasKey('ActivityDisplayName'),
        not(hasKey('TimeGenerated')),
        not(hasKey('TimeGenerated [UTC]')),
      ),
    },
    {
      name: 'portalCsv',
      doc: 'Entra audit log downloaded as CSV from the portal',
      csv: true,
      keyless: true,
      richness: 10,
      when: all(hasKey('Date (UTC)'), hasKey('Activity'), hasKey('Service')),
    },
    {
      name: 'logAnalytics',
      doc: 'AuditLogs exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 60,
      when: isExport('AuditLogs', all(hasKey('TargetResources'), hasKey('InitiatedBy'))),
    },
  ],
  sortKey: [byHour, exactly('OperationName'), byTime],
  search: { CorrelationId: 'value' },
  identity: {
    kind: 'keyed',
    key: [lowered('Id')],
    required: ['Id'],
    weakKey: [lowered('CorrelationId'), lowered('OperationName'), { column: 'TimeGenerated', as: 'second' }],
    timeToleranceSeconds: 14_400,
  },
})
