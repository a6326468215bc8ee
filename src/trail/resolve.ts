import { AzimuthError } from '../error.ts'
import { type Ask, text } from '../case/rows.ts'
import { events } from './events.ts'

/** One identity under all the ids and names by which logs know it, in lower case. */
export interface Identity {
  readonly asked: string
  readonly ids: readonly string[]
  readonly names: readonly string[]
}

const resolveQuery = `
declare query_parameters(who: string);
${events}
let Known = materialize(Events | where isnotempty(Who) or isnotempty(WhoName) | summarize Times = count() by Who = tolower(Who), WhoName = tolower(WhoName));
let Applications = AADServicePrincipalSignInLogs | where AppId =~ who | distinct Who = tolower(ServicePrincipalId);
let Named = Known | where Who =~ who or WhoName =~ who or Who in (Applications);
Known
| where (isnotempty(Who) and Who in (Named | project Who)) or (isnotempty(WhoName) and WhoName in (Named | project WhoName))
| project Who, WhoName
| sort by Who asc, WhoName asc`

const likeQuery = `
declare query_parameters(who: string);
${events}
Events | where WhoName contains who or Who contains who | summarize Times = count() by WhoName = tolower(WhoName)
| where isnotempty(WhoName) | sort by Times desc, WhoName asc | take 10 | project WhoName`

/** Finds an identity by object id, application id or name; throws `no-such-identity` with names that are alike. */
export async function resolveIdentity(ask: Ask, who: string): Promise<Identity> {
  const rows = await ask(resolveQuery, { who })
  const named = (column: string): readonly string[] =>
    [...new Set(rows.map((row) => text(row, column)))].filter((value) => value !== '')
  if (rows.length > 0)
    return {
      asked: who,
      ids: named('Who').filter(isId),
      names: [...named('WhoName'), ...named('Who').filter((id) => !isId(id))],
    }
  const alike = (await ask(likeQuery, { who })).map((row) => text(row, 'WhoName'))
  throw new AzimuthError('no-such-identity', `no log names an identity ${who}`, {
    hint:
      alike.length > 0
        ? `names that hold it: ${alike.join(', ')}`
        : 'azimuth summary --by identity lists those that logs name',
  })
}

const namesQuery = `
declare query_parameters(ids: dynamic);
${events}
union (Events | project Id = tolower(Who), WhoName),
  (AADServicePrincipalSignInLogs | project Id = tolower(AppId), WhoName = ServicePrincipalName)
| where Id in (ids) and isnotempty(WhoName) and Id != tolower(WhoName)
| summarize Name = min(tolower(WhoName)) by Id`

/** A name for each of these object ids and application ids that a log has a name for; ids in lower case. */
export async function namesOfIds(ask: Ask, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ask(namesQuery, { ids: JSON.stringify(ids) })
  return new Map(rows.map((row) => [text(row, 'Id'), text(row, 'Name')]))
}

/** Whether a text is an object id or application id, in lower case. */
export function isId(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value)
}
