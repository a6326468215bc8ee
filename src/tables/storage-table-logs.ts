import { storageTable } from './storage-logs.ts'

export const storageTableLogs = storageTable({
  name: 'StorageTableLogs',
  service: 'table',
  doc: 'Requests to table storage.',
})
