import { isBlind } from './blind.ts'
import type { ChainGap, Thread } from './story.ts'
import type { AccessFacts } from './facts.ts'
import { isSettled } from './origin.ts'
import { between, day } from './time.ts'

/** What a thread lacks, and the log that would tell. */
export function missingLogs(facts: AccessFacts, thread: Thread): readonly ChainGap[] {
  const gaps: ChainGap[] = []
  const add = (account: string, missing: string, why: string): void => {
    if (!gaps.some((gap) => gap.account === account && gap.missing === missing))
      gaps.push({ account, missing, why })
  }
  for (const episode of thread.episodes) {
    const origin = thread.origins.get(episode)
    if (episode.means !== 'OAuth' && origin?.grant === undefined)
      add(
        episode.account,
        'where the credential came from',
        whyNoOrigin(facts, episode.first, origin?.candidates.length ?? 0, origin?.regulars ?? 0),
      )
    if (episode.keyHash === '' && episode.means !== 'OAuth')
      add(
        episode.account,
        'hashes of keys and signatures',
        'classic $logs carry none: uses are told apart by means, address and tool only',
      )
    const coverage = facts.coverage.get(episode.account)
    if (coverage !== undefined && between(coverage.lastRead, facts.storage.last) > day)
      add(
        episode.account,
        'StorageRead after the log fell silent',
        `the last read logged is of ${coverage.lastRead}; other accounts log until ${facts.storage.last}`,
      )
    if (
      facts.transfers.some(
        (transfer) =>
          transfer.account === episode.account &&
          transfer.destination === '' &&
          transfer.signature === episode.signature &&
          transfer.keyHash === episode.keyHash,
      )
    )
      add(
        episode.account,
        'the log of the account that copies went to',
        'no copy in the evidence matches these reads of the service',
      )
  }
  for (const grant of thread.grants) {
    if (grant.token !== '' && !facts.signIns.has(grant.token))
      add(
        '',
        'the sign-in that issued the token',
        facts.signInSpan.first === ''
          ? 'no sign-in log is in the evidence'
          : `sign-in logs are there from ${facts.signInSpan.first} to ${facts.signInSpan.last}, without this token`,
      )
    if (!isSettled(facts, grant))
      add(
        grant.account,
        'time before',
        'less than three days of the Activity Log lie before it: new callers cannot be told from known ones',
      )
    if (!grant.failed && isBlind(facts, grant.account, grant.time)) {
      const measured = facts.coverage.get(grant.account)
      const bound =
        measured !== undefined && measured.measuredReads > 0
          ? `metrics count ${measured.measuredReads} reads and ${measured.measuredBytes} bytes out in all of the evidence`
          : 'and no metrics are there to bound them'
      add(
        grant.account,
        'StorageRead',
        `reads of this account are in no log after its keys were handed out; ${bound}`,
      )
    } else if (!thread.episodes.some(({ account }) => account === grant.account))
      add(grant.account, 'a use of the credential', 'no new user of it is in the logs of this account')
  }
  return gaps
}

function whyNoOrigin(facts: AccessFacts, first: string, candidates: number, regulars: number): string {
  if (facts.activity.first === '') return 'no Activity Log is in the evidence'
  if (facts.activity.first > first)
    return `the Activity Log begins at ${facts.activity.first}, after the first use`
  if (candidates > 1) return `${candidates} new callers were handed it before, and none can be singled out`
  const known = regulars > 0 ? `${regulars} callers are handed it as a habit` : 'nobody was handed it'
  return `${known} in the Activity Log from ${facts.activity.first}: it was known before, read elsewhere, or had by one of them`
}
