import { aadGraphActivityLogs } from './aad-graph-activity-logs.ts'
import { aadProvisioningLogs } from './aad-provisioning-logs.ts'
import { aadRiskyServicePrincipals } from './aad-risky-service-principals.ts'
import { aadRiskyUsers } from './aad-risky-users.ts'
import { aadServicePrincipalRiskEvents } from './aad-service-principal-risk-events.ts'
import { aadUserRiskEvents } from './aad-user-risk-events.ts'
import { auditLogs } from './audit-logs.ts'
import { azkvAuditLogs } from './azkv-audit-logs.ts'
import { azureDiagnostics } from './azure-diagnostics.ts'
import { azureMetrics } from './azure-metrics.ts'
import { microsoftGraphActivityLogs } from './microsoft-graph-activity-logs.ts'
import { officeActivity } from './office-activity.ts'
import { securityAlert } from './security-alert.ts'
import { aadManagedIdentitySignInLogs } from './aad-managed-identity-sign-in-logs.ts'
import { aadNonInteractiveUserSignInLogs } from './aad-non-interactive-user-sign-in-logs.ts'
import { aadServicePrincipalSignInLogs } from './aad-service-principal-sign-in-logs.ts'
import { adfsSignInLogs } from './adfs-sign-in-logs.ts'
import { azureActivity } from './azure-activity.ts'
import { flowTuples } from './flow-tuples.ts'
import { signinLogs } from './signin-logs.ts'
import { storageBlobLogs } from './storage-blob-logs.ts'
import { storageFileLogs } from './storage-file-logs.ts'
import { storageQueueLogs } from './storage-queue-logs.ts'
import { storageTableLogs } from './storage-table-logs.ts'
import type { Shape, Table } from './types.ts'

/** The tables that every case has, in the order in which they are listed. */
export const tables: readonly Table[] = [
  azureActivity,
  signinLogs,
  aadNonInteractiveUserSignInLogs,
  aadServicePrincipalSignInLogs,
  aadManagedIdentitySignInLogs,
  adfsSignInLogs,
  auditLogs,
  aadUserRiskEvents,
  aadRiskyUsers,
  aadServicePrincipalRiskEvents,
  aadRiskyServicePrincipals,
  aadProvisioningLogs,
  microsoftGraphActivityLogs,
  aadGraphActivityLogs,
  officeActivity,
  storageBlobLogs,
  storageQueueLogs,
  storageTableLogs,
  storageFileLogs,
  azkvAuditLogs,
  azureDiagnostics,
  azureMetrics,
  securityAlert,
  flowTuples,
]

/** Every shape that a declared table arrives in. */
export const shapes: readonly Shape[] = tables.flatMap((table) => table.shapes)
