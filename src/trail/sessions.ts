import type { Deed } from './activity.ts'

/** A sign-in and all that was done with its tokens. */
export interface Session {
  /** Session id of the sign-in logs; for an application its credential and address, for a managed identity where its tokens were used. */
  readonly id: string
  readonly first: string
  readonly last: string
  readonly addresses: readonly string[]
  readonly places: readonly string[]
  readonly devices: readonly string[]
  readonly clients: readonly string[]
  readonly tokens: readonly string[]
  /** What of this was not there before, with at least a day of the identity's life before it. */
  readonly news: readonly string[]
  readonly deeds: readonly SessionDeed[]
}

export interface SessionDeed extends Deed {
  /** By what it belongs to the session: a value in both records, or address and time. */
  readonly by: 'SessionId' | 'uti' | 'RequestId' | 'address and time'
  readonly certainty: 'observed' | 'inferred'
}

const dayMs = 86_400_000

export interface SessionList {
  readonly sessions: readonly Session[]
  /** Deeds that no session could be told for. */
  readonly others: readonly Deed[]
}

/** Gathers deeds into sessions: by session and token first, by sign-in for risks, by address and time for the rest. */
export function gatherSessions(deeds: readonly Deed[]): SessionList {
  const isSignIn = ({ kind }: Deed): boolean => kind === 'sign-in' || kind === 'token'
  const places = placesOfTokens(deeds.filter((deed) => !isSignIn(deed)))
  const sessionOfSignInDeed = new Map(
    deeds
      .filter((deed) => isSignIn(deed) && deed.isDone)
      .map((deed) => [deed, deed.session || placeOf(deed, places)] as const)
      .filter(([, session]) => session !== ''),
  )
  const known = new Set(sessionOfSignInDeed.values())
  const sessionOfToken = new Map(
    [...sessionOfSignInDeed]
      .filter(([{ token }]) => token !== '')
      .map(([{ token }, session]) => [token, session]),
  )
  const sessionOfSignIn = new Map(
    [...sessionOfSignInDeed].flatMap(([{ references }, session]) =>
      references.map((id) => [id, session] as const),
    ),
  )
  const gathered = new Map<string, SessionDeed[]>()
  const rest: Deed[] = []
  const put = (
    session: string,
    deed: Deed,
    by: SessionDeed['by'],
    certainty: SessionDeed['certainty'],
  ): void => {
    const home = gathered.get(session) ?? []
    home.push({ ...deed, by, certainty })
    gathered.set(session, home)
  }
  for (const deed of deeds) {
    const byToken = sessionOfToken.get(deed.token)
    const byRisk =
      deed.kind === 'risk' ? deed.references.map((id) => sessionOfSignIn.get(id)).find(Boolean) : undefined
    const own = sessionOfSignInDeed.get(deed)
    if (own !== undefined) put(own, deed, deed.session === '' ? 'uti' : 'SessionId', 'observed')
    else if (byToken !== undefined) put(byToken, deed, 'uti', 'observed')
    else if (!isSignIn(deed) && known.has(deed.session)) put(deed.session, deed, 'SessionId', 'observed')
    else if (byRisk !== undefined) put(byRisk, deed, 'RequestId', 'observed')
    else rest.push(deed)
  }
  const others: Deed[] = []
  for (const deed of rest) {
    const home = deed.kind === 'sign-in' ? undefined : nearest(gathered, deed)
    if (home === undefined) others.push(deed)
    else put(home, deed, 'address and time', 'inferred')
  }
  const begin = deeds
    .filter(({ isDone }) => isDone)
    .reduce((first, deed) => (first === '' || deed.first < first ? deed.first : first), '')
  const sessions = [...gathered]
    .map(([id, own]) => sessionOf(id, own, deeds, begin))
    .toSorted((left, right) =>
      left.first < right.first ? -1 : left.first > right.first ? 1 : left.id < right.id ? -1 : 1,
    )
  return { sessions, others }
}

/** Sign-ins of managed identities name neither a session nor an address: theirs is where the token was used. */
function placeOf({ token, address }: Deed, places: ReadonlyMap<string, string>): string {
  return places.get(token) ?? (address === '' ? 'tokens whose use no log tells' : '')
}

/** Where tokens were used, by token. */
function placesOfTokens(uses: readonly Deed[]): ReadonlyMap<string, string> {
  const addresses = new Map<string, Set<string>>()
  for (const { token, address } of uses)
    if (token !== '' && address !== '')
      addresses.set(token, (addresses.get(token) ?? new Set<string>()).add(address))
  return new Map(
    [...addresses].map(([token, from]) => [token, `tokens used from ${[...from].toSorted().join(', ')}`]),
  )
}

/** The session that was last at an address, not longer than a day ago. */
function nearest(gathered: ReadonlyMap<string, readonly SessionDeed[]>, deed: Deed): string | undefined {
  if (deed.address === '') return undefined
  let best: { readonly id: string; readonly first: string } | undefined
  for (const [id, own] of gathered) {
    const here = own.filter(
      ({ address, kind }) => address === deed.address && (kind === 'sign-in' || kind === 'token'),
    )
    const first = here.reduce((time, { first: start }) => (time === '' || start < time ? start : time), '')
    if (first === '' || first > deed.first || Date.parse(deed.first) - Date.parse(first) > dayMs) continue
    if (best === undefined || first > best.first) best = { id, first }
  }
  return best?.id
}

function sessionOf(id: string, own: readonly SessionDeed[], all: readonly Deed[], begin: string): Session {
  const deeds = own.toSorted((left, right) =>
    left.first < right.first ? -1 : left.first > right.first ? 1 : 0,
  )
  const first = deeds[0]?.first ?? ''
  const hasPast = Date.parse(first) - Date.parse(begin) >= dayMs
  const distinct = (of: (deed: Deed) => string): readonly string[] =>
    [...new Set(deeds.map(of))].filter((value) => value !== '').toSorted()
  const isNew = (of: (deed: Deed) => string, value: string): boolean =>
    hasPast && !all.some((deed) => deed.isDone && of(deed) === value && deed.first < first)
  const aspects: readonly (readonly [string, (deed: Deed) => string])[] = [
    ['address', ({ address }) => address],
    ['place', ({ place }) => place],
    ['device', ({ device }) => device],
    ['application', ({ client, kind }) => (kind === 'sign-in' || kind === 'token' ? client : '')],
    ['credential', ({ credential }) => credential],
  ]
  return {
    id,
    first,
    last: deeds.reduce((time, deed) => (deed.last > time ? deed.last : time), ''),
    addresses: distinct(({ address }) => address),
    places: distinct(({ place }) => place),
    devices: distinct(({ device }) => device),
    clients: distinct(({ client, kind }) => (kind === 'sign-in' || kind === 'token' ? client : '')),
    tokens: distinct(({ token }) => token),
    news: aspects.flatMap(([name, of]) =>
      distinct(of)
        .filter((value) => isNew(of, value))
        .map((value) => `${name} ${value}`),
    ),
    deeds,
  }
}
