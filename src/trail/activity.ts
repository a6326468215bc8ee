import { amount, type Ask, type RecordName, records, type Row, text } from '../case/rows.ts'
import { events } from './events.ts'
import type { Identity } from './resolve.ts'

/** Like things done by one identity in one session: how many, from when to when. */
export interface Deed {
  readonly table: string
  readonly kind: string
  readonly identity: string
  readonly name: string
  readonly address: string
  readonly client: string
  readonly agent: string
  readonly token: string
  readonly session: string
  readonly what: string
  readonly target: string
  readonly result: string
  readonly isDone: boolean
  readonly device: string
  readonly place: string
  /** Credential that a service principal signed in with. */
  readonly credential: string
  readonly references: readonly string[]
  readonly first: string
  readonly last: string
  readonly count: number
  /** At most a thousand. */
  readonly records: readonly RecordName[]
}

/** More deeds than these are left out, the latest first; the trail says so. */
export const mostDeeds = 50_000

const guid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'

const deedsQuery = `
| extend What = iff(Kind == 'Graph call', replace_regex(What, '${guid}', '{id}'), What)
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Times = count(), References = make_set(Reference, 100),
    Records = make_list(Record, 1000)
  by SourceTable, Kind, Who = tolower(Who), WhoName = tolower(WhoName), Address, Client, UserAgent, Token, Session, What, Target,
    Result, IsDone, Device, Place, Credential
| sort by First asc, SourceTable asc, What asc, Target asc, Token asc, Address asc, Result asc
| take ${mostDeeds}`

/** What an identity did, by any of its ids and names, and what was done with its tokens where the log names nobody. */
export async function findDeeds(ask: Ask, identity: Identity): Promise<readonly Deed[]> {
  const query = `
declare query_parameters(ids: string, names: string);
${events}
let IsOwn = (id: string, name: string) { set_has_element(parse_json(ids), tolower(id)) or set_has_element(parse_json(names), tolower(name))
    or set_has_element(parse_json(names), tolower(id)) };
let Tokens = Events | where Kind in ('sign-in', 'token') and IsOwn(Who, WhoName) and isnotempty(Token) | distinct Token;
Events
| where IsOwn(Who, WhoName) or (isnotempty(Token) and Token in (Tokens))
${deedsQuery}`
  const values = { ids: JSON.stringify(identity.ids), names: JSON.stringify(identity.names) }
  return (await ask(query, values)).map(deedOf)
}

/** What was done with credentials of these ids, and with the tokens had by them. */
export async function findDeedsByCredential(
  ask: Ask,
  credentials: readonly string[],
): Promise<readonly Deed[]> {
  if (credentials.length === 0) return []
  const query = `
declare query_parameters(credentials: string);
${events}
let Tokens = Events | where isnotempty(Credential) and set_has_element(parse_json(credentials), tolower(Credential)) | distinct Token;
Events
| where isnotempty(Token) and Token in (Tokens)
${deedsQuery}`
  return (await ask(query, { credentials: JSON.stringify(credentials) })).map(deedOf)
}

/** Sign-ins that failed from addresses, whoever they were tried on. */
export async function findAttempts(ask: Ask, addresses: readonly string[]): Promise<readonly Deed[]> {
  if (addresses.length === 0) return []
  const query = `
declare query_parameters(addresses: string);
${events}
Events
| where Kind == 'sign-in' and not(IsDone) and set_has_element(parse_json(addresses), Address)
${deedsQuery}`
  return (await ask(query, { addresses: JSON.stringify(addresses) })).map(deedOf)
}

/** Sign-ins that failed with one application and user agent within a span of time, whoever they were tried on. */
export async function findAttemptsWith(
  ask: Ask,
  tool: Pick<Deed, 'client' | 'agent'>,
  since: Date,
  until: Date,
): Promise<readonly Deed[]> {
  const query = `
declare query_parameters(client: string, agent: string, since: datetime, until: datetime);
${events}
Events
| where Kind == 'sign-in' and not(IsDone) and Client == client and UserAgent == agent
| where TimeGenerated between (since .. until)
${deedsQuery}`
  const values = {
    ...{ client: tool.client, agent: tool.agent },
    ...{ since: since.toISOString(), until: until.toISOString() },
  }
  return (await ask(query, values)).map(deedOf)
}

function deedOf(row: Row): Deed {
  const references = row['References']
  return {
    table: text(row, 'SourceTable'),
    kind: text(row, 'Kind'),
    identity: text(row, 'Who'),
    name: text(row, 'WhoName'),
    address: text(row, 'Address'),
    client: text(row, 'Client'),
    agent: text(row, 'UserAgent'),
    token: text(row, 'Token'),
    session: text(row, 'Session'),
    what: text(row, 'What'),
    target: text(row, 'Target'),
    result: text(row, 'Result'),
    isDone: row['IsDone'] === true,
    device: text(row, 'Device'),
    place: text(row, 'Place'),
    credential: text(row, 'Credential'),
    references: Array.isArray(references) ? references.map(String) : [],
    first: text(row, 'First'),
    last: text(row, 'Last'),
    count: amount(row, 'Times'),
    records: records(row, 'Records'),
  }
}
