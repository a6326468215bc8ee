import type { Application, ResourceName } from './applications.ts'
import { makeToken, type Token } from './identity.ts'
import type { Address, User } from './people.ts'
import type { Random } from './random.ts'
import type { SignInEvent } from './sources/sign-in.ts'
import type { Principal } from './tenant.ts'
import type { World } from './world.ts'

export interface UserSignIn {
  readonly time: number
  readonly user: User
  readonly application: Application
  readonly resource: ResourceName
  readonly address: Address
  readonly agent?: string
  readonly kind?: 'interactive' | 'non-interactive'
  readonly errorCode?: number
  readonly clientApp?: SignInEvent['clientApp']
  readonly protocol?: SignInEvent['protocol']
  readonly multiFactor?: boolean
  readonly risk?: SignInEvent['risk']
  readonly sessionId?: string
  readonly correlationId?: string
  /** By way of somebody else's machine, whatever the user agent says. */
  readonly isRelayed?: boolean
  readonly mark?: string | undefined
}

/** A user signs in, or a client of theirs renews a token. */
export function signInUser(world: World, random: Random, signIn: UserSignIn): Token {
  const kind = signIn.kind ?? 'interactive'
  const token = makeToken(
    random,
    {
      actor: { kind: 'user', user: signIn.user },
      application: signIn.application,
      resource: world.tenant.resources[signIn.resource],
      address: signIn.address,
      issuedAt: signIn.time,
      agent: signIn.agent ?? signIn.user.agent,
      isRelayed: signIn.isRelayed === true,
    },
    signIn.sessionId,
  )
  world.recorder.signIn(
    {
      kind,
      time: signIn.time,
      delayMs: random.between(41_000, 170_000),
      token,
      correlationId: signIn.correlationId ?? random.guid(),
      errorCode: signIn.errorCode ?? 0,
      clientApp: signIn.clientApp ?? (kind === 'interactive' ? 'Browser' : 'Mobile Apps and Desktop clients'),
      protocol: signIn.protocol ?? 'none',
      multiFactor: signIn.multiFactor ?? false,
      risk: signIn.risk ?? 'none',
    },
    signIn.mark,
  )
  return token
}

/** An application or a managed identity gets a token. */
export function signInPrincipal(
  world: World,
  random: Random,
  time: number,
  principal: Principal,
  resource: ResourceName,
  options: {
    readonly address?: Address
    readonly agent?: string
    readonly keyId?: string
    readonly federatedCredentialId?: string
    readonly mark?: string | undefined
  } = {},
): Token {
  const address = options.address ?? principal.address ?? machineAddress
  const token = makeToken(random, {
    actor: { kind: 'principal', principal },
    application: { id: principal.appId, name: principal.name },
    resource: world.tenant.resources[resource],
    address,
    issuedAt: time,
    agent: options.agent ?? 'python/3.12.9 azsdk-python-identity/1.21.0',
    ...(options.keyId === undefined ? {} : { keyId: options.keyId }),
    ...(options.federatedCredentialId === undefined
      ? {}
      : { federatedCredentialId: options.federatedCredentialId }),
  })
  world.recorder.signIn(
    {
      kind: principal.kind === 'managed-identity' ? 'managed-identity' : 'service-principal',
      time,
      delayMs: random.between(60_000, 170_000),
      token,
      correlationId: random.guid(),
      errorCode: 0,
      clientApp: 'Mobile Apps and Desktop clients',
      protocol: 'none',
      multiFactor: false,
      risk: 'none',
    },
    options.mark,
  )
  return token
}

const machineAddress: Address = {
  ip: '10.20.2.4',
  city: '',
  state: '',
  country: '',
  latitude: 0,
  longitude: 0,
  asn: 0,
}
