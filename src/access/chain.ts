import { createHash } from 'node:crypto'
import { findBlindSpots } from './blind.ts'
import type { Episode } from './episodes.ts'
import type { AccessFacts } from './facts.ts'
import { callerOf, findOrigin, isSettled, newGrants } from './origin.ts'
import { sum, weighEpisode } from './score.ts'
import { buildSteps } from './steps.ts'
import { type Chain, isOrderOf, isTransferOf, type Step, type Thread } from './story.ts'

/** Rebuilds every chain from credential to bytes, the gravest first; look-alikes stand at the end with their grounds. */
export function findChains(facts: AccessFacts): readonly Chain[] {
  return threadsOf(facts)
    .map((thread) => chainOf(facts, thread))
    .filter(({ steps }) => steps.length > 0)
    .toSorted((left, right) => right.score - left.score || (left.first < right.first ? -1 : 1))
}

function threadsOf(facts: AccessFacts): readonly Thread[] {
  const fresh = newGrants(facts)
  const origins = new Map(facts.episodes.map((episode) => [episode, findOrigin(facts, fresh, episode)]))
  const threads: { episodes: Set<Episode>; callers: Set<string> }[] = []
  for (const episode of facts.episodes) {
    const grant = origins.get(episode)?.grant
    const caller = grant === undefined ? undefined : callerOf(grant)
    const ties = threads.filter(
      (thread) =>
        (caller !== undefined && thread.callers.has(caller)) ||
        [...thread.episodes].some((other) => areOneCopy(facts, other, episode)),
    )
    const home = { episodes: new Set([episode]), callers: new Set(caller === undefined ? [] : [caller]) }
    for (const tie of ties) {
      for (const other of tie.episodes) home.episodes.add(other)
      for (const other of tie.callers) home.callers.add(other)
      threads.splice(threads.indexOf(tie), 1)
    }
    threads.push(home)
  }
  const taken = new Set(threads.flatMap(({ callers }) => [...callers]))
  for (const grant of fresh)
    if (!taken.has(callerOf(grant)) && isSettled(facts, grant)) {
      taken.add(callerOf(grant))
      threads.push({ episodes: new Set(), callers: new Set([callerOf(grant)]) })
    }
  const spots = findBlindSpots(facts, fresh, facts.episodes)
  const newcomers = new Set(fresh.map(callerOf))
  const alone = spots.filter(({ grant, episode }) => grant === undefined && episode === undefined)
  const told = threads.map(({ episodes, callers }) => ({
    newcomers,
    spots: spots.filter(
      ({ grant, episode }) =>
        (grant !== undefined && callers.has(callerOf(grant))) ||
        (episode !== undefined && episodes.has(episode)),
    ),
    episodes: [...episodes].toSorted((left, right) => (left.first < right.first ? -1 : 1)),
    grants: fresh.filter((grant) => callers.has(callerOf(grant))),
    origins,
  }))
  return [...told, ...alone.map((spot) => ({ newcomers, spots: [spot], episodes: [], grants: [], origins }))]
}

/** Whether one episode wrote the copies that the other was read for. */
function areOneCopy(facts: AccessFacts, left: Episode, right: Episode): boolean {
  const isPair = (from: Episode, to: Episode): boolean =>
    facts.transfers.some((transfer) => transfer.destination === to.account && isTransferOf(transfer, from)) &&
    facts.orders.some((order) => order.source === from.account && isOrderOf(order, to))
  return isPair(left, right) || isPair(right, left)
}

function chainOf(facts: AccessFacts, thread: Thread): Chain {
  const { steps, links, gaps } = buildSteps(facts, thread)
  const weighed = thread.episodes.flatMap((episode) =>
    weighEpisode(facts, episode, thread.origins.get(episode)?.grant),
  )
  const reasons = [...new Map(weighed.map((reason) => [reason.text, reason])).values()]
  const has = (kind: Step['kind']): boolean => steps.some((step) => step.kind === kind)
  if (has('copy-out'))
    reasons.push({ points: 3, text: 'copied by the service to an account whose log is not in the evidence' })
  if (has('copy-in')) reasons.push({ points: 2, text: 'copied by the service into another account' })
  if (has('tampering')) reasons.push({ points: 3, text: 'logs or guards were changed by the same caller' })
  if (has('blind-read'))
    reasons.push({ points: 3, text: 'metrics count more reads than usual where no log shows them' })
  if (has('secrets')) reasons.push({ points: 1, text: 'the same caller read secrets' })
  if (thread.grants.length === 0 && thread.episodes.length === 0)
    reasons.push({ points: 1, text: 'no log there tells who was handed its keys' })
  if (thread.grants.length > 0 && thread.episodes.length === 0)
    reasons.push({ points: 3, text: 'credentials were handed to a new caller' })
  const score = sum(reasons.map(({ points }) => points))
  const [start] = steps
  return {
    id: createHash('sha256')
      .update(
        JSON.stringify(
          steps.map(({ kind, account, first, records }) => [kind, account, first, records[0] ?? null]),
        ),
      )
      .digest('hex')
      .slice(0, 16),
    level: score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low',
    score,
    reasons: reasons.toSorted((left, right) => right.points - left.points),
    accounts: [
      ...new Set(steps.map(({ account }) => account).filter((account) => account !== '')),
    ].toSorted(),
    first: start?.first ?? '',
    last: steps.reduce((last, step) => (step.last > last ? step.last : last), ''),
    steps,
    links,
    gaps,
  }
}
