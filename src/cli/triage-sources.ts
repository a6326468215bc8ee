/** Which columns of a table name a person or program, an address, and a storage account or vault. */
export type TriageSource = {
  readonly table: string
  readonly identity?: string
  readonly address?: string
  readonly account?: string
}

const storage = {
  identity: 'coalesce(RequesterUpn, RequesterObjectId)',
  address: 'CallerIpAddress',
  account: 'AccountName',
}

export const triageSources: readonly TriageSource[] = [
  { table: 'AzureActivity', identity: 'Caller', address: 'CallerIpAddress' },
  { table: 'SigninLogs', identity: 'UserPrincipalName', address: 'IPAddress' },
  { table: 'AADNonInteractiveUserSignInLogs', identity: 'UserPrincipalName', address: 'IPAddress' },
  { table: 'AADServicePrincipalSignInLogs', identity: 'ServicePrincipalName', address: 'IPAddress' },
  { table: 'AADManagedIdentitySignInLogs', identity: 'ServicePrincipalName', address: 'IPAddress' },
  { table: 'ADFSSignInLogs', identity: 'UserPrincipalName', address: 'IPAddress' },
  { table: 'AuditLogs', identity: 'Identity' },
  {
    table: 'MicrosoftGraphActivityLogs',
    identity: 'coalesce(UserId, ServicePrincipalId)',
    address: 'IPAddress',
  },
  {
    table: 'AADGraphActivityLogs',
    identity: 'coalesce(UserId, ServicePrincipalId)',
    address: 'CallerIpAddress',
  },
  { table: 'OfficeActivity', identity: 'UserId', address: 'ClientIP' },
  { table: 'StorageBlobLogs', ...storage },
  { table: 'StorageFileLogs', ...storage },
  { table: 'StorageQueueLogs', ...storage },
  { table: 'StorageTableLogs', ...storage },
  { table: 'AZKVAuditLogs', address: 'CallerIpAddress', account: "tostring(split(_ResourceId, '/')[-1])" },
]

/** What each group of tables would show, and so what cannot be seen where all of them are missing. */
export const triageViews: readonly { readonly shows: string; readonly tables: readonly string[] }[] = [
  { shows: 'changes to resources, role assignments, keys listed', tables: ['AzureActivity'] },
  {
    shows: 'sign-ins of people',
    tables: ['SigninLogs', 'AADNonInteractiveUserSignInLogs', 'ADFSSignInLogs'],
  },
  {
    shows: 'sign-ins of programs',
    tables: ['AADServicePrincipalSignInLogs', 'AADManagedIdentitySignInLogs'],
  },
  { shows: 'changes to users, groups and applications', tables: ['AuditLogs'] },
  { shows: 'calls to Microsoft Graph', tables: ['MicrosoftGraphActivityLogs', 'AADGraphActivityLogs'] },
  { shows: 'mail, files and administration in Microsoft 365', tables: ['OfficeActivity'] },
  {
    shows: 'reads and writes of storage',
    tables: ['StorageBlobLogs', 'StorageFileLogs', 'StorageQueueLogs', 'StorageTableLogs'],
  },
  { shows: 'use of key vaults', tables: ['AZKVAuditLogs'] },
  { shows: 'network flows', tables: ['FlowTuples', 'NTANetAnalytics', 'AzureNetworkAnalytics_CL'] },
  { shows: 'alerts of Defender', tables: ['SecurityAlert'] },
]

/** First questions, each for those who have its table. */
export const triageQuestions: readonly { readonly table: string; readonly kql: string }[] = [
  {
    table: 'SigninLogs',
    kql: "SigninLogs | where ResultType != '0' | summarize Failures = count(), Users = dcount(UserPrincipalName) by IPAddress | top 10 by Failures",
  },
  {
    table: 'AzureActivity',
    kql: "AzureActivity | where OperationNameValue has_any ('listKeys', 'roleAssignments', 'diagnosticSettings') | project TimeGenerated, Caller, CallerIpAddress, OperationNameValue, _ResourceId | sort by TimeGenerated asc",
  },
  {
    table: 'StorageBlobLogs',
    kql: 'StorageBlobLogs | summarize Requests = count(), Bytes = sum(ResponseBodySize) by AccountName, CallerIpAddress, AuthenticationType | top 10 by Bytes',
  },
  { table: 'FlowTuples', kql: 'FlowTuples | take 10' },
  { table: 'AuditLogs', kql: 'AuditLogs | summarize count() by OperationName, Identity | top 20 by count_' },
]
