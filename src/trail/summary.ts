import { storageAddress } from '../case/rows.ts'
import type { SummaryAspect } from './aspects.ts'
import { events } from './events.ts'

const aspects: Readonly<
  Record<Exclude<SummaryAspect, 'account' | 'ca-policy'>, readonly [name: string, filter: string]>
> = {
  identity: ['coalesce(WhoName, Who)', ''],
  ip: ['Address', ''],
  app: ['Client', ''],
  device: ['Device', ''],
  browser: ['UserAgent', ''],
  location: ['Place', ''],
  vault: [`extract(@'^https?://([^./]+)', 1, Target)`, `| where Kind == 'Key Vault'`],
  vm: [
    `extract(@'(?i)/virtualMachines/([^/]+)', 1, Target)`,
    `| where Kind == 'control plane' and Target has 'virtualMachines'`,
  ],
}

const totals = `
| where isnotempty(Name)
| summarize Records = count(), Failed = countif(not(IsDone)), Identities = count_distinct(tolower(coalesce(WhoName, Who))),
    Addresses = count_distinct(Address), First = min(TimeGenerated), Last = max(TimeGenerated), Tables = make_set(SourceTable) by Name
| sort by Records desc, Name asc`

const account = `
union withsource=SourceTable StorageBlobLogs, StorageFileLogs, StorageQueueLogs, StorageTableLogs
| extend Address = ${storageAddress}
| summarize Records = count(), Failed = countif(not(StatusCode startswith '2')), Identities = count_distinctif(RequesterObjectId, isnotempty(RequesterObjectId)),
    Addresses = count_distinct(Address), First = min(TimeGenerated), Last = max(TimeGenerated), Tables = make_set(SourceTable) by Name = tolower(AccountName)
| sort by Records desc, Name asc`

const policy = `
${events}
Events
| where isnotempty(Policies)
| mv-expand Policy = parse_json(Policies)
| extend Name = strcat(Policy.displayName, ': ', Policy.result)
| where isnotempty(tostring(Policy.displayName))
${totals}`

/** A question whose rows sum up who or what appears in the logs, the most frequent first. */
export function summaryQuestion(aspect: SummaryAspect): string {
  if (aspect === 'account') return account
  if (aspect === 'ca-policy') return policy
  const [name, filter] = aspects[aspect]
  return `${events}\nEvents\n${filter}\n| extend Name = ${name}\n${totals}`
}
