import { repeated, column } from './declare.ts'
import { storageTable } from './storage-logs.ts'
import { at } from './value.ts'

export const storageBlobLogs = storageTable({
  name: 'StorageBlobLogs',
  service: 'blob',
  doc: 'Requests to blob storage: what was read, written or deleted, by whom, from where and how much.',
  columns: [
    repeated('AccessTier', 'string', 'Tier of the blob.', { diagnostic: at('properties', 'accessTier') }),
    repeated('SourceAccessTier', 'string', 'Tier of the blob that was copied from.', {
      diagnostic: at('properties', 'sourceAccessTier'),
    }),
    repeated('RehydratePriority', 'string', 'Priority of a rehydration from the archive tier.', {
      diagnostic: at('properties', 'rehydratePriority'),
    }),
    column('SourceUri', 'string', 'Where a copy was made from.', {
      diagnostic: at('properties', 'sourceUri'),
    }),
    column('DestinationUri', 'string', 'Where a copy was made to.', {
      diagnostic: at('properties', 'destinationUri'),
    }),
  ],
})
