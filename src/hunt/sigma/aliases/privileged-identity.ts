import type { Aliases } from '../log-source.ts'
import { auditAliases } from './audit.ts'

/** Alerts of Privileged Identity Management, which the audit log names in what they are about. */
export const privilegedIdentityAliases: Aliases = {
  ...auditAliases,
  riskeventtype: [
    'TargetResources.displayName',
    'TargetResources.id',
    'TargetResources.modifiedProperties.newValue',
    'AdditionalDetails.value',
    'ResultReason',
  ],
}
