import type { Ask } from '../case/rows.ts'
import { type Deed, findAttempts, findAttemptsWith } from './activity.ts'
import type { Identity } from './resolve.ts'

/** Passwords tried on many identities, one of them the one that is followed. */
export interface Spray {
  /** Addresses that tried the identity and others. */
  readonly addresses: readonly string[]
  /** Addresses that tried many others at the same time with the same application and agent: inferred to be of the same spray. */
  readonly inferred: readonly string[]
  readonly first: string
  readonly last: string
  readonly identities: number
  readonly attempts: readonly Deed[]
}

/** An address that failed on this many identities sprays. */
const sprayedIdentities = 5
/** Tries from one address that lie further apart are two runs. */
const pauseHours = 6
/** Runs that come closer than this are at the same time. */
const nearHours = 1

/** Results of a wrong password, an expired one, an unknown, locked or disabled user: an address that tries many passwords gets them. */
const wrong = new Set(['50126', '50053', '50034', '50055', '50056', '50057'])

/** Results of a right password that was stopped later, as happens to every user; among wrong ones they are hits. */
const stopped = new Set(['50074', '50076', '50079', '53003', '500121', '50158'])

/** Finds the sprays that tried an identity, from what it did, and whatever else the same tool tried at the same time. */
export async function findSprays(
  ask: Ask,
  identity: Identity,
  deeds: readonly Deed[],
): Promise<readonly Spray[]> {
  const isOnIdentity = (deed: Deed): boolean =>
    identity.ids.includes(deed.identity) || identity.names.includes(deed.name)
  const failed = deeds.filter(({ kind, isDone }) => kind === 'sign-in' && !isDone)
  const attempts = await findAttempts(ask, [...new Set(failed.map(({ address }) => address))])
  const sprays: Spray[] = []
  for (const own of gather(runsOf(attempts)).filter((spray) => spray.some(isOnIdentity)))
    sprays.push(sprayOf(own, await findOthers(ask, own)))
  return sprays
}

/** Runs that are one in time, the earliest first. */
function gather(runs: readonly (readonly Deed[])[]): readonly (readonly Deed[])[] {
  const sprays: Deed[][] = []
  for (const run of runs.toSorted((left, right) => byTime(left[0], right[0]))) {
    const home = sprays.find((spray) => areNear(spray, run))
    if (home === undefined) sprays.push([...run])
    else for (const deed of run) home.push(deed)
  }
  return sprays
}

/** Runs from other addresses with the tools of a spray, at its time; where logs name no agent, nothing tells them apart. */
async function findOthers(ask: Ask, own: readonly Deed[]): Promise<readonly Deed[]> {
  const addresses = new Set(own.map(({ address }) => address))
  const tools = new Map(
    own
      .filter(({ client, agent, result }) => client !== '' && agent !== '' && wrong.has(result))
      .map((deed) => [JSON.stringify([deed.client, deed.agent]), deed]),
  )
  const { first, last } = spanOf(own)
  const aroundMs = pauseHours * 3_600_000
  const since = new Date(Date.parse(first) - aroundMs)
  const until = new Date(Date.parse(last) + aroundMs)
  const others: Deed[] = []
  for (const tool of tools.values()) {
    const attempts = await findAttemptsWith(ask, tool, since, until)
    const elsewhere = attempts.filter(({ address }) => !addresses.has(address))
    for (const run of runsOf(elsewhere)) if (areNear(own, run)) for (const deed of run) others.push(deed)
  }
  return others
}

function sprayOf(own: readonly Deed[], others: readonly Deed[]): Spray {
  const attempts = [...own, ...others].toSorted(byTime)
  return {
    addresses: addressesOf(own),
    inferred: addressesOf(others),
    ...spanOf(attempts),
    identities: new Set(attempts.map(({ identity }) => identity)).size,
    attempts,
  }
}

/** Tries from one address without a long pause, where they were of many identities. */
function runsOf(attempts: readonly Deed[]): readonly (readonly Deed[])[] {
  const guesses = attempts.filter(({ result }) => wrong.has(result) || stopped.has(result))
  return [...Map.groupBy(guesses, ({ address }) => address).values()].flatMap(splitAtPauses).filter(isSpray)
}

function splitAtPauses(attempts: readonly Deed[]): readonly (readonly Deed[])[] {
  const runs: Deed[][] = []
  for (const deed of attempts.toSorted(byTime)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run !== undefined && last !== undefined && hoursBetween(last, deed) < pauseHours) run.push(deed)
    else runs.push([deed])
  }
  return runs
}

function isSpray(run: readonly Deed[]): boolean {
  const tried = run.filter(({ result }) => wrong.has(result))
  return new Set(tried.map(({ identity }) => identity)).size >= sprayedIdentities
}

function areNear(left: readonly Deed[], right: readonly Deed[]): boolean {
  return left.some((deed) => right.some((other) => hoursBetween(deed, other) < nearHours))
}

function addressesOf(deeds: readonly Deed[]): readonly string[] {
  return [...new Set(deeds.map(({ address }) => address))].toSorted()
}

function spanOf(deeds: readonly Deed[]): Pick<Spray, 'first' | 'last'> {
  return {
    first: deeds.reduce((first, deed) => (deed.first < first ? deed.first : first), deeds[0]?.first ?? ''),
    last: deeds.reduce((last, deed) => (deed.last > last ? deed.last : last), ''),
  }
}

function hoursBetween(left: Deed, right: Deed): number {
  return Math.abs(Date.parse(right.first) - Date.parse(left.first)) / 3_600_000
}

function byTime(left: Deed | undefined, right: Deed | undefined): number {
  return (left?.first ?? '') < (right?.first ?? '') ? -1 : 1
}
