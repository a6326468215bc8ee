import type { AccountCoverage, LoggedAct } from './coverage.ts'
import { beginsLate, type LogSpan } from './log-span.ts'
import { between, day, earlier, later } from './time.ts'
import { credentialOf, isTransport, type Use } from './uses.ts'

/**
 * A time in which somebody new used a credential of an account: users (means × hash × address × agent) that were not
 * there before, near to one another. Reads of the service itself belong to the user of the same credential before them.
 */
export interface Episode {
  readonly account: string
  readonly credential: string
  readonly means: string
  readonly keySlot: string
  readonly keyHash: string
  readonly signature: string
  readonly requesterId: string
  readonly uses: readonly Use[]
  readonly first: string
  readonly last: string
  /** Whether nobody used this credential before in the evidence. */
  readonly isFirstUse: boolean
  readonly past: Past
}

/** How long before a user came its log can have shown it; Infinity where that begins with all others. */
interface Past {
  readonly category: string
  readonly ms: number
}

/** Users who come within this time of the last request of an episode belong to it. */
const nearMs = day
/** Users of the first day of an account's log who go on for longer than that are its regular ones. */
const settlingMs = day
/** With less of a log than this before it, a first time says little. */
export const settledMs = 3 * day

const categories: Readonly<Record<LoggedAct, string>> = {
  read: 'StorageRead',
  write: 'StorageWrite',
  delete: 'StorageDelete',
}
const loggedActs = ['read', 'write', 'delete'] as const

const meansOfEpisodes = new Set([
  'account key',
  'account SAS',
  'service SAS',
  'SAS',
  'user delegation SAS',
  'OAuth',
])

/** Whether a user may have been there before: the log that would show it begins late, and not long before. */
export function isUnproven({ past }: Pick<Episode, 'past'>): boolean {
  return past.ms < settledMs
}

/** Whether an episode may have begun before the log that shows it. */
export function isCutShort({ past }: Episode): boolean {
  return past.ms < nearMs
}

/** Finds the episodes of all accounts, by first request. */
export function findEpisodes(
  uses: readonly Use[],
  coverage: ReadonlyMap<string, AccountCoverage>,
  evidence: LogSpan,
): readonly Episode[] {
  const found: Episode[] = []
  for (const ofAccount of Map.groupBy(uses, ({ account }) => account).values()) {
    const begin = ofAccount.reduce((first, use) => earlier(first, use.first), '')
    const ofCredential = Map.groupBy(
      ofAccount.filter(({ means }) => meansOfEpisodes.has(means)),
      credentialOf,
    )
    const past = (use: Use): Past => {
      const log = coverage.get(use.account)
      if (log === undefined) throw new Error(`no log is of the account ${use.account}`)
      return pastOf(use, log, evidence)
    }
    for (const users of ofCredential.values()) found.push(...episodesOf(users, ofAccount, begin, past))
  }
  return found.toSorted((left, right) => (left.first < right.first ? -1 : 1))
}

/** How long before a use the log can have shown it that tells most, and the category of that log. */
function pastOf(use: Use, coverage: AccountCoverage, evidence: LogSpan): Past {
  const pastIn = (act: LoggedAct, first: string, since: string): Past => ({
    category: categories[act],
    ms: beginsLate(since, evidence) ? between(since, first) : Infinity,
  })
  const pasts = loggedActs
    .filter((act) => use.firsts[act] !== '')
    .map((act) => pastIn(act, use.firsts[act], coverage.since[act]))
  const [most] = pasts.toSorted((left, right) => right.ms - left.ms)
  return most ?? pastIn('read', use.first, coverage.first)
}

function episodesOf(
  users: readonly Use[],
  ofAccount: readonly Use[],
  begin: string,
  past: (use: Use) => Past,
): Episode[] {
  const first = users.reduce((time, use) => earlier(time, use.first), '')
  const clusters: Use[][] = []
  const regulars = regularsOf(users, begin)
  for (const use of users.toSorted((left, right) => (left.first < right.first ? -1 : 1))) {
    if (
      regulars.has(userOf(use)) ||
      wasKnownWithoutHash(use, ofAccount) ||
      isKnownByPlace(use, ofAccount) ||
      isEmpty(use)
    )
      continue
    const home = clusters.findLast((cluster) => {
      const last = cluster.reduce((time, { last: end }) => later(time, end), '')
      const isSameUser = isTransport(use) || cluster.some(({ caller }) => caller === use.caller)
      const isNear = (isSameUser || use.signature !== '') && between(last, use.first) < nearMs
      // Who is new to one log is new to the others; who is not proven to be is kept apart.
      const isNew = cluster.some((other) => !isUnproven({ past: past(other) }))
      return isNear && (isUnproven({ past: past(use) }) ? isSameUser || !isNew : isNew || isTransport(use))
    })
    if (home === undefined) clusters.push([use])
    else home.push(use)
  }
  return clusters.map((cluster) => episodeOf(cluster, first, past))
}

function episodeOf(uses: readonly Use[], firstOfCredential: string, past: (use: Use) => Past): Episode {
  const [use] = uses
  if (use === undefined) throw new Error('an episode without a use')
  return {
    account: use.account,
    credential: credentialOf(use),
    means: use.means,
    keySlot: use.keySlot,
    keyHash: use.keyHash,
    signature: use.signature,
    requesterId: use.requesterId,
    uses,
    first: uses.reduce((time, { first }) => earlier(time, first), ''),
    last: uses.reduce((time, { last }) => later(time, last), ''),
    isFirstUse: use.first === firstOfCredential,
    past: past(use),
  }
}

/** Users of a credential who were there on the first day and go on, whichever of the account's services they ask. */
function regularsOf(users: readonly Use[], begin: string): ReadonlySet<string> {
  const regulars = new Set<string>()
  for (const [user, uses] of Map.groupBy(users, userOf)) {
    const first = uses.reduce((time, use) => earlier(time, use.first), '')
    const last = uses.reduce((time, use) => later(time, use.last), '')
    if (between(begin, first) < settlingMs && between(first, last) > settlingMs) regulars.add(user)
  }
  return regulars
}

function userOf({ caller, agent }: Use): string {
  return `${caller} ${agent}`
}

/** Logs without hashes show the same user before: an account whose logs changed their kind. */
function wasKnownWithoutHash(use: Use, ofAccount: readonly Use[]): boolean {
  return ofAccount.some(
    (before) =>
      before.first < use.first &&
      before.keyHash === '' &&
      use.keyHash !== '' &&
      before.means === use.means &&
      before.caller === use.caller &&
      before.agent === use.agent,
  )
}

/** Where logs carry no hashes, address and tool are all that tells users apart: one who was there the day before is known. */
function isKnownByPlace(use: Use, ofAccount: readonly Use[]): boolean {
  if (use.keyHash !== '' || use.requesterId !== '') return false
  return ofAccount.some(
    (before) =>
      before.caller === use.caller && before.agent === use.agent && between(before.first, use.first) > nearMs,
  )
}

/** Whether nothing came of a use: a key to sign with was asked for, or all was refused. */
function isEmpty(use: Use): boolean {
  return use.lists + use.reads + use.writes + use.deletes + use.copies === 0
}
