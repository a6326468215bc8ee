import { isBlind } from './blind.ts'
import { measuredText } from './coverage.ts'
import { type Episode, isUnproven } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { grantStep } from './grant-steps.ts'
import { missingEnds, withSignIns } from './missing-ends.ts'
import { covers } from './log-span.ts'
import { isSettled } from './origin.ts'
import { type ChainGap, isTransferOf, type Thread } from './story.ts'
import { timeBefore, type Told } from './told.ts'

/** What a thread lacks, and the log that would tell. */
export function missingLogs(
  facts: AccessFacts,
  thread: Thread,
  begins: ReadonlyMap<Episode, string>,
  told: Told,
): readonly ChainGap[] {
  return [
    ...thread.episodes.flatMap((episode) => ofEpisode(facts, thread, episode, begins.get(episode), told)),
    ...thread.grants.flatMap((grant) => ofGrant(facts, thread, grant, told)),
    ...missingEnds(facts, thread, begins, told),
  ]
}

function ofEpisode(
  facts: AccessFacts,
  thread: Thread,
  episode: Episode,
  begin: string | undefined,
  told: Told,
): readonly ChainGap[] {
  const { account } = episode
  const steps = begin === undefined ? [] : [begin]
  const gaps: ChainGap[] = []
  const origin = thread.origins.get(episode)
  if (episode.means !== 'OAuth' && origin?.grant === undefined)
    gaps.push({
      account,
      missing: 'where the credential came from',
      why: whyNoOrigin(facts, episode, origin?.candidates.length ?? 0, origin?.regulars ?? 0),
      steps,
    })
  if (isUnproven(episode))
    gaps.push({
      account,
      missing: timeBefore(episode.past.category),
      why: 'less than three days of it lie before: new users cannot be told from known ones',
      steps,
    })
  if (episode.keyHash === '' && episode.means !== 'OAuth')
    gaps.push({
      account,
      missing: 'hashes of keys and signatures',
      why: 'classic $logs carry none: uses are told apart by means, address and tool only',
      steps,
    })
  if (facts.transfers.some((transfer) => transfer.destination === '' && isTransferOf(transfer, episode)))
    gaps.push({
      account,
      missing: 'the log of the account that copies went to',
      why: 'no copy in the evidence matches these reads of the service',
      steps: [
        ...steps,
        ...told.steps
          .filter((step) => step.kind === 'copy-out' && step.account === account)
          .map(({ id }) => id),
      ],
    })
  return gaps
}

function ofGrant(facts: AccessFacts, thread: Thread, grant: Grant, told: Told): readonly ChainGap[] {
  const { account } = grant
  const steps = [grantStep(grant)]
  const gaps: ChainGap[] = []
  if (!isSettled(facts, grant))
    gaps.push({
      account,
      missing: 'time before',
      why: 'less than three days of the Activity Log lie before it: new callers cannot be told from known ones',
      steps,
    })
  if (!grant.failed && isBlind(facts, account, grant.time)) {
    const measured = facts.coverage.get(account)
    const bound =
      measured !== undefined && measured.measuredReads > 0
        ? `${measuredText(measured)} in all of the evidence`
        : 'and no metrics are there to bound them'
    const until =
      measured !== undefined && grant.time < measured.firstRead ? ` until ${measured.firstRead}` : ''
    gaps.push({
      account,
      missing: 'StorageRead',
      why: `reads of this account are in no log after its keys were handed out${until}; ${bound}`,
      steps: withSignIns(steps, told),
    })
  } else if (!thread.episodes.some((episode) => episode.account === account))
    gaps.push({
      account,
      missing: 'a use of the credential',
      why: 'no new user of it is in the logs of this account',
      steps,
    })
  return gaps
}

function whyNoOrigin(facts: AccessFacts, episode: Episode, candidates: number, regulars: number): string {
  const { activity } = facts
  const { first, past } = episode
  if (isUnproven(episode))
    return `${past.category} begins less than three days before: its user may have had it already`
  if (activity.first === '') return 'no Activity Log is in the evidence'
  if (activity.first > first) return `the Activity Log begins at ${activity.first}, after the first use`
  const known = regulars > 0 ? `${regulars} callers are handed it as a habit` : 'nobody was handed it'
  if (!covers(activity, first, facts.evidence)) {
    const before = candidates > 0 ? `${candidates} new callers were handed it` : known
    return `${before} in the Activity Log from ${activity.first} to ${activity.last}: who was handed it after that and before the first use is in no log`
  }
  if (candidates === 1)
    return `one caller was handed it first in the Activity Log from ${activity.first}, too short before to call them new`
  if (candidates > 1) return `${candidates} new callers were handed it before, and none can be singled out`
  return `${known} in the Activity Log from ${activity.first}: it was known before, read elsewhere, or had by one of them`
}
