import { type Episode, isUnproven, settledMs } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant, GrantKind } from './grants.ts'
import { covers, type LogSpan } from './log-span.ts'
import { between, day } from './time.ts'

/** Credentials by which each means can have been had. */
const sources: Readonly<Record<string, readonly GrantKind[]>> = {
  'account key': ['list keys', 'regenerate key'],
  'account SAS': ['account SAS', 'list keys', 'regenerate key'],
  'service SAS': ['service SAS', 'list keys', 'regenerate key'],
  SAS: ['account SAS', 'service SAS', 'list keys', 'regenerate key', 'user delegation key'],
  'user delegation SAS': ['user delegation key'],
}

/** A credential may be used this long after it was handed out. */
const longestWaitMs = 30 * day
/** Who was handed credentials for longer than this is no newcomer. */
const newMs = day

/** Who called, from where: what is new or known about being handed a credential. */
export function callerOf(grant: { readonly caller: string; readonly address: string }): string {
  return `${grant.caller.toLowerCase()} ${grant.address}`
}

/** Grants by callers who, at that time, had been handed credentials for less than a day. */
export function newGrants(facts: AccessFacts): readonly Grant[] {
  const firsts = new Map<string, string>()
  for (const grant of facts.grants) {
    const caller = callerOf(grant)
    if (!firsts.has(caller)) firsts.set(caller, grant.time)
  }
  return facts.grants.filter((grant) => between(firsts.get(callerOf(grant)) ?? '', grant.time) < newMs)
}

/** The log that shows grants like this one: the Activity Log; for user delegation keys the account's log of reads. */
function logOf(facts: AccessFacts, { kind, account }: Grant): LogSpan {
  if (kind !== 'user delegation key') return facts.activity
  const coverage = facts.coverage.get(account)
  return { first: coverage?.since.read ?? '', last: coverage?.lastRead ?? '' }
}

/** Whether enough of its log lies before a grant to call its caller new. */
export function isSettled(facts: AccessFacts, grant: Grant): boolean {
  return between(logOf(facts, grant).first, grant.time) >= settledMs
}

/** Whether a later grant like this one, up to a time, would have been logged. */
function isWatched(facts: AccessFacts, grant: Grant, until: string): boolean {
  return covers(logOf(facts, grant), until, facts.evidence)
}

/** Whether nobody signed in or called from a grant's address until the day of the grant, with enough of the log to tell. */
export function isStrange(facts: AccessFacts, grant: Grant): boolean {
  return isSettled(facts, grant) && isFromUnknown(facts, grant)
}

function isFromUnknown(facts: AccessFacts, { address, time }: Grant): boolean {
  return [...(facts.addresses.get(address)?.values() ?? [])].every((first) => between(first, time) < newMs)
}

/** Where an episode's credential came from, as far as the logs tell. */
export interface Origin {
  /** The one newcomer's latest grant before the first use. */
  readonly grant?: Grant
  /** Newcomers of whom none can be singled out. */
  readonly candidates: readonly Grant[]
  /** Callers who are handed this account's credentials as a habit. */
  readonly regulars: number
}

/** Finds the grant that an episode's credential can have come from; never just the nearest in time. */
export function findOrigin(facts: AccessFacts, fresh: readonly Grant[], episode: Episode): Origin {
  const kinds = sources[episode.means] ?? []
  const isPossible = (grant: Grant): boolean =>
    !grant.failed &&
    grant.account === episode.account &&
    kinds.includes(grant.kind) &&
    grant.time <= episode.first &&
    between(grant.time, episode.first) < longestWaitMs
  const all = facts.grants.filter(isPossible)
  const isFresh = new Set(fresh)
  const habitual = new Set(all.filter((grant) => !isFresh.has(grant)).map(callerOf))
  // Whoever comes back on later days is a regular, unless from an address that nobody had.
  const byCaller = Map.groupBy(
    all.filter((grant) => isFresh.has(grant) && (!habitual.has(callerOf(grant)) || isStrange(facts, grant))),
    callerOf,
  )
  const regulars = [...habitual].filter((caller) => !byCaller.has(caller)).length
  const latest = [...byCaller.values()].flatMap((grants) => grants.slice(-1))
  const settled = latest.filter((grant) => isSettled(facts, grant))
  const sameAddress = latest.filter(
    (grant) => episode.uses.some(({ caller }) => caller === grant.address) && isFromUnknown(facts, grant),
  )
  const strange = latest.filter((grant) => isStrange(facts, grant))
  // Whoever may have had it before, or been handed it later, is tied to a grant only by an address that was new with it.
  const isOpen = isUnproven(episode) || !latest.every((grant) => isWatched(facts, grant, episode.first))
  const grounds = isOpen ? [sameAddress] : [strange, settled, sameAddress]
  const [only] = grounds.find((grants) => grants.length === 1) ?? []
  if (only === undefined) return { candidates: latest, regulars }
  return { grant: only, candidates: [], regulars }
}
