import { isAlertOfActivity } from './azure-activity.ts'
import { all, any, contains, has, hasKey, not } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, constant, first, type Value } from './value.ts'

function property(...keys: readonly [string, ...string[]]): Value {
  return first(...keys.map((key) => at('properties', key)))
}

const defenderTime = first(at('TimeGenerated'), at('TimeGeneratedUtc'), at('StartTimeUtc'))
const defenderResource = first(at('AzureResourceId'), at('ResourceId'))
const activityResource = first(at('properties', 'resourceId'), at('resourceId'))

export const securityAlert = table({
  name: 'SecurityAlert',
  doc: 'Alerts of Defender for Cloud and other products, from exports, from their APIs, or from the Security category of the Activity Log.',
  columns: [
    ...standardColumns('SecurityAlert', {
      defender: { time: defenderTime, resourceId: defenderResource, sourceSystem: 'Detection' },
      rest: {
        time: property(
          'timeGeneratedUtc',
          'timeGenerated',
          'detectedTimeUtc',
          'reportedTimeUtc',
          'startTimeUtc',
        ),
        resourceId: first(at('properties', 'associatedResource', 'resourceId'), at('id')),
        sourceSystem: 'Detection',
      },
      graph: { time: at('createdDateTime'), sourceSystem: 'Detection' },
      activity: { time: envelope.time, resourceId: activityResource },
      activityRest: { time: at('eventTimestamp'), resourceId: activityResource },
    }),
    column('SystemAlertId', 'string', 'Names this alert alone.', {
      defender: at('SystemAlertId'),
      rest: first(property('systemAlertId'), at('name')),
      graph: at('id'),
      activity: first(property('systemAlertId', 'alertId'), at('correlationId')),
      activityRest: first(property('systemAlertId', 'alertId'), at('correlationId')),
    }),
    column('VendorOriginalId', 'string', 'Id that the product gave the alert.', {
      defender: first(at('VendorOriginalId'), at('ProviderAlertId')),
      rest: property('vendorOriginalId'),
      graph: at('providerAlertId'),
    }),
    repeated('AlertName', 'string', 'Name of the alert.', {
      defender: first(at('AlertDisplayName'), at('AlertName')),
      rest: property('alertDisplayName', 'alertName'),
      graph: at('title'),
      activity: property('alertDisplayName', 'eventName', 'displayName'),
      activityRest: first(property('alertDisplayName', 'eventName'), at('eventName', 'localizedValue')),
    }),
    repeated('DisplayName', 'string', 'Name of the alert, as shown.', {
      defender: first(at('AlertDisplayName'), at('AlertName')),
      rest: property('alertDisplayName', 'alertName'),
      graph: at('title'),
      activity: property('alertDisplayName', 'eventName', 'displayName'),
      activityRest: first(property('alertDisplayName', 'eventName'), at('eventName', 'localizedValue')),
    }),
    repeated('AlertType', 'string', 'Kind of alert.', {
      defender: at('AlertType'),
      rest: property('alertType'),
      graph: at('alertPolicyId'),
      activity: first(property('alertType'), at('operationName')),
      activityRest: first(property('alertType'), at('operationName', 'value')),
    }),
    repeated('AlertSeverity', 'string', 'High, Medium, Low or Informational.', {
      defender: first(at('Severity'), at('AlertSeverity')),
      rest: property('severity', 'reportedSeverity'),
      graph: at('severity'),
      activity: property('severity'),
      activityRest: property('severity'),
    }),
    column('Description', 'string', 'What was seen.', {
      defender: at('Description'),
      rest: property('description'),
      graph: at('description'),
      activity: first(property('description'), at('resultDescription')),
      activityRest: first(property('description'), at('description')),
    }),
    column('StartTime', 'datetime', 'First activity of the alert.', {
      defender: first(at('StartTimeUtc'), at('StartTime')),
      rest: property('startTimeUtc', 'detectedTimeUtc'),
      graph: at('firstActivityDateTime'),
      activity: property('startTimeUtc'),
      activityRest: property('startTimeUtc'),
    }),
    column('EndTime', 'datetime', 'Last activity of the alert.', {
      defender: first(at('EndTimeUtc'), at('EndTime')),
      rest: property('endTimeUtc'),
      graph: at('lastActivityDateTime'),
      activity: property('endTimeUtc'),
      activityRest: property('endTimeUtc'),
    }),
    column('ProcessingEndTime', 'datetime', 'When the alert could first be seen.', {
      defender: first(at('ProcessingEndTime'), at('ProcessingEndTimeUtc')),
      rest: property('processingEndTimeUtc'),
      graph: at('lastUpdateDateTime'),
    }),
    repeated('ProviderName', 'string', 'Service that raised the alert.', {
      defender: at('ProviderName'),
      rest: property('providerName'),
      graph: at('serviceSource'),
    }),
    repeated('ProductName', 'string', 'Product that raised the alert.', {
      defender: at('ProductName'),
      rest: property('productName'),
      graph: first(at('productName'), at('detectionSource')),
      activity: constant('Azure Security Center'),
      activityRest: constant('Azure Security Center'),
    }),
    repeated('ProductComponentName', 'string', 'Part of that product.', {
      defender: at('ProductComponentName'),
      rest: property('productComponentName'),
    }),
    repeated('VendorName', 'string', 'Maker of that product.', {
      defender: at('VendorName'),
      rest: property('vendorName'),
      graph: constant('Microsoft'),
      activity: constant('Microsoft'),
      activityRest: constant('Microsoft'),
    }),
    column('CompromisedEntity', 'string', 'What the alert is about.', {
      defender: at('CompromisedEntity'),
      rest: property('compromisedEntity'),
      activity: property('compromisedEntity'),
      activityRest: property('compromisedEntity'),
    }),
    column('Entities', 'string', 'Entities of the alert, as JSON text.', {
      defender: at('Entities'),
      rest: property('entities'),
      graph: at('evidence'),
      activity: property('entities'),
      activityRest: property('entities'),
    }),
    column('ExtendedProperties', 'string', 'Further properties, as JSON text.', {
      defender: at('ExtendedProperties'),
      rest: property('extendedProperties'),
      graph: at('additionalData'),
      activity: at('properties'),
      activityRest: at('properties'),
    }),
    column('ExtendedLinks', 'string', 'Links, as JSON text.', {
      defender: at('ExtendedLinks'),
      rest: property('extendedLinks'),
    }),
    column('AlertLink', 'string', 'Page of the alert in the portal.', {
      defender: first(at('AlertUri'), at('AlertLink')),
      rest: property('alertUri'),
      graph: at('alertWebUrl'),
    }),
    column('RemediationSteps', 'string', 'What to do, as JSON text.', {
      defender: at('RemediationSteps'),
      rest: property('remediationSteps'),
      graph: at('recommendedActions'),
      activity: property('remediationSteps', 'actionTaken'),
      activityRest: property('remediationSteps', 'actionTaken'),
    }),
    repeated('Status', 'string', 'New, InProgress, Resolved and others.', {
      defender: at('Status'),
      rest: property('status', 'state'),
      graph: at('status'),
      activity: first(property('status'), at('resultType')),
      activityRest: first(property('status'), at('status', 'value')),
    }),
    repeated('Tactics', 'string', 'Tactics of MITRE ATT&CK.', {
      defender: first(at('Intent'), at('Tactics')),
      rest: property('intent'),
      graph: at('category'),
      activity: property('intent'),
      activityRest: property('intent'),
    }),
    repeated('Techniques', 'string', 'Techniques of MITRE ATT&CK, as JSON text.', {
      defender: at('Techniques'),
      rest: property('techniques'),
      graph: at('mitreTechniques'),
    }),
    repeated('SubTechniques', 'string', 'Sub-techniques of MITRE ATT&CK, as JSON text.', {
      defender: at('SubTechniques'),
      rest: property('subTechniques'),
    }),
    repeated('ConfidenceLevel', 'string', 'Confidence in words.', {
      defender: at('ConfidenceLevel'),
      rest: property('confidenceLevel'),
    }),
    column('ConfidenceScore', 'real', 'Confidence between 0 and 1.', {
      defender: at('ConfidenceScore'),
      rest: property('confidenceScore'),
    }),
    column('IsIncident', 'bool', 'Whether it stands for an incident.', {
      defender: at('IsIncident'),
      rest: property('isIncident'),
    }),
    repeated('ResourceId', 'string', 'Resource that the alert is about, in the case it arrived in.', {
      defender: defenderResource,
      rest: at('properties', 'associatedResource', 'resourceId'),
      activity: activityResource,
      activityRest: activityResource,
    }),
    repeated('SourceComputerId', 'string', 'Agent that reported.', { defender: at('SourceComputerId') }),
    repeated('WorkspaceResourceGroup', 'string', 'Resource group of the workspace.', {
      defender: at('WorkspaceResourceGroup'),
    }),
    repeated('WorkspaceSubscriptionId', 'string', 'Subscription of the workspace.', {
      defender: at('WorkspaceSubscriptionId'),
    }),
  ],
  shapes: [
    {
      name: 'defender',
      doc: 'Alert in the schema of Defender exports',
      richness: 70,
      when: all(hasKey('SystemAlertId'), hasKey('AlertDisplayName')),
    },
    {
      name: 'rest',
      doc: 'Alert from the Resource Manager API of Defender for Cloud',
      richness: 60,
      when: all(
        contains(['type'], 'microsoft.security/'),
        any(has('properties', 'alertDisplayName'), has('properties', 'alertName')),
      ),
    },
    {
      name: 'graph',
      doc: 'Alert from Microsoft Graph security',
      richness: 50,
      when: all(hasKey('createdDateTime'), hasKey('title'), hasKey('severity'), hasKey('serviceSource')),
    },
    {
      name: 'activity',
      doc: 'Alert in the Security category of the Activity Log, exported by a diagnostic setting',
      form: 'envelope',
      richness: 40,
      when: all(isCategory('security'), contains(['operationName'], '/alerts/')),
    },
    {
      name: 'activityRest',
      doc: 'Alert in the Security category of the Activity Log, from its API',
      richness: 45,
      when: all(has('eventTimestamp'), not(hasKey('TimeGenerated')), isAlertOfActivity),
    },
    {
      name: 'logAnalytics',
      doc: 'SecurityAlert exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 65,
      when: all(
        isExport('SecurityAlert', all(hasKey('SystemAlertId'), hasKey('AlertSeverity'))),
        not(hasKey('AlertDisplayName')),
      ),
    },
  ],
  sortKey: [byHour, exactly('AlertSeverity'), byTime],
  identity: {
    kind: 'keyed',
    key: [lowered('SystemAlertId')],
    required: ['SystemAlertId'],
    timeToleranceSeconds: 86_400,
  },
})
