import type { Episode } from './episodes.ts'
import {
  amount,
  type Ask,
  recordName,
  type RecordName,
  records,
  type Row,
  text,
  texts,
} from '../case/rows.ts'
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

/** Episodes that one query asks for. */
const mostEpisodes = 500

const actsQuery = `
declare query_parameters(users: string);
${requests}
let Users = print User = parse_json(users)
| mv-expand User
| project Episode = toint(User.episode), Account = tostring(User.account), Means = tostring(User.means), KeyHash = tostring(User.keyHash),
    Signature = tostring(User.signature), RequesterObjectId = tostring(User.requester), Caller = tostring(User.caller),
    UserAgentHeader = tostring(User.agent), Since = todatetime(User.since), Until = todatetime(User.until);
Requests
| where Succeeded
| join kind=inner Users on Account, Means, KeyHash, Signature, RequesterObjectId, Caller, UserAgentHeader
| where TimeGenerated between (Since .. Until)
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Asked = count(), Objects = count_distinct(ObjectKey),
    Bytes = sum(ResponseBodySize), Operations = make_set(OperationName), Callers = make_set(Caller, 20),
    Agents = make_set(UserAgentHeader, 20),
    Records = make_list(${recordName('SourceTable')}, ${mostRecords})
  by Episode, Act
| sort by Episode asc, First asc, Act asc`

/** What episodes did, without the reads of the service itself; the logs are asked once for hundreds of them. */
export async function findActs(
  ask: Ask,
  episodes: readonly Episode[],
): Promise<ReadonlyMap<Episode, readonly EpisodeAct[]>> {
  const acts = new Map<Episode, EpisodeAct[]>()
  for (let from = 0; from < episodes.length; from += mostEpisodes) {
    const chosen = episodes.slice(from, from + mostEpisodes)
    const rows = await ask(actsQuery, { users: JSON.stringify(chosen.flatMap(usersOf)) })
    for (const row of rows) {
      const episode = chosen[amount(row, 'Episode')]
      if (episode === undefined) throw new Error(`no episode has the number ${text(row, 'Episode')}`)
      acts.set(episode, [...(acts.get(episode) ?? []), actOf(row)])
    }
  }
  return acts
}

/** The users of an episode, each under its number. */
function usersOf(episode: Episode, number: number): readonly Readonly<Record<string, string | number>>[] {
  const own = new Map(
    episode.uses.filter((use) => !isTransport(use)).map((use) => [`${use.caller} ${use.agent}`, use]),
  )
  return [...own.values()].map(({ caller, agent }) => ({
    episode: number,
    account: episode.account,
    means: episode.means,
    keyHash: episode.keyHash,
    signature: episode.signature,
    requester: episode.requesterId,
    since: episode.first,
    until: episode.last,
    caller,
    agent,
  }))
}

function actOf(row: Row): EpisodeAct {
  return {
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
  }
}
