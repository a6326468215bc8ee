import type { Anchor } from '../benign/look-alikes.ts'
import { clients } from '../applications.ts'
import { auditTarget, changeDirectory } from '../directory-actions.ts'
import type { Token } from '../identity.ts'
import { type Address, hostileAddresses } from '../people.ts'
import type { Random } from '../random.ts'
import { signInUser } from '../sign-in-actions.ts'
import { oauthCredential } from '../storage-actions.ts'
import { usersOf } from '../tenant.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import { download, enumerate } from './bulk-read.ts'
import { downloaders, explorers, storyBegins, storyHour } from './choices.ts'
import { lookAround } from './entry.ts'
import { detect, type Intrusion, renewTokens, replayClients } from './stolen-session.ts'

/** A page in the middle: the session that it took is used elsewhere, for mail, a device of its own, and the data. */
export function session(world: World, random: Random): Anchor {
  const { tenant, recorder } = world
  const { book } = recorder
  const draw = random.fork('choices')
  const hour = storyHour(world)
  const [proxy, address] = hostileAddresses(draw, 2)
  const [victim] = usersOf(tenant, 'data')
  if (proxy === undefined || address === undefined || victim === undefined) throw new Error('too few')
  const [client, agent] = draw.pick(replayClients)
  const intrusion: Intrusion = { victim, address, client, agent }
  const proxyAgent = draw.pick([victim.agent, 'axios/1.7.9'])
  const begin = world.start + Math.floor((world.end - world.start) * (storyBegins + draw.unit() * 0.06))
  Object.assign(book.choices, {
    victim: victim.upn,
    victimId: victim.id,
    proxyAddress: proxy.ip,
    entranceAddress: address.ip,
    readerAddress: address.ip,
    agent,
  })
  const pause = (most: number): number => random.between(Math.floor(hour * 0.1), Math.floor(hour * most))

  const first = passThrough(world, random.fork('sign-in'), intrusion, proxy, proxyAgent, begin)
  const { graph, exchange, devices, storage } = renewTokens(
    world,
    random.fork('tokens'),
    intrusion,
    first,
    ['graph', 'exchange', 'devices', 'storage'],
    'The session is used from another address for tokens',
  )
  let time = lookAround(world, random.fork('discovery'), graph)
  linkToken(world, 'discovery', graph)
  registerDevice(world, random.fork('device'), devices, devices.issuedAt + random.between(60, 900) * secondMs)
  time = useMailbox(world, random.fork('mail'), intrusion, exchange, time + pause(1))
  const account = tenant.accounts.documents
  const credential = oauthCredential(random.fork('storage'), storage, tenant, account)
  const thief = {
    account,
    ip: address.ip,
    credential,
    explorer: draw.pick(explorers),
    downloader: draw.pick(downloaders),
  }
  const listed = time + pause(0.5)
  time = enumerate(world, random.fork('enumerate'), thief, listed)
  download(world, random.fork('download'), thief, time + pause(1))
  const byRequester = { by: 'RequesterObjectId', value: victim.id } as const
  book.links.push(
    { from: 'tokens', to: 'enumerate', ...byRequester, by: 'identity and address', certainty: 'inferred' },
    { from: 'enumerate', to: 'download', ...byRequester, certainty: 'observed' },
  )
  return { time: listed, hour, victimId: victim.id, freeSlot: 0, readerAddress: address.ip }
}

/** The victim signs in at a page that passes all on: the sign-in comes from the page's own address, without their device. */
function passThrough(
  world: World,
  random: Random,
  intrusion: Intrusion,
  proxy: Address,
  agent: string,
  time: number,
): Token {
  const { victim } = intrusion
  world.recorder.book.step('sign-in', 'The victim signs in through a page in the middle', 'T1557', time)
  const token = signInUser(world, random, {
    time,
    user: victim,
    application: clients.officeHome,
    resource: 'graph',
    address: proxy,
    agent,
    isRelayed: true,
    multiFactor: true,
    risk: 'medium',
    mark: 'sign-in',
  })
  detect(world, random, intrusion, token, 'attackerinTheMiddle', 'high')
  return token
}

function registerDevice(world: World, random: Random, token: Token, time: number): void {
  const { actor } = token
  if (actor.kind !== 'user') throw new Error('not a user')
  const { user } = actor
  world.recorder.book.step('device', 'A device is registered in the name of the victim', 'T1098.005', time)
  const device = {
    id: random.guid(),
    displayName: `DESKTOP-${random.hex(7).toUpperCase()}`,
    type: 'Device',
    userPrincipalName: null,
  } as const
  const owner = { id: user.id, displayName: null, type: 'User', userPrincipalName: user.upn } as const
  const shared = { actor, address: token.address.ip, mark: 'device' } as const
  changeDirectory(world, random, {
    ...shared,
    time,
    activity: 'Register device',
    category: 'Device',
    operationType: 'Add',
    service: 'Device Registration Service',
    targets: [auditTarget(device, 'DisplayName', [], [device.displayName])],
  })
  changeDirectory(world, random, {
    ...shared,
    time: time + 900,
    activity: 'Add registered owner to device',
    category: 'Device',
    operationType: 'Assign',
    targets: [auditTarget(owner, 'Device.DisplayName', null, device.displayName)],
  })
  world.recorder.book.links.push({
    from: 'tokens',
    to: 'device',
    by: 'identity and address',
    value: user.id,
    certainty: 'inferred',
  })
}

/** Mail is read, and a rule sees to it that the victim learns nothing. */
function useMailbox(
  world: World,
  random: Random,
  { victim, address }: Intrusion,
  token: Token,
  begin: number,
): number {
  const { recorder } = world
  recorder.book.step('mail', 'Mail is read through the stolen session', 'T1114.002', begin)
  const shared = { user: victim, address: address.ip, token }
  let time = begin
  for (let read = random.between(14, 30); read > 0; read -= 1) {
    time += random.between(1, 20) * secondMs
    recorder.unified(
      {
        ...shared,
        time,
        id: random.guid(),
        recordType: 'ExchangeItemAggregated',
        operation: 'MailItemsAccessed',
        object: '',
      },
      'mail',
    )
  }
  time += random.between(30, 400) * secondMs
  recorder.book.step('mail-rule', 'A rule of the mailbox hides answers', 'T1564.008', time)
  recorder.unified(
    {
      ...shared,
      time,
      id: random.guid(),
      recordType: 'ExchangeAdmin',
      operation: 'New-InboxRule',
      object: `${victim.upn}\\.`,
      parameters: {
        Name: '.',
        SubjectOrBodyContainsWords: 'invoice;payment;security;password',
        ...random.pick([
          { MoveToFolder: 'RSS Feeds', MarkAsRead: 'True' },
          { DeleteMessage: 'True' },
          { ForwardTo: `archive@mail-${random.hex(4)}.example` },
        ]),
        StopProcessingRules: 'True',
      },
    },
    'mail-rule',
  )
  for (const step of ['mail', 'mail-rule']) linkToken(world, step, token)
  return time
}

function linkToken(world: World, to: string, token: Token): void {
  const by = to === 'discovery' ? 'SignInActivityId' : 'UniqueTokenId'
  world.recorder.book.links.push({ from: 'tokens', to, by, value: token.id, certainty: 'observed' })
}
