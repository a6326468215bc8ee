import { bag, type Value } from './value.ts'

/** Keys of the envelope that have columns of their own in AzureDiagnostics, in lower case. */
const envelopeColumns = [
  'time',
  'timestamp',
  'resourceid',
  'category',
  'operationname',
  'operationversion',
  'resulttype',
  'resultsignature',
  'resultdescription',
  'durationms',
  'calleripaddress',
  'correlationid',
  'level',
] as const

/** Columns that an export of AzureDiagnostics has for every category. */
export const fixedColumns = [
  'TimeGenerated', 'TenantId', 'Type', '$table', 'SourceSystem', '_ResourceId', '_SubscriptionId', 'Category',
  'OperationName', 'OperationVersion', 'ResultType', 'ResultSignature', 'ResultDescription', 'DurationMs',
  'CallerIPAddress', 'CallerIpAddress', 'CorrelationId', 'Level', 'Message', 'ResourceId', 'Resource',
  'ResourceGroup', 'SubscriptionId', 'ResourceProvider', 'ResourceType',
] as const // oxfmt-ignore

/** All that an envelope says beyond the fixed columns of AzureDiagnostics, under Azure's suffixed names. */
export const diagnosticsBag: Value = bag('diagnostics', envelopeColumns)
