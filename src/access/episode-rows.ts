import type { Episode } from './episodes.ts'
import { amount, type Ask, recordName, type RecordName, records, text, texts } from '../case/rows.ts'
import { requests } from './requests.ts'
import { isTransport } from './uses.ts'

/** What one episode did, by kind of act. */
export interface EpisodeAct {
  readonly act: 'list' | 'read' | 'write' | 'delete' | 'copy' | 'look' | 'other'
  readonly first: string
  readonly last: string
  readonly requests: number
  readonly objects: number
  readonly bytes: number
  readonly operations: readonly string[]
  readonly callers: readonly string[]
  readonly agents: readonly string[]
  /** At most `mostRecords`; `requests` counts all. */
  readonly records: readonly RecordName[]
}

/** More records than these are counted, not named; the step's query gives them. */
export const mostRecords = 10_000

const actsQuery = `
declare query_parameters(account: string, means: string, keyHash: string, signature: string, requester: string,
  since: string, until: string, users: string);
${requests}
Requests
| where TimeGenerated between (todatetime(since) .. todatetime(until))
| where Account == account and Means == means and KeyHash == keyHash and Signature == signature
    and RequesterObjectId == requester and Succeeded
| where set_has_element(parse_json(users), strcat(Caller, ' ', UserAgentHeader))
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Asked = count(), Objects = count_distinct(ObjectKey),
    Bytes = sum(ResponseBodySize), Operations = make_set(OperationName), Callers = make_set(Caller, 20),
    Agents = make_set(UserAgentHeader, 20),
    Records = make_list(${recordName('SourceTable')}, ${mostRecords})
  by Act
| sort by First asc, Act asc`

/** What an episode did, without the reads of the service itself. */
export async function findActs(ask: Ask, episode: Episode): Promise<readonly EpisodeAct[]> {
  const users = episode.uses
    .filter((use) => !isTransport(use))
    .map(({ caller, agent }) => `${caller} ${agent}`)
  const rows = await ask(actsQuery, {
    account: episode.account,
    means: episode.means,
    keyHash: episode.keyHash,
    signature: episode.signature,
    requester: episode.requesterId,
    since: episode.first,
    until: episode.last,
    users: JSON.stringify([...new Set(users)]),
  })
  return rows.map((row) => ({
    // The query gives these alone.
    act: text(row, 'Act') as EpisodeAct['act'],
    first: text(row, 'First'),
    last: text(row, 'Last'),
    requests: amount(row, 'Asked'),
    objects: amount(row, 'Objects'),
    bytes: amount(row, 'Bytes'),
    operations: texts(row, 'Operations').toSorted(),
    callers: texts(row, 'Callers').toSorted(),
    agents: texts(row, 'Agents').toSorted(),
    records: records(row, 'Records'),
  }))
}
