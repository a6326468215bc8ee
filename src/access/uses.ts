import { amount, type Ask, type Row, text } from '../case/rows.ts'
import type { LoggedAct } from './coverage.ts'
import { requests, transportCaller, useColumns } from './requests.ts'

/** One user of one credential of one account: the same means, hash, identity, address and user agent. */
export interface Use {
  readonly account: string
  readonly service: string
  readonly means: string
  readonly keySlot: string
  readonly keyHash: string
  readonly signature: string
  readonly requesterId: string
  readonly requesterName: string
  readonly requesterApp: string
  readonly caller: string
  readonly agent: string
  readonly first: string
  readonly last: string
  /** First request in the log of each act; '' where there is none. */
  readonly firsts: Readonly<Record<LoggedAct, string>>
  /** Days (UTC) with a request. */
  readonly days: number
  readonly requests: number
  readonly refused: number
  readonly lists: number
  readonly reads: number
  readonly writes: number
  readonly deletes: number
  readonly copies: number
  /** Different objects whose content was read. */
  readonly objects: number
  /** Bytes of content that went out. */
  readonly bytes: number
}

/** Groups of one account and means beyond this many are left out, the least read first, and counted. */
const mostUses = 2000

const usesQuery = `${requests}
Requests
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), FirstRead = minif(TimeGenerated, Category == 'StorageRead'),
    FirstWrite = minif(TimeGenerated, Category == 'StorageWrite'), FirstDelete = minif(TimeGenerated, Category == 'StorageDelete'), Days = count_distinct(bin(TimeGenerated, 1d)),
    Asked = count(), Refused = countif(not(Succeeded)),
    Lists = countif(Act == 'list' and Succeeded), Reads = countif(Act == 'read' and Succeeded),
    Writes = countif(Act == 'write' and Succeeded), Deletes = countif(Act == 'delete' and Succeeded),
    Copies = countif(Act == 'copy' and Succeeded),
    Objects = count_distinctif(ObjectKey, Act == 'read' and Succeeded),
    Bytes = sumif(ResponseBodySize, Act == 'read' and Succeeded)
  by ${useColumns.join(', ')}
| sort by Account asc, Means asc, Bytes desc, First asc, Caller asc, UserAgentHeader asc
| extend Place = row_number(1, prev(Account) != Account or prev(Means) != Means)
| extend IsLeftOut = Place > ${mostUses}
| summarize First = min(First), Last = max(Last), FirstRead = min(FirstRead), FirstWrite = min(FirstWrite), FirstDelete = min(FirstDelete), Days = max(Days), Asked = sum(Asked),
    Refused = sum(Refused), Lists = sum(Lists), Reads = sum(Reads), Writes = sum(Writes), Deletes = sum(Deletes),
    Copies = sum(Copies), Objects = sum(Objects), Bytes = sum(Bytes)
  by Account, ServiceType, Means, KeySlot, KeyHash, Signature,
    RequesterObjectId = iff(IsLeftOut, '', RequesterObjectId), RequesterUpn = iff(IsLeftOut, '', RequesterUpn),
    RequesterAppId = iff(IsLeftOut, '', RequesterAppId), Caller = iff(IsLeftOut, '(others)', Caller),
    UserAgentHeader = iff(IsLeftOut, '', UserAgentHeader)
| sort by Account asc, First asc, Caller asc, UserAgentHeader asc`

/** Every user of every credential of storage in the evidence, by account and first request. */
export async function findUses(ask: Ask): Promise<readonly Use[]> {
  return (await ask(usesQuery)).map(useOf)
}

function useOf(row: Row): Use {
  return {
    account: text(row, 'Account'),
    service: text(row, 'ServiceType'),
    means: text(row, 'Means'),
    keySlot: text(row, 'KeySlot'),
    keyHash: text(row, 'KeyHash'),
    signature: text(row, 'Signature'),
    requesterId: text(row, 'RequesterObjectId'),
    requesterName: text(row, 'RequesterUpn'),
    requesterApp: text(row, 'RequesterAppId'),
    caller: text(row, 'Caller'),
    agent: text(row, 'UserAgentHeader'),
    first: text(row, 'First'),
    last: text(row, 'Last'),
    firsts: {
      read: text(row, 'FirstRead'),
      write: text(row, 'FirstWrite'),
      delete: text(row, 'FirstDelete'),
    },
    days: amount(row, 'Days'),
    requests: amount(row, 'Asked'),
    refused: amount(row, 'Refused'),
    lists: amount(row, 'Lists'),
    reads: amount(row, 'Reads'),
    writes: amount(row, 'Writes'),
    deletes: amount(row, 'Deletes'),
    copies: amount(row, 'Copies'),
    objects: amount(row, 'Objects'),
    bytes: amount(row, 'Bytes'),
  }
}

/** What makes two uses uses of one credential: the signature, else the key, else the identity, else the means. */
export function credentialOf(use: Use): string {
  return [use.account, use.signature || use.keyHash || use.requesterId || use.means].join(' ')
}

/** Whether the service itself read, on behalf of whoever ordered a copy. */
export function isTransport(use: Use): boolean {
  return use.caller === transportCaller
}
