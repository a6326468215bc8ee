// Long because it is a table: each column says where it stands in each of seven layouts.

import { all, any, contains, has, hasKey, not, oneOf, startsWith, type Condition } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { isCategory, isExport, standardColumns } from './standard.ts'
import { at, constant, extract, first, lastSegment, segment, translate, when, type Value } from './value.ts'

/** Alerts in the Activity Log are rows of SecurityAlert. */
export const isAlertOfActivity: Condition = all(
  oneOf(['category', 'value'], 'security'),
  contains(['operationName', 'value'], '/alerts/'),
)

const claimNames = {
  upn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  name: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  objectId: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
} as const

/** Azure fills `Caller` with a user's name, or with the object id of an application. */
const callerOfClaims = first(
  at('identity', 'claims', claimNames.upn),
  at('identity', 'claims', 'upn'),
  at('identity', 'claims', claimNames.name),
  at('identity', 'claims', claimNames.objectId),
  at('identity', 'claims', 'oid'),
  at('identity', 'claims', 'appid'),
)

const toStatusValue = {
  Succeeded: 'Success',
  Started: 'Start',
  Accepted: 'Accept',
  Failed: 'Failure',
} as const
const toStatusName = {
  Success: 'Succeeded',
  Start: 'Started',
  Accept: 'Accepted',
  Failure: 'Failed',
} as const

/** Levels that .NET tools write as numbers. */
const levels = { 0: 'Critical', 1: 'Error', 2: 'Warning', 3: 'Informational', 4: 'Verbose' } as const

/** `{value, localizedValue}`, or a plain text where a tool has unfolded it. */
function valueOf(key: string, field = 'value'): Value {
  return first(at(key, field), plainText(key))
}

function localisedOf(key: string, localised: string, field = 'value'): Value {
  return first(at(key, localised), valueOf(key, field))
}

/** Nothing where an object stands: one whose fields are empty says nothing. */
function plainText(key: string): Value {
  return when(startsWith([key], '{'), constant(''), at(key))
}

/** PowerShell's text of such an object: `@{value=…; localizedValue=…}`. */
function fieldOf(key: string, field: string): Value {
  return first(extract(at(key), `[{ ]${field}=([^;}]*)`))
}

export const azureActivity = table({
  name: 'AzureActivity',
  doc: 'The Activity Log: what was done to resources through Azure Resource Manager, by whom and with which result.',
  columns: [
    ...standardColumns('AzureActivity', {
      diagnostic: {
        time: first(at('time'), at('timeStamp'), at('properties', 'eventTimestamp')),
        resourceId: at('resourceId'),
      },
      rest: { time: at('eventTimestamp'), resourceId: at('resourceId') },
      snake: { time: at('event_timestamp'), resourceId: at('resource_id') },
      pascal: { time: at('EventTimestamp'), resourceId: at('ResourceId') },
      collectorCsv: { time: at('eventTimestamp'), resourceId: at('resourceId') },
      portalCsv: { time: at('Time') },
    }),
    repeated(
      'OperationNameValue',
      'string',
      'Operation as Resource Manager names it, in the case it arrived in.',
      {
        diagnostic: at('operationName'),
        rest: valueOf('operationName'),
        snake: valueOf('operation_name'),
        pascal: valueOf('OperationName', 'Value'),
        collectorCsv: fieldOf('operationName', 'value'),
      },
    ),
    repeated(
      'OperationName',
      'string',
      'Operation in words where the export has them, else as in OperationNameValue.',
      {
        diagnostic: at('operationName'),
        rest: localisedOf('operationName', 'localizedValue'),
        snake: localisedOf('operation_name', 'localized_value'),
        pascal: localisedOf('OperationName', 'LocalizedValue', 'Value'),
        collectorCsv: fieldOf('operationName', 'localizedValue'),
        portalCsv: at('Operation name'),
        logAnalytics: first(at('OperationName'), at('OperationNameValue')),
      },
    ),
    repeated(
      'ActivityStatusValue',
      'string',
      'Stage or result: Start, Accept, Success, Failure and others.',
      {
        diagnostic: translate(at('resultType'), toStatusValue),
        rest: translate(valueOf('status'), toStatusValue),
        snake: translate(valueOf('status'), toStatusValue),
        pascal: translate(valueOf('Status', 'Value'), toStatusValue),
        collectorCsv: translate(fieldOf('status', 'value'), toStatusValue),
        portalCsv: translate(at('Status'), toStatusValue),
        logAnalytics: first(at('ActivityStatusValue'), translate(at('ActivityStatus'), toStatusValue)),
      },
    ),
    repeated(
      'ActivityStatus',
      'string',
      'The same in the older words: Started, Accepted, Succeeded, Failed.',
      {
        diagnostic: translate(at('resultType'), toStatusName),
        rest: translate(valueOf('status'), toStatusName),
        snake: translate(valueOf('status'), toStatusName),
        pascal: translate(valueOf('Status', 'Value'), toStatusName),
        collectorCsv: translate(fieldOf('status', 'value'), toStatusName),
        portalCsv: translate(at('Status'), toStatusName),
        logAnalytics: first(at('ActivityStatus'), translate(at('ActivityStatusValue'), toStatusName)),
      },
    ),
    repeated(
      'ActivitySubstatusValue',
      'string',
      'Detail of the status, mostly the HTTP status of the call.',
      {
        diagnostic: first(extract(at('resultSignature'), '^[^.]*[.](.+)$'), at('properties', 'statusCode')),
        rest: valueOf('subStatus'),
        snake: valueOf('sub_status'),
        pascal: valueOf('SubStatus', 'Value'),
        collectorCsv: fieldOf('subStatus', 'value'),
      },
    ),
    repeated('ActivitySubstatus', 'string', 'The same detail in words.', {
      diagnostic: first(extract(at('resultSignature'), '^[^.]*[.](.+)$'), at('properties', 'statusCode')),
      rest: localisedOf('subStatus', 'localizedValue'),
      snake: localisedOf('sub_status', 'localized_value'),
      pascal: localisedOf('SubStatus', 'LocalizedValue', 'Value'),
      collectorCsv: fieldOf('subStatus', 'localizedValue'),
      logAnalytics: first(at('ActivitySubstatus'), at('ActivitySubstatusValue')),
    }),
    repeated('CategoryValue', 'string', 'Kind of event: Administrative, Policy, ServiceHealth and others.', {
      diagnostic: first(at('properties', 'eventCategory'), at('category')),
      rest: valueOf('category'),
      snake: valueOf('category'),
      pascal: valueOf('Category', 'Value'),
      collectorCsv: fieldOf('category', 'value'),
      portalCsv: at('Event category'),
      logAnalytics: first(at('CategoryValue'), at('Category')),
    }),
    repeated(
      'Category',
      'string',
      'The same; Write, Action or Delete in diagnostic records of the first generation.',
      {
        diagnostic: at('category'),
        rest: localisedOf('category', 'localizedValue'),
        snake: localisedOf('category', 'localized_value'),
        pascal: localisedOf('Category', 'LocalizedValue', 'Value'),
        collectorCsv: fieldOf('category', 'localizedValue'),
        portalCsv: at('Event category'),
        logAnalytics: first(at('Category'), at('CategoryValue')),
      },
    ),
    column('Caller', 'string', 'Who did it: the name of a user, or the object id of an application.', {
      diagnostic: callerOfClaims,
      rest: at('caller'),
      snake: at('caller'),
      pascal: at('Caller'),
      collectorCsv: at('caller'),
      portalCsv: at('Event initiated by'),
    }),
    column('CallerIpAddress', 'string', 'Address that the call came from.', {
      diagnostic: at('callerIpAddress'),
      rest: at('httpRequest', 'clientIpAddress'),
      snake: at('http_request', 'client_ip_address'),
      pascal: at('HttpRequest', 'ClientIpAddress'),
      collectorCsv: fieldOf('httpRequest', 'clientIpAddress'),
    }),
    column('CorrelationId', 'string', 'Ties together the events of one call.', {
      diagnostic: at('correlationId'),
      rest: at('correlationId'),
      snake: at('correlation_id'),
      pascal: at('CorrelationId'),
      collectorCsv: at('correlationId'),
      portalCsv: at('Correlation id'),
    }),
    column('OperationId', 'string', 'Ties together the events of one operation.', {
      diagnostic: at('properties', 'operationId'),
      rest: at('operationId'),
      snake: at('operation_id'),
      pascal: at('OperationId'),
      collectorCsv: at('operationId'),
    }),
    column('EventDataId', 'string', 'Names this event alone.', {
      diagnostic: at('properties', 'eventDataId'),
      rest: at('eventDataId'),
      snake: at('event_data_id'),
      pascal: at('EventDataId'),
      collectorCsv: at('eventDataId'),
    }),
    column('EventSubmissionTimestamp', 'datetime', 'When the event could first be queried.', {
      diagnostic: at('properties', 'submissionTimestamp'),
      rest: at('submissionTimestamp'),
      snake: at('submission_timestamp'),
      pascal: at('SubmissionTimestamp'),
      collectorCsv: at('submissionTimestamp'),
    }),
    repeated('Level', 'string', 'Weight of the event: Informational, Warning, Error or Critical.', {
      diagnostic: first(at('level'), at('Level')),
      rest: at('level'),
      snake: at('level'),
      pascal: translate(at('Level'), levels),
      collectorCsv: at('level'),
      portalCsv: at('Level'),
    }),
    repeated('ResourceId', 'string', 'Resource that was acted on, in the case it arrived in.', {
      diagnostic: at('resourceId'),
      rest: at('resourceId'),
      snake: at('resource_id'),
      pascal: at('ResourceId'),
      collectorCsv: at('resourceId'),
      logAnalytics: first(at('ResourceId'), at('_ResourceId')),
    }),
    repeated('Resource', 'string', 'Name of that resource: the last part of its id.', {
      diagnostic: lastSegment(at('resourceId')),
      rest: lastSegment(at('resourceId')),
      snake: lastSegment(at('resource_id')),
      pascal: lastSegment(at('ResourceId')),
      collectorCsv: lastSegment(at('resourceId')),
      portalCsv: lastSegment(at('Resource')),
      logAnalytics: first(at('Resource'), lastSegment(first(at('ResourceId'), at('_ResourceId')))),
    }),
    repeated('ResourceGroup', 'string', 'Resource group of that resource.', {
      diagnostic: segment(at('resourceId'), 'resourcegroups'),
      rest: first(at('resourceGroupName'), at('resourceGroup'), segment(at('resourceId'), 'resourcegroups')),
      snake: first(at('resource_group_name'), segment(at('resource_id'), 'resourcegroups')),
      pascal: first(at('ResourceGroupName'), segment(at('ResourceId'), 'resourcegroups')),
      collectorCsv: first(at('resourceGroupName'), segment(at('resourceId'), 'resourcegroups')),
      portalCsv: at('Resource group'),
    }),
    repeated('ResourceProviderValue', 'string', 'Resource provider of that resource, as in its id.', {
      diagnostic: segment(at('resourceId'), 'providers'),
      rest: first(valueOf('resourceProviderName'), segment(at('resourceId'), 'providers')),
      snake: first(valueOf('resource_provider_name'), segment(at('resource_id'), 'providers')),
      pascal: first(valueOf('ResourceProviderName', 'Value'), segment(at('ResourceId'), 'providers')),
      collectorCsv: first(fieldOf('resourceProviderName', 'value'), segment(at('resourceId'), 'providers')),
      portalCsv: extract(at('Resource type'), '^([^/]*)'),
    }),
    repeated('ResourceProvider', 'string', 'The same in words where the export has them.', {
      diagnostic: segment(at('resourceId'), 'providers'),
      rest: first(
        localisedOf('resourceProviderName', 'localizedValue'),
        segment(at('resourceId'), 'providers'),
      ),
      snake: first(
        localisedOf('resource_provider_name', 'localized_value'),
        segment(at('resource_id'), 'providers'),
      ),
      pascal: first(
        localisedOf('ResourceProviderName', 'LocalizedValue', 'Value'),
        segment(at('ResourceId'), 'providers'),
      ),
      collectorCsv: first(
        fieldOf('resourceProviderName', 'localizedValue'),
        segment(at('resourceId'), 'providers'),
      ),
      portalCsv: extract(at('Resource type'), '^([^/]*)'),
      logAnalytics: first(at('ResourceProvider'), at('ResourceProviderValue')),
    }),
    repeated('SubscriptionId', 'string', 'Subscription of that resource.', {
      diagnostic: segment(at('resourceId'), 'subscriptions'),
      rest: first(at('subscriptionId'), segment(at('resourceId'), 'subscriptions')),
      snake: first(at('subscription_id'), segment(at('resource_id'), 'subscriptions')),
      pascal: first(at('SubscriptionId'), segment(at('ResourceId'), 'subscriptions')),
      collectorCsv: first(at('subscriptionId'), segment(at('resourceId'), 'subscriptions')),
      portalCsv: at('Subscription'),
    }),
    column('Hierarchy', 'string', 'Management groups above the subscription.', {
      diagnostic: at('properties', 'hierarchy'),
      rest: at('properties', 'hierarchy'),
    }),
    column('HTTPRequest', 'string', 'The HTTP request of the call, as JSON text.', {
      diagnostic: at('properties', 'httpRequest'),
      rest: at('httpRequest'),
      snake: at('http_request'),
      pascal: at('HttpRequest'),
      collectorCsv: at('httpRequest'),
    }),
    column('Authorization', 'string', 'Permission that was checked, with its scope and role, as JSON text.', {
      diagnostic: at('identity', 'authorization'),
      rest: at('authorization'),
      snake: at('authorization'),
      pascal: at('Authorization'),
      collectorCsv: at('authorization'),
    }),
    column('Authorization_d', 'dynamic', 'The same as an object.', {
      diagnostic: at('identity', 'authorization'),
      rest: at('authorization'),
      snake: at('authorization'),
      pascal: at('Authorization'),
      logAnalytics: first(at('Authorization_d'), at('Authorization')),
    }),
    column('Claims', 'string', 'Claims of the token that the call was made with, as JSON text.', {
      diagnostic: at('identity', 'claims'),
      rest: at('claims'),
      snake: at('claims'),
      pascal: first(at('Claims', 'Content'), at('Claims')),
      collectorCsv: at('claims'),
    }),
    column('Claims_d', 'dynamic', 'The same as an object.', {
      diagnostic: at('identity', 'claims'),
      rest: at('claims'),
      snake: at('claims'),
      pascal: first(at('Claims', 'Content'), at('Claims')),
      logAnalytics: first(at('Claims_d'), at('Claims')),
    }),
    column('Properties', 'string', 'What else the resource provider said, as JSON text.', {
      diagnostic: at('properties'),
      rest: at('properties'),
      snake: at('properties'),
      pascal: first(at('Properties', 'Content'), at('Properties')),
      collectorCsv: at('properties'),
    }),
    column('Properties_d', 'dynamic', 'The same as an object.', {
      diagnostic: at('properties'),
      rest: at('properties'),
      snake: at('properties'),
      pascal: first(at('Properties', 'Content'), at('Properties')),
      logAnalytics: first(at('Properties_d'), at('Properties')),
    }),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Activity Log exported by a diagnostic setting to storage or an event hub',
      form: 'envelope',
      richness: 60,
      when: any(
        isCategory(
          'administrative',
          'servicehealth',
          'resourcehealth',
          'alert',
          'autoscale',
          'recommendation',
          'policy',
          'write',
          'action',
          'delete',
        ),
        all(isCategory('security'), not(contains(['operationName'], '/alerts/'))),
      ),
    },
    {
      name: 'rest',
      doc: 'Activity Log from the REST API, the Azure CLI or the portal',
      richness: 70,
      when: all(
        has('eventTimestamp'),
        not(hasKey('TimeGenerated')),
        not(startsWith(['operationName'], '@{')),
        not(isAlertOfActivity),
      ),
    },
    {
      name: 'snake',
      doc: 'Activity Log as the Python SDK dumps it',
      richness: 69,
      when: all(has('event_timestamp'), not(hasKey('TimeGenerated')), not(hasKey('eventTimestamp'))),
    },
    {
      name: 'pascal',
      doc: 'Activity Log as .NET and PowerShell objects',
      richness: 68,
      when: all(
        has('EventTimestamp'),
        not(hasKey('TimeGenerated')),
        not(hasKey('eventTimestamp')),
        not(hasKey('event_timestamp')),
      ),
    },
    {
      name: 'collectorCsv',
      doc: 'Activity Log in a CSV with PowerShell text of objects',
      csv: true,
      richness: 40,
      when: all(has('eventTimestamp'), not(hasKey('TimeGenerated')), startsWith(['operationName'], '@{')),
    },
    {
      name: 'portalCsv',
      doc: 'Activity Log downloaded as CSV from the portal',
      csv: true,
      keyless: true,
      richness: 10,
      when: all(hasKey('Event category'), hasKey('Operation name'), hasKey('Time')),
    },
    {
      name: 'logAnalytics',
      doc: 'AzureActivity exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 50,
      when: isExport('AzureActivity', any(hasKey('ActivityStatusValue'), hasKey('ActivityStatus'))),
    },
  ],
  sortKey: [byHour, exactly('OperationNameValue'), byTime],
  search: { Caller: 'value', CallerIpAddress: 'value', CorrelationId: 'value' },
  identity: {
    kind: 'keyed',
    key: [
      lowered('CorrelationId'),
      lowered('OperationNameValue'),
      { column: 'ActivityStatusValue', as: 'status' },
      lowered('_ResourceId'),
      { column: 'TimeGenerated', as: 'millisecond' },
    ],
    required: ['CorrelationId'],
    eventId: 'EventDataId',
    weakKey: [
      lowered('CorrelationId'),
      { column: 'ActivityStatusValue', as: 'status' },
      lowered('Resource'),
      { column: 'TimeGenerated', as: 'second' },
    ],
    timeToleranceSeconds: 1,
  },
})
