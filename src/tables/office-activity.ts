import { all, any, has, hasKey, not } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { logonTypes, recordTypes, userTypes } from './office-activity-words.ts'
import { isExport, standardColumns } from './standard.ts'
import type { Column, KqlType } from './types.ts'
import { at, first, translate, type Value } from './value.ts'

interface FieldOptions {
  /** Keys in the audit data, where they differ from the column's name. */
  readonly keys?: readonly string[]
  /** Names for the numbers that the audit data has. */
  readonly words?: Readonly<Record<string, string>>
  readonly repeats?: boolean
  /** Where the record around the audit data says the same. */
  readonly wrapped?: readonly Value[]
}

/** A column from the audit data: the record itself, or JSON in a record around it. */
function field(name: string, type: KqlType, doc: string, options: FieldOptions = {}): Column {
  const keys = options.keys ?? [name]
  const spoken = (value: Value): Value =>
    options.words === undefined ? value : translate(value, options.words)
  const declare = options.repeats === true ? repeated : column
  const wrapped = options.wrapped ?? []
  return declare(name, type, doc, {
    auditData: spoken(first(...keys.map((key) => at(key)))),
    record: spoken(first(...keys.map((key) => at('AuditData', key)), ...wrapped)),
    graph: spoken(first(...keys.map((key) => at('auditData', key)), ...wrapped)),
  })
}

export const officeActivity = table({
  name: 'OfficeActivity',
  doc: 'The unified audit log of Microsoft 365: mailboxes, files, teams, administration.',
  columns: [
    ...standardColumns('OfficeActivity', {
      auditData: { time: at('CreationTime'), sourceSystem: 'OfficeActivityManager' },
      record: {
        time: first(at('AuditData', 'CreationTime'), at('CreationDate'), at('CreationTime')),
        sourceSystem: 'OfficeActivityManager',
      },
      graph: {
        time: first(at('auditData', 'CreationTime'), at('createdDateTime')),
        sourceSystem: 'OfficeActivityManager',
      },
    }),
    field('AADGroupId', 'string', 'Entra group of the team.'),
    field('AADTarget', 'string', 'What was acted on in Entra, as JSON text.', {
      keys: ['Target', 'AADTarget'],
    }),
    field('Activity', 'string', 'Activity, where the record names one.', { repeats: true }),
    field('Actor', 'string', 'Who acted in Entra, as JSON text.'),
    field('ActorContextId', 'string', 'Tenant of the one who acted.'),
    field('ActorIpAddress', 'string', 'Address of the one who acted in Entra.', {
      keys: ['ActorIpAddress', 'ActorIPAddress'],
    }),
    field('AddOnGuid', 'string', 'Id of the Teams app.'),
    field('AddonName', 'string', 'Name of the Teams app.', { keys: ['AddOnName', 'AddonName'] }),
    field('AddOnType', 'string', 'Kind of the Teams app.'),
    field('AffectedItems', 'string', 'Mailbox items that were acted on, as JSON text.'),
    field('AppAccessContext', 'dynamic', 'Session, token and client that the access was made with.'),
    field('AppDistributionMode', 'string', 'How the Teams app was given out.'),
    field('AppId', 'string', 'Application that acted.', { repeats: true }),
    field('Application', 'string', 'Application of the sign-in or of Power Platform.', { repeats: true }),
    field('ApplicationId', 'string', 'Id of the application in SharePoint.', { repeats: true }),
    field('AppPoolName', 'string', 'Application pool at the service.', { repeats: true }),
    field('ArtifactsShared', 'dynamic', 'What was shared in a meeting.'),
    field('Attendees', 'dynamic', 'Who took part in a meeting.'),
    field('AzureActiveDirectory_EventType', 'string', 'Kind of Entra event.', {
      keys: ['AzureActiveDirectoryEventType'],
      repeats: true,
    }),
    field('AzureADAppId', 'string', 'Entra application of the Teams app.'),
    field('ChannelGuid', 'string', 'Channel of the team.'),
    field('ChannelName', 'string', 'Name of the channel.', { repeats: true }),
    field('ChannelType', 'string', 'Kind of channel.', { repeats: true }),
    field('ChatName', 'string', 'Name of the chat.'),
    field('ChatThreadId', 'string', 'Chat.'),
    field('Client', 'string', 'Client of the sign-in.', { repeats: true }),
    field('Client_IPAddress', 'string', 'Address of the client of a mailbox.', { keys: ['ClientIPAddress'] }),
    field('ClientAppId', 'string', 'Application of the client.', { repeats: true }),
    field('ClientInfoString', 'string', 'What the mail client says of itself.', { repeats: true }),
    field('ClientIP', 'string', 'Address of the client, in some records with its port.', {
      keys: ['ClientIP', 'ClientIPAddress'],
      wrapped: [at('clientIp')],
    }),
    field('ClientMachineName', 'string', 'Machine of the client.'),
    field('ClientProcessName', 'string', 'Process of the client.', { repeats: true }),
    field('ClientVersion', 'string', 'Version of the client.', { repeats: true }),
    field('CommunicationType', 'string', 'Kind of chat or meeting.'),
    field('CrossMailboxOperations', 'bool', 'Whether several mailboxes were involved.', {
      keys: ['CrossMailboxOperation', 'CrossMailboxOperations'],
    }),
    field('CustomEvent', 'string', 'Custom event of SharePoint.'),
    field('DataCenterSecurityEventType', 'int', 'Kind of data centre cmdlet.'),
    field('DestFolder', 'string', 'Folder that items were moved or copied to, as JSON text.'),
    field('DestinationFileExtension', 'string', 'Extension of the file that was written.'),
    field('DestinationFileName', 'string', 'Name of the file that was written.'),
    field('DestinationRelativeUrl', 'string', 'Folder that was written to.'),
    field('DestMailboxId', 'string', 'Mailbox that items were moved or copied to.'),
    field('DestMailboxOwnerMasterAccountSid', 'string', 'Master account of the owner of that mailbox.'),
    field('DestMailboxOwnerSid', 'string', 'Security id of the owner of that mailbox.'),
    field('DestMailboxOwnerUPN', 'string', 'Owner of that mailbox.'),
    field('DeviceInformation', 'string', 'Device, as JSON text.'),
    field('EffectiveOrganization', 'string', 'Organisation that a data centre cmdlet was for.'),
    field('ElevationApprovedTime', 'datetime', 'When an elevation was approved.'),
    field('ElevationApprover', 'string', 'Who approved it.'),
    field('ElevationDuration', 'int', 'How long it was to last.'),
    field('ElevationRequestId', 'string', 'Request for it.'),
    field('ElevationRole', 'string', 'Role that was asked for.'),
    field('ElevationTime', 'datetime', 'When it began.'),
    field('Event_Data', 'string', 'Further data of the event.', { keys: ['EventData'] }),
    field('EventSource', 'string', 'Part of the service that the event came from.', { repeats: true }),
    field('ExtendedProperties', 'string', 'Further properties, as JSON text.'),
    field('ExternalAccess', 'string', 'Whether someone outside the organisation ran the cmdlet, as text.', {
      repeats: true,
    }),
    field('ExtraProperties', 'dynamic', 'Further properties of Teams.'),
    field('Folder', 'string', 'Folder that was acted on, as JSON text.'),
    field('Folders', 'string', 'Folders that were acted on, as JSON text.'),
    field('GenericInfo', 'string', 'Free text.'),
    field('InternalLogonType', 'int', 'Number that the service keeps for the kind of logon.'),
    field('InterSystemsId', 'string', 'Ties the actions of several services together.'),
    field('IntraSystemId', 'string', 'Id inside Entra.'),
    field('IsJoinedFromLobby', 'bool', 'Whether someone came in from the lobby.'),
    field('IsManagedDevice', 'bool', 'Whether the device is managed.'),
    field('Item', 'string', 'Mailbox item that was acted on, as JSON text.'),
    field('ItemName', 'string', 'Name of the item.'),
    field('ItemType', 'string', 'File, folder, list, page and others.', { repeats: true }),
    field('JoinTime', 'datetime', 'When someone joined a meeting.'),
    field('LeaveTime', 'datetime', 'When someone left it.'),
    field('ListItemUniqueId', 'string', 'Item of a SharePoint list.'),
    field('LoginStatus', 'int', 'Number of the outcome of a sign-in.'),
    field('Logon_Type', 'string', 'Owner, Admin or Delegated: in what role the mailbox was opened.', {
      keys: ['LogonType'],
      words: logonTypes,
      repeats: true,
    }),
    field('LogonUserDisplayName', 'string', 'Name of the one who opened the mailbox.'),
    field('LogonUserSid', 'string', 'Security id of that one.'),
    field('MachineDomainInfo', 'string', 'Domain of the device.'),
    field('MachineId', 'string', 'Device.'),
    field('MailboxGuid', 'string', 'Mailbox.'),
    field('MailboxOwnerMasterAccountSid', 'string', 'Master account of the owner of the mailbox.'),
    field('MailboxOwnerSid', 'string', 'Security id of the owner of the mailbox.'),
    field('MailboxOwnerUPN', 'string', 'Owner of the mailbox.', { repeats: true }),
    field('MeetingDetailId', 'string', 'Meeting.'),
    field('Members', 'dynamic', 'Members that were added, changed or removed.'),
    field('MessageId', 'string', 'Message in Teams.'),
    field('ModifiedObjectResolvedName', 'string', 'Name of what a cmdlet changed.'),
    field('ModifiedProperties', 'string', 'Properties that were changed, as JSON text.'),
    field('NewValue', 'string', 'New value of a setting.'),
    field('OfficeId', 'string', 'Names this record alone.', {
      keys: ['Id'],
      wrapped: [at('RecordId'), at('Identity'), at('id')],
    }),
    field('OfficeObjectId', 'string', 'What was acted on: an address, a name, an object.', {
      keys: ['ObjectId'],
      wrapped: [at('objectId')],
    }),
    field('OfficeTenantId', 'string', 'Tenant that the record belongs to.', {
      keys: ['OrganizationId'],
      repeats: true,
      wrapped: [at('organizationId')],
    }),
    field('OfficeWorkload', 'string', 'Service: Exchange, SharePoint, OneDrive, MicrosoftTeams and others.', {
      keys: ['Workload'],
      repeats: true,
      wrapped: [at('service')],
    }),
    field('OldValue', 'string', 'Old value of a setting.'),
    field('Operation', 'string', 'What was done.', {
      repeats: true,
      wrapped: [at('Operation'), at('Operations'), at('operation')],
    }),
    field('OperationProperties', 'dynamic', 'Further properties of a mailbox operation.'),
    field('OperationScope', 'string', 'Scope of the operation.'),
    field('OrganizationId', 'string', 'Organisation that the record belongs to.', {
      repeats: true,
      wrapped: [at('organizationId')],
    }),
    field('OrganizationName', 'string', 'Name of the organisation.', { repeats: true }),
    field('OriginatingServer', 'string', 'Server that ran the operation.', { repeats: true }),
    field('Parameters', 'string', 'Parameters of a cmdlet, as JSON text.'),
    field('RecordType', 'string', 'Kind of record, by name where it is known.', {
      keys: ['RecordType'],
      words: recordTypes,
      repeats: true,
      wrapped: [at('RecordType'), at('auditLogRecordType')],
    }),
    field('ResultReasonType', 'string', 'Reason of the result.'),
    field('ResultStatus', 'string', 'Result.', { repeats: true }),
    field('SendAsUserMailboxGuid', 'string', 'Mailbox that a message was sent as.'),
    field('SendAsUserSmtp', 'string', 'Address that a message was sent as.'),
    field('SendonBehalfOfUserMailboxGuid', 'string', 'Mailbox that a message was sent for.', {
      keys: ['SendOnBehalfOfUserMailboxGuid', 'SendonBehalfOfUserMailboxGuid'],
    }),
    field('SendOnBehalfOfUserSmtp', 'string', 'Address that a message was sent for.'),
    field('SensitivityLabelId', 'string', 'Sensitivity label.'),
    field('SharingType', 'string', 'Permissions that were given.', { repeats: true }),
    field('Site_', 'string', 'SharePoint site.', { keys: ['Site'], repeats: true }),
    field('Site_Url', 'string', 'Address of the site.', { keys: ['SiteUrl'], repeats: true }),
    field('Source_Name', 'string', 'What set off the event.', { keys: ['SourceName'] }),
    field('SourceFileExtension', 'string', 'Extension of the file.', { repeats: true }),
    field('SourceFileName', 'string', 'Name of the file or folder.'),
    field('SourceRecordId', 'string', 'Record that this one comes from.'),
    field('SourceRelativeUrl', 'string', 'Folder of the file.'),
    field('SRPolicyId', 'string', 'Supervisory review policy.'),
    field('SRPolicyName', 'string', 'Name of that policy.'),
    field('SRRuleMatchDetails', 'dynamic', 'What the policy matched.'),
    field('Start_Time', 'datetime', 'When a cmdlet started.', { keys: ['StartTime'] }),
    field('SupportTicketId', 'string', 'Support ticket of a support action.'),
    field('TabType', 'string', 'Kind of tab in Teams.'),
    field('TargetContextId', 'string', 'Tenant of what was acted on.'),
    field('TargetUserId', 'string', 'User that was acted on.'),
    field('TargetUserOrGroupName', 'string', 'User or group that something was shared with.'),
    field('TargetUserOrGroupType', 'string', 'Member, guest, group and others.'),
    field('TeamGuid', 'string', 'Team.', { repeats: true }),
    field('TeamName', 'string', 'Name of the team.', { repeats: true }),
    field('UniqueSharingId', 'string', 'Link that was used to share.'),
    field('UserAgent', 'string', 'User agent of the client.', { repeats: true }),
    field('UserDomain', 'string', 'Tenant of the user, in Entra records.', { repeats: true }),
    field('UserId', 'string', 'Who acted.', {
      repeats: true,
      wrapped: [at('UserId'), at('UserIds'), at('userPrincipalName'), at('userId')],
    }),
    field('UserKey', 'string', 'Other id of the one who acted.', { repeats: true }),
    field('UserSharedWith', 'string', 'User that something was shared with.'),
    field('UserType', 'string', 'Regular, Admin, System, Application and others.', {
      keys: ['UserType'],
      words: userTypes,
      repeats: true,
      wrapped: [at('userType')],
    }),
  ],
  shapes: [
    {
      name: 'auditData',
      doc: 'Audit data of the unified audit log, as its API gives it',
      richness: 60,
      when: all(
        has('CreationTime'),
        hasKey('Operation'),
        hasKey('RecordType'),
        any(hasKey('Workload'), hasKey('OrganizationId')),
        not(hasKey('AuditData')),
        not(hasKey('TimeGenerated')),
      ),
    },
    {
      name: 'record',
      doc: 'Unified audit log from Purview or PowerShell, the audit data as JSON in AuditData',
      csv: true,
      richness: 62,
      when: all(hasKey('AuditData'), not(hasKey('TimeGenerated'))),
    },
    {
      name: 'graph',
      doc: 'Unified audit log from Microsoft Graph, the audit data in auditData',
      csv: true,
      richness: 61,
      when: all(hasKey('auditData'), not(hasKey('AuditData')), not(hasKey('TimeGenerated'))),
    },
    {
      name: 'logAnalytics',
      doc: 'OfficeActivity exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 50,
      when: isExport('OfficeActivity', all(hasKey('OfficeWorkload'), hasKey('RecordType'))),
    },
  ],
  sortKey: [byHour, exactly('Operation'), byTime],
  identity: { kind: 'keyed', key: [lowered('OfficeId')], required: ['OfficeId'], timeToleranceSeconds: 60 },
})
