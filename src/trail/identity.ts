import type { Ask } from '../case/rows.ts'
import { type Deed, findAttempts, findDeeds, findDeedsByCredential, mostDeeds } from './activity.ts'
import { type Identity, resolveIdentity } from './resolve.ts'
import { findRights, type Right } from './rights.ts'
import { gatherSessions, type Session } from './sessions.ts'

/** One identity through every log. */
export interface IdentityTrail {
  readonly identity: Identity
  readonly sessions: readonly Session[]
  /** Deeds that no sign-in in the evidence explains. */
  readonly others: readonly Deed[]
  readonly rights: readonly Right[]
  /** Failed sign-ins from addresses that tried this identity and others. */
  readonly sprays: readonly Spray[]
  /** What was done with credentials that this identity added elsewhere. */
  readonly followed: readonly FollowedCredential[]
  readonly isCut: boolean
}

export interface Spray {
  readonly addresses: readonly string[]
  readonly first: string
  readonly last: string
  readonly identities: number
  readonly attempts: readonly Deed[]
}

export interface FollowedCredential {
  readonly credential: string
  readonly right: Right
  readonly sessions: readonly Session[]
}

/** An address that failed on this many identities sprays. */
const sprayedIdentities = 5

/** Follows a user, application or managed identity through every log. Throws `no-such-identity`. */
export async function followIdentity(ask: Ask, who: string): Promise<IdentityTrail> {
  const identity = await resolveIdentity(ask, who)
  const deeds = await findDeeds(ask, identity)
  const { sessions, others } = gatherSessions(deeds)
  const rights = await findRights(ask, identity)
  const failed = deeds.filter(({ kind, isDone }) => kind === 'sign-in' && !isDone)
  const attempts = await findAttempts(ask, [...new Set(failed.map(({ address }) => address))])
  return {
    identity,
    sessions,
    others,
    rights,
    sprays: spraysOf(attempts, identity),
    followed: await follow(ask, rights),
    isCut: deeds.length >= mostDeeds,
  }
}

/** Tries of many identities from one address within a day of one another; addresses that spray together are one. */
function spraysOf(attempts: readonly Deed[], identity: Identity): readonly Spray[] {
  const runs = [...Map.groupBy(attempts.filter(isGuess), ({ address }) => address).values()].flatMap(runsOf)
  const sprays: Deed[][] = []
  for (const run of runs.filter(isSpray).toSorted((left, right) => byTime(left[0], right[0]))) {
    const home = sprays.find((spray) =>
      spray.some((deed) => run.some((other) => hoursBetween(deed, other) < 1)),
    )
    if (home === undefined) sprays.push(run)
    else home.push(...run)
  }
  const isOnIdentity = (deed: Deed): boolean =>
    identity.ids.includes(deed.identity) || identity.names.includes(deed.name)
  return sprays
    .filter((spray) => spray.some(isOnIdentity))
    .map((spray) => ({
      addresses: [...new Set(spray.map(({ address }) => address))].toSorted(),
      first: spray.reduce((first, deed) => (deed.first < first ? deed.first : first), spray[0]?.first ?? ''),
      last: spray.reduce((last, deed) => (deed.last > last ? deed.last : last), ''),
      identities: new Set(spray.map((deed) => deed.identity)).size,
      attempts: spray.toSorted(byTime),
    }))
}

/** Results of a wrong password, an expired one, an unknown, locked or disabled user: an address that tries many passwords gets them. */
const wrong = new Set(['50126', '50053', '50034', '50055', '50056', '50057'])

/** Results of a right password that was stopped later, as happens to every user; among wrong ones they are hits. */
const stopped = new Set(['50074', '50076', '50079', '53003', '500121', '50158'])

function isGuess({ result }: Deed): boolean {
  return wrong.has(result) || stopped.has(result)
}

function isSpray(run: readonly Deed[]): boolean {
  const tried = run.filter(({ result }) => wrong.has(result))
  return new Set(tried.map(({ identity }) => identity)).size >= sprayedIdentities
}

/** Splits the tries from one address where more than six hours pass. */
function runsOf(attempts: readonly Deed[]): readonly Deed[][] {
  const runs: Deed[][] = []
  for (const deed of attempts.toSorted(byTime)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run !== undefined && last !== undefined && hoursBetween(last, deed) < 6) run.push(deed)
    else runs.push([deed])
  }
  return runs
}

function hoursBetween(left: Deed, right: Deed): number {
  return Math.abs(Date.parse(right.first) - Date.parse(left.first)) / 3_600_000
}

function byTime(left: Deed | undefined, right: Deed | undefined): number {
  return (left?.first ?? '') < (right?.first ?? '') ? -1 : 1
}

async function follow(ask: Ask, rights: readonly Right[]): Promise<readonly FollowedCredential[]> {
  const given = rights.filter(({ direction, credentials }) => direction === 'gave' && credentials.length > 0)
  const followed: FollowedCredential[] = []
  for (const right of given)
    for (const credential of right.credentials) {
      const { sessions } = gatherSessions(await findDeedsByCredential(ask, [credential]))
      followed.push({ credential, right, sessions })
    }
  return followed
}
