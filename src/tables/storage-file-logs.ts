import { column, repeated } from './declare.ts'
import { storageTable } from './storage-logs.ts'
import { at, first, type Value } from './value.ts'

function smb(name: string): Value {
  return first(at('properties', `smb${name}`), at('properties', `Smb${name}`))
}

export const storageFileLogs = storageTable({
  name: 'StorageFileLogs',
  service: 'file',
  doc: 'Requests to file shares, by REST or SMB.',
  columns: [
    column('SmbTreeConnectID', 'string', 'SMB connection to the share.', {
      diagnostic: smb('TreeConnectID'),
    }),
    column('SmbPersistentHandleID', 'string', 'Handle that survives a reconnect.', {
      diagnostic: smb('PersistentHandleID'),
    }),
    column('SmbVolatileHandleID', 'string', 'Handle of this connection.', {
      diagnostic: smb('VolatileHandleID'),
    }),
    column('SmbMessageID', 'string', 'Number of the message in its connection.', {
      diagnostic: smb('MessageID'),
    }),
    column('SmbCreditsConsumed', 'int', 'SMB credits that the request used.', {
      diagnostic: smb('CreditsConsumed'),
    }),
    repeated('SmbCommandDetail', 'string', 'What the SMB command asked for.', {
      diagnostic: smb('CommandDetail'),
    }),
    column('SmbFileId', 'string', 'File or directory that was acted on.', { diagnostic: smb('FileId') }),
    column('SmbSessionID', 'string', 'SMB session.', { diagnostic: smb('SessionID') }),
    column('SmbCommandMajor', 'int', 'Number of the SMB command.', { diagnostic: smb('CommandMajor') }),
    repeated('SmbCommandMinor', 'string', 'Subclass of the SMB command.', {
      diagnostic: smb('CommandMinor'),
    }),
    column('SmbPrimarySID', 'string', 'Security id of the user.', { diagnostic: smb('PrimarySID') }),
    repeated('SmbStatusCode', 'string', 'Status of the SMB command.', { diagnostic: smb('StatusCode') }),
    repeated('RequesterUserName', 'string', 'Name of the user, with Kerberos or NTLM.', {
      diagnostic: first(at('identity', 'requester', 'userName'), at('properties', 'requesterUserName')),
    }),
  ],
})
