import { storageAddress } from '../case/rows.ts'

/** Operations that list what there is. */
const lists =
  'ListContainers ListBlobs ListShares ListFilesAndDirectories ListFiles ListDirectories ListQueues QueryTables ' +
  'ListTables ListFilesystems ListFilesystemDir FindBlobsByTags GetPageRanges ListHandles'
/** Operations that hand out content. */
const reads =
  'GetBlob GetFile GetMessage GetMessages PeekMessage PeekMessages QueryEntity QueryEntities ReadFile ' +
  'QueryBlobContents SmbRead Read NfsRead SftpRead'
/** Operations by which the service itself copies. */
const copies =
  'CopyBlob CopyBlobSource CopyBlobDestination CopyBlobFromURL CopyFile CopyFileSource CopyFileDestination ' +
  'PutBlockFromURL PutBlobFromURL PutPageFromURL PutRangeFromURL AppendBlockFromURL IncrementalCopyBlob SnapshotBlob'

/** The user agent by which the storage service itself fetches the source of a copy. */
export const transportAgent = 'services_xstore_transport'
/** Who stands for the addresses of that agent, which change from read to read. */
export const transportCaller = '(Azure Storage)'

/**
 * KQL that defines `Requests`: every request to storage, with `Account`, `Caller` (address without port), `Means`,
 * `KeySlot`, `KeyHash`, `Signature`, `Act` and `Succeeded` beside the logs' own columns. Hashes of OAuth tokens are
 * left out: they change with each token.
 */
export const requests = `
let Requests = union withsource=SourceTable StorageBlobLogs, StorageFileLogs, StorageQueueLogs, StorageTableLogs
| extend Account = tolower(AccountName), Address = ${storageAddress}
| extend Caller = iff(UserAgentHeader startswith '${transportAgent}', '${transportCaller}', Address)
| extend IsKeyed = AuthenticationHash contains '('
| extend KeySlot = iff(IsKeyed, extract(@'^([^(]+)\\(', 1, AuthenticationHash), ''),
    KeyHash = iff(IsKeyed, toupper(extract(@'^[^(]+\\(([0-9A-Fa-f]+)\\)', 1, AuthenticationHash)), ''),
    Signature = iff(IsKeyed, toupper(extract(@'SasSignature\\(([0-9A-Fa-f]+)\\)', 1, AuthenticationHash)), '')
| extend Means = case(
    AuthenticationType =~ 'AccountKey', 'account key',
    AuthenticationType =~ 'DelegationSas' or Uri has 'skoid', 'user delegation SAS',
    AuthenticationType startswith 'SAS' and Uri has 'srt', 'account SAS',
    AuthenticationType startswith 'SAS' and Uri has 'sr', 'service SAS',
    AuthenticationType startswith 'SAS', 'SAS',
    AuthenticationType =~ 'OAuth', 'OAuth',
    AuthenticationType =~ 'Anonymous', 'anonymous',
    AuthenticationType =~ 'TrustedAccess', 'trusted service',
    isempty(AuthenticationType) and Protocol =~ 'NFS', 'NFS',
    isempty(AuthenticationType), 'not told',
    AuthenticationType)
| extend Succeeded = StatusCode startswith '2' or StatusText endswith 'Success' or StatusCode == '0'
| extend Act = case(
    OperationName in (${list(copies)}), 'copy',
    OperationName in (${list(lists)}), 'list',
    OperationName in (${list(reads)}), 'read',
    Category == 'StorageRead', 'look',
    Category == 'StorageWrite', 'write',
    Category == 'StorageDelete', 'delete',
    'other');
`

/** The columns that tell one user of one credential from another. */
export const useColumns = [
  'Account',
  'ServiceType',
  'Means',
  'KeySlot',
  'KeyHash',
  'Signature',
  'RequesterObjectId',
  'RequesterUpn',
  'RequesterAppId',
  'Caller',
  'UserAgentHeader',
] as const

function list(names: string): string {
  return names
    .split(' ')
    .map((name) => `'${name}'`)
    .join(', ')
}
