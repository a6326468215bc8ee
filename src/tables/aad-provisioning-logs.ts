import { all, hasKey, has, not } from './condition.ts'
import { byHour, byTime, column, exactly, lowered, repeated, table } from './declare.ts'
import { envelope, isCategory, isExport, standardColumns } from './standard.ts'
import { at, first, type Value } from './value.ts'

function property(key: string): Readonly<Record<string, Value>> {
  return { diagnostic: at('properties', key), graph: at(key) }
}

export const aadProvisioningLogs = table({
  name: 'AADProvisioningLogs',
  doc: 'Accounts that Entra provisioning created, changed or removed in other systems.',
  columns: [
    ...standardColumns('AADProvisioningLogs', {
      diagnostic: { time: envelope.time, resourceId: at('resourceId') },
      graph: { time: at('activityDateTime') },
    }),
    repeated('AADTenantId', 'string', 'Tenant that provisions.', {
      diagnostic: envelope.tenantId,
      graph: at('tenantId'),
    }),
    repeated('Category', 'string', 'Category of the resource log.', { diagnostic: at('category') }),
    column('ChangeId', 'string', 'Names the change in its cycle.', property('changeId')),
    column('CorrelationId', 'string', 'Ties the steps of one change together.', {
      diagnostic: first(at('correlationId'), at('properties', 'correlationId')),
      graph: at('correlationId'),
    }),
    repeated('CycleId', 'string', 'Run of the provisioning job.', property('cycleId')),
    column('DurationMs', 'long', 'Duration, in milliseconds.', {
      diagnostic: first(at('durationMs'), at('properties', 'durationInMilliseconds')),
      graph: at('durationInMilliseconds'),
    }),
    column('Id', 'string', 'Names this record alone.', property('id')),
    column('InitiatedBy', 'string', 'Who set off the provisioning, as JSON text.', property('initiatedBy')),
    repeated('JobId', 'string', 'Provisioning job.', property('jobId')),
    column(
      'ModifiedProperties',
      'string',
      'Properties that changed, as JSON text.',
      property('modifiedProperties'),
    ),
    repeated('OperationName', 'string', 'Kind of record.', { diagnostic: at('operationName') }),
    repeated('OperationVersion', 'string', 'Version of the record.', { diagnostic: at('operationVersion') }),
    repeated('ProvisioningAction', 'string', 'create, update, delete, disable and others.', {
      diagnostic: first(at('properties', 'provisioningAction'), at('properties', 'action')),
      graph: at('provisioningAction'),
    }),
    column(
      'ProvisioningStatusInfo',
      'string',
      'Status with its error, as JSON text.',
      property('provisioningStatusInfo'),
    ),
    column(
      'ProvisioningSteps',
      'string',
      'Steps that were taken, as JSON text.',
      property('provisioningSteps'),
    ),
    column('ResultDescription', 'string', 'Result in words.', { diagnostic: at('resultDescription') }),
    repeated('ResultSignature', 'string', 'Result in a word.', { diagnostic: at('resultSignature') }),
    repeated('ResultType', 'string', 'Result code as text.', { diagnostic: at('resultType') }),
    column(
      'ServicePrincipal',
      'string',
      'Application that is provisioned to, as JSON text.',
      property('servicePrincipal'),
    ),
    column(
      'SourceIdentity',
      'string',
      'Account in the source system, as JSON text.',
      property('sourceIdentity'),
    ),
    column(
      'TargetIdentity',
      'string',
      'Account in the target system, as JSON text.',
      property('targetIdentity'),
    ),
    column(
      'TargetSystem',
      'string',
      'System that is provisioned to, as JSON text.',
      property('targetSystem'),
    ),
  ],
  shapes: [
    {
      name: 'diagnostic',
      doc: 'Entra provisioning log exported by a diagnostic setting',
      form: 'envelope',
      richness: 70,
      when: isCategory('provisioninglogs'),
    },
    {
      name: 'graph',
      doc: 'Entra provisioning log from Microsoft Graph',
      richness: 50,
      when: all(
        has('activityDateTime'),
        hasKey('provisioningSteps'),
        not(hasKey('TimeGenerated')),
        not(has('category')),
      ),
    },
    {
      name: 'logAnalytics',
      doc: 'AADProvisioningLogs exported from Log Analytics',
      form: 'logAnalytics',
      csv: true,
      richness: 60,
      when: isExport('AADProvisioningLogs', hasKey('ProvisioningSteps')),
    },
  ],
  sortKey: [byHour, exactly('ProvisioningAction'), byTime],
  identity: { kind: 'keyed', key: [lowered('Id')], required: ['Id'], timeToleranceSeconds: 14_400 },
})
