import { storageTable } from './storage-logs.ts'

export const storageQueueLogs = storageTable({
  name: 'StorageQueueLogs',
  service: 'queue',
  doc: 'Requests to queue storage.',
})
