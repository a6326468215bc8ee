import { type Application, clients, type ResourceName } from '../applications.ts'
import type { Token } from '../identity.ts'
import type { Address, User } from '../people.ts'
import type { Random } from '../random.ts'
import { signInUser } from '../sign-in-actions.ts'
import type { RiskEvent } from '../sources/risk.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'

/** Whose account is used, from where, with which client. */
export interface Intrusion {
  readonly victim: User
  readonly address: Address
  readonly client: Application
  readonly agent: string
}

/** Refused prompts and then an accepted one: step `sign-in`, and what Entra makes of it. */
export function tireOut(world: World, random: Random, intrusion: Intrusion, begin: number): Token {
  const { book } = world.recorder
  const { victim, address, client, agent } = intrusion
  book.step('sign-in', 'Prompts are refused until the victim accepts one', 'T1621', begin)
  const attempt = {
    user: victim,
    application: client,
    resource: 'arm',
    address,
    agent,
    sessionId: random.guid(),
    correlationId: random.guid(),
    risk: 'medium',
    mark: 'sign-in',
  } as const
  let time = begin
  for (let denied = random.between(3, 6); denied > 0; denied -= 1) {
    signInUser(world, random, { ...attempt, time, errorCode: 500121 })
    time += random.between(25, 80) * secondMs
  }
  const token = signInUser(world, random, { ...attempt, time, multiFactor: true })
  detect(world, random, intrusion, token, 'unfamiliarFeatures', 'medium')
  return token
}

/** Entra ID Protection names a sign-in of the step `sign-in`. */
export function detect(
  world: World,
  random: Random,
  { victim }: Intrusion,
  token: Token,
  type: RiskEvent['type'],
  level: RiskEvent['level'],
): void {
  const { book } = world.recorder
  const time = token.issuedAt
  book.step('detection', 'Entra ID Protection detects the sign-in', '', time)
  world.recorder.risk(
    {
      user: victim,
      state: 'atRisk',
      correlationId: random.guid(),
      requestId: token.signInId,
      time,
      detectedAt: time + random.between(2, 9) * 60 * secondMs,
      id: random.hex(64),
      type,
      level,
      timing: 'offline',
      address: token.address,
    },
    'detection',
  )
  book.links.push({
    from: 'sign-in',
    to: 'detection',
    by: 'RequestId',
    value: token.signInId,
    certainty: 'observed',
  })
}

/** Tokens for resources out of the session of a sign-in, from any address: step `tokens`. */
export function renewTokens<Names extends ResourceName>(
  world: World,
  random: Random,
  { victim, address, client, agent }: Intrusion,
  first: Token,
  resources: readonly Names[],
  title: string,
): Readonly<Record<Names, Token>> {
  const { book } = world.recorder
  let time = first.issuedAt + random.between(20, 90) * secondMs
  book.step('tokens', title, 'T1550.001', time)
  const renewed = new Map<ResourceName, Token>()
  for (const resource of resources) {
    const token = signInUser(world, random, {
      time,
      user: victim,
      application: client,
      resource,
      address,
      agent,
      kind: 'non-interactive',
      sessionId: first.sessionId,
      multiFactor: true,
      mark: 'tokens',
    })
    renewed.set(resource, token)
    time += random.between(20, 110) * secondMs
  }
  book.links.push({
    from: 'sign-in',
    to: 'tokens',
    by: 'SessionId',
    value: first.sessionId,
    certainty: 'observed',
  })
  // One token was made for each name.
  return Object.fromEntries(renewed) as Record<Names, Token>
}

/** Clients that a thief of sessions has: they differ from the victim's browser. */
export const replayClients = [
  [clients.office, 'python-requests/2.32.3'],
  [clients.office, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
] as const satisfies readonly (readonly [Application, string])[]
