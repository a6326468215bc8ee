import type { Application, Resource } from './applications.ts'
import type { Address, User } from './people.ts'
import type { Random } from './random.ts'
import type { Principal } from './tenant.ts'

/** Who acts. */
export type Actor =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'principal'; readonly principal: Principal }

/** An access token as logs know it: the sign-in that gave it, and by its id every call made with it. */
export interface Token {
  readonly actor: Actor
  readonly application: Application
  readonly resource: Resource
  readonly address: Address
  /** Id of the sign-in event. */
  readonly signInId: string
  /** `uti` claim = UniqueTokenIdentifier = SignInActivityId. */
  readonly id: string
  readonly sessionId: string
  readonly issuedAt: number
  readonly agent: string
  readonly hash: string
  /** Another secret of the application than its own. */
  readonly keyId?: string
  /** Federated credential that stood in for a secret. */
  readonly federatedCredentialId?: string
  /** Signed in by way of somebody else's machine, whatever the user agent says. */
  readonly isRelayed?: boolean
}

/** The token id that Entra derives from a request: base64url of the GUID's bytes, its first three groups little-endian. */
export function tokenIdOf(requestId: string): string {
  const bytes = Buffer.from(requestId.replaceAll('-', ''), 'hex')
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
  return Buffer.from(order.map((index) => bytes[index] ?? 0)).toString('base64url')
}

export function makeToken(
  random: Random,
  fields: Pick<
    Token,
    | 'actor'
    | 'application'
    | 'resource'
    | 'address'
    | 'issuedAt'
    | 'agent'
    | 'keyId'
    | 'federatedCredentialId'
    | 'isRelayed'
  >,
  sessionId = random.guid(),
): Token {
  const signInId = random.entraRequestId()
  return { ...fields, signInId, id: tokenIdOf(signInId), sessionId, hash: random.hex(64).toUpperCase() }
}

export function objectIdOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.user.id : actor.principal.objectId
}

export function nameOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.user.name : actor.principal.name
}
