import type { Aliases, AliasExpression } from '../log-source.ts'

function over(column: string, kql: string): AliasExpression {
  return { columns: [column], kql }
}

/** Some names end in a blank; the unified audit log writes them with a full stop. */
const activity = [
  'OperationName',
  'ActivityDisplayName',
  over('OperationName', 'trim(@"\\s+", ["OperationName"])'),
  over('ActivityDisplayName', 'trim(@"\\s+", ["ActivityDisplayName"])'),
  over('OperationName', 'iff(isempty(["OperationName"]), "", strcat(trim(@"\\s+", ["OperationName"]), "."))'),
] as const
const initiator = [
  'InitiatedBy',
  'InitiatedBy.user.userPrincipalName',
  'InitiatedBy.user.displayName',
  'InitiatedBy.user.id',
  'InitiatedBy.app.displayName',
  'InitiatedBy.app.appId',
  'InitiatedBy.app.servicePrincipalId',
  'Identity',
] as const
const target = [
  'TargetResources',
  'TargetResources.displayName',
  'TargetResources.userPrincipalName',
  'TargetResources.id',
] as const
const result = ['Result', 'ResultReason', 'ResultDescription'] as const
const newValue = ['TargetResources.modifiedProperties.newValue'] as const
const oldValue = ['TargetResources.modifiedProperties.oldValue'] as const
const service = ['LoggedByService', over('OperationName', '"AzureActiveDirectory"')] as const
const consent = ['TargetResources.modifiedProperties.ConsentContext\\.IsAdminConsent'] as const

/** The audit log of Entra. */
export const auditAliases: Aliases = {
  message: [...activity, 'ResultDescription'],
  operationname: activity,
  operation: activity,
  eventname: activity,
  activity,
  activitydisplayname: activity,
  activitytype: [...activity, 'AADOperationType'],
  activitydetails: activity,
  eventtype: [...activity, 'AADOperationType'],
  action: activity,
  operationtype: ['AADOperationType'],
  aadoperationtype: ['AADOperationType'],
  status: result,
  result,
  resulttype: ['ResultType', ...result],
  resultdescription: ['ResultDescription', 'ResultReason'],
  statusreason: ['ResultReason', 'ResultDescription'],
  failure_status_reason: ['ResultReason', 'ResultDescription', 'AdditionalDetails.value', ...newValue],
  eventsource: service,
  workload: service,
  service: ['LoggedByService'],
  loggedbyservice: ['LoggedByService'],
  initiatedby: initiator,
  'initiated.by': initiator,
  'initiatied.by': initiator,
  initiatiedby: initiator,
  actor: initiator,
  caller: initiator,
  user: initiator,
  username: initiator,
  userid: ['InitiatedBy.user.id', 'InitiatedBy.user.userPrincipalName'],
  userprincipalname: ['InitiatedBy.user.userPrincipalName'],
  appid: ['InitiatedBy.app.appId', 'InitiatedBy.app.servicePrincipalId', 'AdditionalDetails.AppId'],
  ipaddress: ['InitiatedBy.user.ipAddress'],
  calleripaddress: ['InitiatedBy.user.ipAddress'],
  clientip: ['InitiatedBy.user.ipAddress'],
  useragent: ['AdditionalDetails.User-Agent'],
  target,
  targets: target,
  targetresources: ['TargetResources'],
  targetresource: target,
  targetname: target,
  targetusername: target,
  'target.upn': ['TargetResources.userPrincipalName'],
  'targetresources.upn': ['TargetResources.userPrincipalName'],
  'targetresources.type': [
    'TargetResources.type',
    // The log writes ServicePrincipal, the portal Service Principal.
    { path: 'TargetResources.type', spaced: true },
  ],
  modifiedproperties: ['TargetResources.modifiedProperties'],
  newvalue: newValue,
  oldvalue: oldValue,
  'modifiedproperties.newvalue': newValue,
  'modifiedproperties.oldvalue': oldValue,
  'additionaldetails.additionalinfo': ['AdditionalDetails.value', ...result],
  'consentcontext.isadminconsent': consent,
  conditionalaccesspolicy: target,
  properties: ['TargetResources.modifiedProperties'],
}

/** What rules for the Activity Log name when they mean the audit log: operations and their results, not who and whence. */
export const directoryAliases: Aliases = Object.fromEntries(
  Object.entries(auditAliases).filter(
    ([name]) =>
      ['message', 'operationname', 'operation', 'eventname', 'activity', 'activitydisplayname'].includes(
        name,
      ) ||
      [
        'status',
        'result',
        'eventsource',
        'workload',
        'targetresources',
        'modifiedproperties.newvalue',
      ].includes(name),
  ),
)
