import { type Ask, type RecordName, records, text, texts } from '../case/rows.ts'
import { activityCaller, oneOperation } from './grants.ts'

/** A control-plane change that takes a storage account's logs, guards or copies away, or opens it. */
export interface Tampering {
  readonly operation: string
  readonly title: string
  readonly technique: string
  /** Account that the change is about; '' where the resource names none. */
  readonly account: string
  readonly resource: string
  readonly time: string
  readonly caller: string
  readonly address: string
  readonly token: string
  readonly failed: boolean
  readonly records: readonly RecordName[]
}

/** Operation (lower case), what it does, ATT&CK technique. */
const operations: readonly (readonly [operation: string, title: string, technique: string])[] = [
  ['microsoft.insights/diagnosticsettings/delete', 'a diagnostic setting is deleted', 'T1562.008'],
  ['microsoft.insights/diagnosticsettings/write', 'a diagnostic setting is written', 'T1562.008'],
  ['microsoft.insights/extendeddiagnosticsettings/write', 'a diagnostic setting is written', 'T1562.008'],
  ['microsoft.authorization/locks/delete', 'a lock is removed', 'T1562'],
  ['microsoft.storage/storageaccounts/write', 'the account is changed', 'T1562.007'],
  ['microsoft.storage/storageaccounts/delete', 'the account is deleted', 'T1485'],
  ['microsoft.storage/storageaccounts/blobservices/write', 'the blob service is changed', 'T1562'],
  ['microsoft.storage/storageaccounts/blobservices/containers/write', 'a container is changed', 'T1530'],
  ['microsoft.storage/storageaccounts/blobservices/containers/delete', 'a container is deleted', 'T1485'],
  [
    'microsoft.storage/storageaccounts/blobservices/containers/immutabilitypolicies/delete',
    'an immutability policy is deleted',
    'T1490',
  ],
  ['microsoft.storage/storageaccounts/objectreplicationpolicies/write', 'replication is set up', 'T1537'],
  ['microsoft.storage/storageaccounts/managementpolicies/write', 'the life-cycle policy is changed', 'T1485'],
  ['microsoft.storage/storageaccounts/encryptionscopes/write', 'an encryption scope is written', 'T1486'],
  ['microsoft.storage/storageaccounts/localusers/write', 'a local user is written', 'T1136.003'],
  ['microsoft.security/pricings/write', 'a Defender plan is changed', 'T1562.001'],
  ['microsoft.security/advancedthreatprotectionsettings/write', 'threat protection is changed', 'T1562.001'],
]

const byOperation = new Map(operations.map((entry) => [entry[0], entry]))

const tamperingQuery = `
AzureActivity
| extend Operation = tolower(OperationNameValue)
| where Operation in (${operations.map(([operation]) => `'${operation}'`).join(', ')})
| extend _EvidenceId, _EvidenceRecord, _EvidenceOrdinal
${activityCaller}
${oneOperation}
| extend Account = extract(@'/storageaccounts/([^/]+)', 1, Resource)`

/** All such changes in the Activity Log, by time. */
export async function findTampering(ask: Ask): Promise<readonly Tampering[]> {
  return (await ask(tamperingQuery)).map((row) => {
    const [operation, title, technique] = byOperation.get(text(row, 'Operation')) ?? ['', '', '']
    return {
      operation,
      title,
      technique,
      account: text(row, 'Account'),
      resource: text(row, 'Resource'),
      time: text(row, 'Time'),
      caller: text(row, 'Caller'),
      address: text(row, 'Address'),
      token: text(row, 'Token'),
      failed: texts(row, 'Statuses').some((status) => status.startsWith('fail')),
      records: records(row, 'Records'),
    }
  })
}
