import { findAddresses, type KnownAddresses } from './addresses.ts'
import { type AccountCoverage, findCoverage } from './coverage.ts'
import { type Command, findCommands } from './commands.ts'
import { type EpisodeAct, findActs } from './episode-rows.ts'
import { type Episode, findEpisodes } from './episodes.ts'
import type { Ask } from '../case/rows.ts'
import { text } from '../case/rows.ts'
import { findGrants, type Grant } from './grants.ts'
import type { LogSpan } from './log-span.ts'
import { type DelegatedHour, findDelegatedHours, findMeasuredHours, type MeasuredHour } from './metrics.ts'
import { findSecretReads, type SecretReads } from './secrets.ts'
import { findSignIns, findStorageSignIns, type SignIn } from './sign-ins.ts'
import { findTampering, type Tampering } from './tampering.ts'
import { earlier, later } from './time.ts'
import { type CopyOrder, findCopyOrders, findTransfers, type Transfer } from './transfers.ts'
import { findUses, isTransport, type Use } from './uses.ts'

/** All that the chain is built from, as the logs tell it. */
export interface AccessFacts {
  readonly uses: readonly Use[]
  readonly episodes: readonly Episode[]
  readonly acts: ReadonlyMap<Episode, readonly EpisodeAct[]>
  readonly grants: readonly Grant[]
  readonly tampering: readonly Tampering[]
  readonly signIns: ReadonlyMap<string, SignIn>
  /** Sign-ins for storage that bear on reads with an identity, by time. */
  readonly storageSignIns: readonly SignIn[]
  readonly commands: readonly Command[]
  readonly secrets: readonly SecretReads[]
  readonly transfers: readonly Transfer[]
  readonly orders: readonly CopyOrder[]
  readonly coverage: ReadonlyMap<string, AccountCoverage>
  readonly measured: readonly MeasuredHour[]
  readonly delegated: readonly DelegatedHour[]
  readonly addresses: KnownAddresses
  readonly activity: LogSpan
  readonly signInSpan: LogSpan
  readonly vaultSpan: LogSpan
  /** From the first to the last record of any of these logs. */
  readonly evidence: LogSpan
}

const spansQuery = `
union
  (AzureActivity | summarize First = min(TimeGenerated), Last = max(TimeGenerated) | extend Log = 'activity'),
  (union StorageBlobLogs, StorageFileLogs, StorageQueueLogs, StorageTableLogs
    | summarize First = min(TimeGenerated), Last = max(TimeGenerated) | extend Log = 'storage'),
  (AZKVAuditLogs | summarize First = min(TimeGenerated), Last = max(TimeGenerated) | extend Log = 'vaults'),
  (union SigninLogs, AADNonInteractiveUserSignInLogs, AADServicePrincipalSignInLogs, AADManagedIdentitySignInLogs
    | summarize First = min(TimeGenerated), Last = max(TimeGenerated) | extend Log = 'signIns')`

/** Asks the evidence for all that bears on who reached data. */
export async function gatherFacts(ask: Ask): Promise<AccessFacts> {
  const spans = new Map(
    (await ask(spansQuery)).map((row) => [
      text(row, 'Log'),
      { first: text(row, 'First'), last: text(row, 'Last') },
    ]),
  )
  const span = (log: string): LogSpan => spans.get(log) ?? { first: '', last: '' }
  const evidence = [...spans.values()].reduce(
    (all, { first, last }) => ({ first: earlier(all.first, first), last: later(all.last, last) }),
    { first: '', last: '' },
  )
  const coverage = new Map((await findCoverage(ask)).map((entry) => [entry.account, entry]))
  const uses = await findUses(ask)
  const episodes = findEpisodes(uses, coverage, evidence)
  const callers = episodes.flatMap((episode) =>
    episode.uses.filter((use) => !isTransport(use)).map(({ caller }) => caller),
  )
  const grants = await findGrants(ask)
  const requesters = [
    ...episodes.filter(({ means }) => means === 'OAuth').map(({ requesterId }) => requesterId),
    ...grants.filter(({ kind }) => kind === 'user delegation key').map(({ caller }) => caller),
  ]
  const accounts = [...coverage.values()].filter(
    ({ measuredBytes, measuredReads }) => measuredBytes + measuredReads > 0,
  )
  return {
    uses,
    episodes,
    acts: await findActs(ask, episodes),
    grants,
    tampering: await findTampering(ask),
    signIns: await findSignIns(ask),
    storageSignIns: await findStorageSignIns(ask, requesters),
    commands: await findCommands(ask),
    secrets: await findSecretReads(ask),
    transfers: await findTransfers(ask),
    orders: await findCopyOrders(ask),
    coverage,
    measured: await findMeasuredHours(
      ask,
      accounts.map(({ account }) => account),
    ),
    delegated: await findDelegatedHours(ask),
    addresses: await findAddresses(ask, [...new Set([...callers, ...grants.map(({ address }) => address)])]),
    activity: span('activity'),
    signInSpan: span('signIns'),
    vaultSpan: span('vaults'),
    evidence,
  }
}
