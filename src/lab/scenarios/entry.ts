import { clients } from '../applications.ts'
import { callGraph } from '../directory-actions.ts'
import type { Token } from '../identity.ts'
import type { Random } from '../random.ts'
import { signInUser } from '../sign-in-actions.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'
import { type Foothold, assignRole, takeApplication } from './foothold.ts'

/** Password spray, the sign-in that it led to, tokens, a look around, and a role to stay with. */
export function enter(world: World, random: Random, choices: Choices): Foothold {
  const { book } = world.recorder
  const { victim, entrance, hour } = choices
  const sprayed = spray(world, random, choices)
  const sessionId = random.guid()
  const first = signIn(world, random, choices, sprayed, sessionId)
  book.links.push({ from: 'spray', to: 'sign-in', by: 'UserId', value: victim.id, certainty: 'observed' })

  book.step(
    'tokens',
    'Tokens for Microsoft Graph, Resource Manager, storage and Key Vault from the same session',
    'T1550.001',
    first.issuedAt,
  )
  const renew = (resource: 'graph' | 'arm' | 'storage' | 'vault', seconds: number): Token =>
    signInUser(world, random, {
      time: first.issuedAt + seconds * secondMs,
      user: victim,
      application: choices.client,
      resource,
      address: entrance,
      agent: choices.clientAgent,
      kind: 'non-interactive',
      sessionId,
      multiFactor: choices.entry !== 'excluded-client',
      mark: 'tokens',
    })
  const graph = renew('graph', random.between(20, 90))
  const arm = renew('arm', random.between(100, 200))
  const storage = renew('storage', random.between(210, 300))
  const vault = renew('vault', random.between(310, 400))
  book.links.push({ from: 'sign-in', to: 'tokens', by: 'SessionId', value: sessionId, certainty: 'observed' })

  const looked = lookAround(world, random, graph)
  book.links.push({
    from: 'tokens',
    to: 'discovery',
    by: 'SignInActivityId',
    value: graph.id,
    certainty: 'observed',
  })
  const roleAt = looked + random.between(Math.floor(hour * 0.2), hour)
  if (choices.identity === 'user') {
    assignRole(world, random, roleAt, arm, victim.id, 'User')
    book.links.push({
      from: 'tokens',
      to: 'role-assignment',
      by: 'uti',
      value: arm.id,
      certainty: 'observed',
    })
    return { arm, storage, vault, armStep: 'tokens', time: roleAt + 60 * secondMs }
  }
  return takeApplication(world, random, choices, { arm, storage, vault, time: roleAt })
}

function spray(world: World, random: Random, choices: Choices): number {
  const { book } = world.recorder
  const { victim, sprayers, begin, hour } = choices
  book.step('spray', 'Password spray over many users', 'T1110.003', begin)
  const targets = random.shuffle(world.tenant.users.filter((user) => user !== victim)).slice(0, 40)
  const order = [...targets.slice(0, -3), victim, ...targets.slice(-3)]
  let time = begin
  for (let round = 0; round < 2; round += 1) {
    for (const user of order) {
      time += random.between(4, 25) * secondMs
      const caught = user === victim && round === 1 && choices.entry === 'prompt-fatigue'
      const locked = user !== victim && round === 1 && random.chance(0.06)
      signInUser(world, random, {
        time,
        user,
        application: choices.sprayClient,
        resource: 'graph',
        address: random.pick(sprayers),
        agent: sprayAgent,
        errorCode: caught ? 50076 : locked ? 50053 : 50126,
        clientApp: 'Mobile Apps and Desktop clients',
        protocol: 'ropc',
        mark: 'spray',
      })
    }
    time += random.between(Math.floor(hour * 0.3), Math.floor(hour * 0.8))
  }
  return time
}

const sprayAgent = 'python-requests/2.32.3'

function signIn(world: World, random: Random, choices: Choices, after: number, sessionId: string): Token {
  const { book } = world.recorder
  const { victim, entrance, hour } = choices
  let time = after + random.between(Math.floor(hour * 0.5), hour * 3)
  book.step('sign-in', 'Sign-in as the victim from an address new to them', 'T1078.004', time)
  const application = choices.entry === 'excluded-client' ? clients.cli : choices.client
  const attempt = {
    user: victim,
    application,
    resource: 'arm',
    address: entrance,
    agent: choices.clientAgent,
    sessionId,
    correlationId: random.guid(),
    mark: 'sign-in',
  } as const
  if (choices.entry === 'prompt-fatigue') {
    for (let denied = random.between(3, 6); denied > 0; denied -= 1) {
      signInUser(world, random, { ...attempt, time, errorCode: 500121, risk: 'medium' })
      time += random.between(25, 80) * secondMs
    }
  }
  const token = signInUser(world, random, {
    ...attempt,
    time,
    multiFactor: choices.entry === 'prompt-fatigue',
    risk: 'medium',
  })
  book.step('detection', 'Entra ID Protection detects the spray and the unfamiliar sign-in', '', time)
  const detection = {
    user: victim,
    state: 'atRisk',
    correlationId: random.guid(),
    requestId: token.signInId,
    time,
  } as const
  world.recorder.risk(
    {
      ...detection,
      detectedAt: time + random.between(2, 9) * 60_000,
      id: random.hex(64),
      type: 'unfamiliarFeatures',
      level: 'medium',
      timing: 'realtime',
      address: entrance,
    },
    'detection',
  )
  world.recorder.risk(
    {
      ...detection,
      detectedAt: time + random.between(hour, hour * 4),
      id: random.hex(64),
      type: 'passwordSpray',
      level: 'high',
      timing: 'offline',
      address: entrance,
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
  return token
}

const sights = [
  '/users?$top=999',
  '/groups?$top=999',
  '/directoryRoles',
  '/roleManagement/directory/roleAssignments?$expand=principal',
  '/applications?$top=999',
  '/servicePrincipals?$top=999',
  '/identity/conditionalAccess/policies',
  '/organization',
]

/** Asks Microsoft Graph for all that a directory holds; gives when it was done. */
export function lookAround(world: World, random: Random, token: Token): number {
  world.recorder.book.step(
    'discovery',
    'Enumeration of the directory through Microsoft Graph',
    'T1087.004',
    token.issuedAt,
  )
  let time = token.issuedAt
  for (const path of random.shuffle(sights)) {
    for (let page = random.between(1, 3); page > 0; page -= 1) {
      time += random.between(700, 4000)
      const refused = path.startsWith('/identity')
      callGraph(world, random, time, token, path, {
        status: refused ? 403 : 200,
        scopes: 'AuditLog.Read.All Directory.AccessAsUser.All',
        mark: 'discovery',
      })
    }
  }
  return time
}
