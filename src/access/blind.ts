import type { Episode } from './episodes.ts'
import type { RecordName } from '../case/rows.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import type { MeasuredHour } from './metrics.ts'
import { covers, endsEarly } from './log-span.ts'
import { isStrange } from './origin.ts'
import { sum } from './score.ts'
import { between, day, hour } from './time.ts'

/** Reads that no log shows and that metrics count beyond what was usual: a bound, not a proof. */
export interface BlindSpot {
  readonly grant?: Grant
  readonly episode?: Episode
  readonly account: string
  readonly title: string
  readonly first: string
  readonly last: string
  readonly requests: number
  readonly bytes: number
  readonly records: readonly RecordName[]
  readonly unseen: string
  /** Whether user delegation keys that no log shows may have signed for these reads, whatever else was handed out. */
  readonly isDelegable: boolean
}

/** Metrics are looked at for this long after a credential was handed out, or a log fell silent. */
const watchMs = 3 * day
/** A user delegation key signs for as long. */
const delegationMs = 7 * day
/** An hour counts as more than usual beyond this multiple of the busiest hour before. */
const excess = 3

/**
 * Reads of accounts without a read log that metrics count beyond what was usual. Each belongs to the last newcomer who
 * was handed the account's credentials before (where there are any, from an address that nobody had), or to the episode
 * after which the log fell silent; to nobody where the Activity Log, which would tell of a later newcomer, has ended.
 */
export function findBlindSpots(
  facts: AccessFacts,
  fresh: readonly Grant[],
  episodes: readonly Episode[],
): readonly BlindSpot[] {
  const spots: BlindSpot[] = []
  const { activity, evidence } = facts
  const unwatched = endsEarly(activity.last, evidence) ? activity.last : undefined
  for (const [account, grants] of Map.groupBy(fresh, (grant) => grant.account)) {
    const open = grants.filter((grant) => !grant.failed && isBlind(facts, account, grant.time))
    const strange = open.filter((grant) => isStrange(facts, grant))
    const suspects = strange.length > 0 ? strange : open
    for (const [index, grant] of suspects.entries())
      spots.push(...spotOf(facts, account, grant.time, { grant }, suspects[index + 1]?.time ?? unwatched))
  }
  if (unwatched !== undefined)
    for (const account of facts.coverage.keys())
      if (isBlind(facts, account, unwatched)) spots.push(...spotOf(facts, account, unwatched, {}, undefined))
  for (const [account, ofAccount] of Map.groupBy(episodes, (episode) => episode.account)) {
    const end = facts.coverage.get(account)?.lastRead ?? ''
    const episode = ofAccount.findLast(({ first }) => first <= end)
    const isTaken = spots.some((spot) => spot.account === account)
    if (!isTaken && episode !== undefined && endsEarly(end, evidence))
      spots.push(...spotOf(facts, account, end, { episode }, undefined))
  }
  return spots
}

/** Whether no read of an account could have been logged at a time. */
export function isBlind(facts: AccessFacts, account: string, time: string): boolean {
  const coverage = facts.coverage.get(account)
  if (coverage === undefined) return true
  return !covers({ first: coverage.since.read, last: coverage.lastRead }, time, facts.evidence)
}

function spotOf(
  facts: AccessFacts,
  account: string,
  from: string,
  cause: Pick<BlindSpot, 'grant' | 'episode'>,
  until: string | undefined,
): readonly BlindSpot[] {
  const measured = facts.measured.filter(
    (entry) => entry.account === account && ['accountkey', 'sas'].includes(entry.authentication),
  )
  const usualUntil = cause.episode?.first ?? from
  const isBefore = (entry: MeasuredHour): boolean => between(entry.hour, from) > hour
  const isUsual = (entry: MeasuredHour): boolean => between(entry.hour, usualUntil) > hour
  const busiest = (entry: MeasuredHour, of: (entry: MeasuredHour) => number): number =>
    Math.max(
      0,
      ...measured.filter((other) => isUsual(other) && other.authentication === entry.authentication).map(of),
    )
  const unusual = measured.filter(
    (entry) =>
      !isBefore(entry) &&
      between(from, entry.hour) < watchMs &&
      (until === undefined || between(until, entry.hour) < -hour) &&
      (entry.bytes - entry.loggedBytes > excess * busiest(entry, ({ bytes }) => bytes) ||
        entry.requests - entry.loggedRequests > excess * busiest(entry, ({ requests }) => requests)),
  )
  const [start] = unusual
  if (start === undefined) return []
  const bytes = sum(unusual.map((entry) => entry.bytes - entry.loggedBytes))
  const requests = sum(unusual.map((entry) => entry.requests - entry.loggedRequests))
  const last = unusual.at(-1)?.hour ?? start.hour
  const means = [...new Set(unusual.map(({ authentication }) => authentication))].join(' and ')
  return [
    {
      ...cause,
      account,
      title: `Metrics count reads of ${account} by ${means} that no log shows`,
      first: start.hour,
      last,
      requests,
      bytes,
      records: unusual.flatMap(({ records }) => records),
      unseen: 'Who read and what is in no log; these hours bound how much.',
      isDelegable:
        unusual.every(({ authentication }) => authentication === 'sas') &&
        facts.delegated.some(
          (delegated) =>
            delegated.account === account &&
            delegated.hour <= last &&
            between(delegated.hour, start.hour) < delegationMs,
        ),
    },
  ]
}
