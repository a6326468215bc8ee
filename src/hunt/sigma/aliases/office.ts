import type { Aliases, AliasExpression } from '../log-source.ts'

/** Exchange says True, other services Succeeded or Success. */
const outcome: AliasExpression = {
  columns: ['ResultStatus'],
  kql: [
    'case(["ResultStatus"] in~ ("True", "Succeeded", "Success", "PartiallySucceeded"), "success",',
    '["ResultStatus"] in~ ("False", "Failed", "Failure"), "failure", "")',
  ].join(' '),
}
const payload = [
  'Parameters',
  'OperationProperties',
  'ExtendedProperties',
  'Event_Data',
  'ExtraProperties',
] as const
const user = ['UserId', 'UserKey', 'MailboxOwnerUPN'] as const

/** The unified audit log of Microsoft 365. */
export const officeAliases: Aliases = {
  eventname: ['Operation'],
  operations: ['Operation'],
  operationname: ['Operation'],
  activitytype: ['Operation', 'Activity'],
  eventsource: ['OfficeWorkload', 'EventSource'],
  workload: ['OfficeWorkload'],
  service: ['OfficeWorkload'],
  'user.email': user,
  'user.id': user,
  'source.ip': ['ClientIP', 'Client_IPAddress', 'ActorIpAddress'],
  'event.action': ['Operation'],
  'event.provider': ['OfficeWorkload'],
  status: ['ResultStatus', outcome],
  resultstatus: ['ResultStatus', outcome],
  result: ['ResultStatus', outcome],
  payload,
  data: payload,
  auditdata: payload,
  message: ['Operation', ...payload],
  user,
  username: user,
  userprincipalname: user,
  upn: user,
  clientip: ['ClientIP', 'Client_IPAddress', 'ActorIpAddress'],
  clientipaddress: ['ClientIP', 'Client_IPAddress', 'ActorIpAddress'],
  ipaddress: ['ClientIP', 'Client_IPAddress', 'ActorIpAddress'],
  objectid: ['OfficeObjectId'],
  id: ['OfficeId'],
  site: ['Site_'],
  siteurl: ['Site_Url'],
  logontype: ['Logon_Type'],
  sourcename: ['Source_Name'],
  eventdata: ['Event_Data'],
  target: ['AADTarget'],
  azureactivedirectoryeventtype: ['AzureActiveDirectory_EventType'],
  clientappid: ['ClientAppId', 'AppId'],
  'modifiedproperties.newvalue': ['ModifiedProperties.NewValue'],
  'modifiedproperties.oldvalue': ['ModifiedProperties.OldValue'],
}
