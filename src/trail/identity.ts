import type { Ask } from '../case/rows.ts'
import { type Deed, findDeeds, findDeedsByCredential, mostDeeds } from './activity.ts'
import { type Identity, resolveIdentity } from './resolve.ts'
import { findRights, type Right } from './rights.ts'
import { gatherSessions, type Session } from './sessions.ts'
import { findSprays, type Spray } from './sprays.ts'

/** One identity through every log. */
export interface IdentityTrail {
  readonly identity: Identity
  readonly sessions: readonly Session[]
  /** Deeds that no sign-in in the evidence explains. */
  readonly others: readonly Deed[]
  readonly rights: readonly Right[]
  /** Failed sign-ins on this identity and others that are one campaign. */
  readonly sprays: readonly Spray[]
  /** What was done with credentials that this identity added elsewhere. */
  readonly followed: readonly FollowedCredential[]
  readonly isCut: boolean
}

export interface FollowedCredential {
  readonly credential: string
  readonly right: Right
  readonly sessions: readonly Session[]
}

/** Follows a user, application or managed identity through every log. Throws `no-such-identity`. */
export async function followIdentity(ask: Ask, who: string): Promise<IdentityTrail> {
  const identity = await resolveIdentity(ask, who)
  const deeds = await findDeeds(ask, identity)
  const { sessions, others } = gatherSessions(deeds)
  const rights = await findRights(ask, identity)
  return {
    identity,
    sessions,
    others,
    rights,
    sprays: await findSprays(ask, identity, deeds),
    followed: await follow(ask, rights),
    isCut: deeds.length >= mostDeeds,
  }
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
