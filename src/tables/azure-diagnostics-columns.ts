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

/** All that an envelope says beyond the fixed columns of AzureDiagnostics, under Azure's suffixed names. */
export const diagnosticsBag: Value = bag('diagnostics', envelopeColumns)
