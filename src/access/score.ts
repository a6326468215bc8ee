import { type Episode, isUnproven, settledMs } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import type { Grant } from './grants.ts'
import { isSettled } from './origin.ts'
import { between, day } from './time.ts'
import { isTransport } from './uses.ts'

/** A ground for taking a chain seriously, or not. */
export interface Reason {
  readonly points: number
  readonly text: string
}

/** What speaks for and against an episode, by itself. */
export function weighEpisode(
  facts: AccessFacts,
  episode: Episode,
  origin: Grant | undefined,
): readonly Reason[] {
  const users = episode.uses.filter((use) => !isTransport(use))
  const reasons: Reason[] = []
  const add = (points: number, text: string, holds: boolean): void => {
    if (holds) reasons.push({ points, text })
  }
  const canBeNew = !isUnproven(episode)
  const others = facts.uses.filter((use) => use.account === episode.account && !episode.uses.includes(use))
  const before = others.filter((use) => between(use.first, episode.first) > 0)
  const isKnownAddress = (caller: string): boolean =>
    before.some((use) => use.caller === caller && between(use.first, episode.first) > day) ||
    [...(facts.addresses.get(caller)?.values() ?? [])].some((first) => between(first, episode.first) > day)
  add(
    3,
    'an address that was not there the day before',
    canBeNew && users.some(({ caller }) => !isKnownAddress(caller)),
  )
  add(
    1,
    'a tool that this account had not seen',
    canBeNew && users.some(({ agent }) => !before.some((use) => use.agent === agent)),
  )
  add(1, 'the first use of this signature', canBeNew && episode.isFirstUse && episode.signature !== '')
  const isHome = users.every(({ caller, requesterId }) => {
    const first = facts.addresses.get(caller)?.get(requesterId)
    return requesterId !== '' && first !== undefined && between(first, episode.first) > day
  })
  add(-2, 'the identity signs in from there as a habit', isHome)
  add(3, 'the credential was handed to a new caller before', origin !== undefined && isSettled(facts, origin))
  const lists = sum(users.map((use) => use.lists))
  const reads = sum(users.map((use) => use.reads))
  add(1, 'listed, then read', lists > 0 && reads > 0)
  const bytes = sum(episode.uses.map((use) => use.bytes))
  const usual = sum(before.map((use) => use.bytes / Math.max(1, use.days)))
  add(2, 'more bytes than all others read in a day', canBeNew && bytes > usual && bytes > 1_000_000)
  const days = Math.max(...users.map((use) => use.days), 0)
  add(-3, `goes on for ${days} days`, days >= 3)
  const begin = facts.coverage.get(episode.account)?.first ?? ''
  const isEarly = !(between(begin, episode.first) >= settledMs)
  add(-1, 'less than three days of log before it', isEarly || !canBeNew)
  return reasons
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
