import type { Anchor } from '../benign/look-alikes.ts'
import type { Token } from '../identity.ts'
import { hostileAddresses } from '../people.ts'
import type { Random } from '../random.ts'
import { keyCredential } from '../storage-actions.ts'
import { noteKey } from './keys.ts'
import { usersOf } from '../tenant.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import { download, enumerate, type Thief } from './bulk-read.ts'
import { clientAgents, downloaders, explorers, storyBegins, storyHour } from './choices.ts'
import {
  deleteBlobs,
  deleteMachines,
  encryptByForeignKey,
  leaveNotes,
  removeLocks,
  removeRecovery,
} from './destruction.ts'
import { renewTokens, tireOut } from './stolen-session.ts'
import { listKeys } from './storage-theft.ts'

/** An administrator's account: keys, a copy of the data, then no way back and nothing left but a note. */
export function ransom(world: World, random: Random): Anchor {
  const { tenant, recorder } = world
  const { book } = recorder
  const draw = random.fork('choices')
  const hour = storyHour(world)
  const [address, reader] = hostileAddresses(draw, 2)
  if (address === undefined || reader === undefined) throw new Error('too few addresses')
  const [client, agent] = draw.pick(clientAgents)
  const intrusion = { victim: draw.pick(usersOf(tenant, 'administrator')), address, client, agent }
  const slot = draw.chance(0.5) ? 0 : 1
  const isTheftFirst = draw.chance(0.5)
  const begin = world.start + Math.floor((world.end - world.start) * (storyBegins + draw.unit() * 0.06))
  Object.assign(book.choices, {
    victim: intrusion.victim.upn,
    victimId: intrusion.victim.id,
    entranceAddress: address.ip,
    readerAddress: reader.ip,
    client: client.name,
    keySlot: slot === 0 ? 'key1' : 'key2',
    order: isTheftFirst ? 'theft recovery' : 'recovery theft',
  })
  const pause = (most: number): number => random.between(Math.floor(hour * 0.1), Math.floor(hour * most))

  const first = tireOut(world, random.fork('sign-in'), intrusion, begin)
  const { arm } = renewTokens(
    world,
    random.fork('tokens'),
    intrusion,
    first,
    ['arm'],
    'A token for Resource Manager from the same session',
  )
  let time = arm.issuedAt + pause(1)
  const listed = time
  const foothold = { arm, armStep: 'tokens' }
  for (const account of [tenant.accounts.documents, tenant.accounts.legacy, tenant.accounts.application]) {
    listKeys(world, random, foothold, time, account)
    time += random.between(20, 300) * secondMs
  }
  const key = tenant.accounts.documents.keys[slot]
  const account = tenant.accounts.documents
  noteKey(book, account, key)
  const thief: Thief = {
    account,
    ip: reader.ip,
    credential: keyCredential(key),
    explorer: draw.pick(explorers),
    downloader: draw.pick(downloaders),
  }
  const theft = (): void => {
    time = enumerate(world, random.fork('enumerate'), thief, time + pause(1))
    book.links.push({
      from: 'list-keys',
      to: 'enumerate',
      by: 'account and key hash',
      value: key.hash,
      certainty: 'inferred',
    })
    time = download(world, random.fork('download'), thief, time + pause(1))
    linkCredential(world, 'download', thief)
  }
  const recovery = (): void => {
    time = removeLocks(world, random.fork('locks'), arm, time + pause(1))
    time = removeRecovery(world, random.fork('recovery'), arm, time + pause(0.5))
    for (const step of ['locks', 'recovery']) linkToken(world, step, arm)
  }
  for (const act of isTheftFirst ? [theft, recovery] : [recovery, theft]) act()
  time = encryptByForeignKey(world, random.fork('encryption'), arm, time + pause(1))
  linkToken(world, 'foreign-key', arm)
  time = deleteBlobs(world, random.fork('blobs'), thief, time + pause(0.5))
  linkCredential(world, 'delete-blobs', thief)
  time = leaveNotes(world, random.fork('notes'), thief, time + 20 * secondMs)
  linkCredential(world, 'note', thief)
  deleteMachines(world, random.fork('machines'), arm, time + pause(0.5))
  linkToken(world, 'delete-machines', arm)
  return {
    time: listed,
    hour,
    victimId: intrusion.victim.id,
    freeSlot: slot === 0 ? 1 : 0,
    readerAddress: reader.ip,
  }
}

function linkToken(world: World, to: string, token: Token): void {
  world.recorder.book.links.push({ from: 'tokens', to, by: 'uti', value: token.id, certainty: 'observed' })
}

function linkCredential(world: World, to: string, { credential }: Thief): void {
  const link = { from: 'enumerate', to, by: 'AuthenticationHash', value: credential.tokenHash } as const
  world.recorder.book.links.push({ ...link, certainty: 'observed' })
}
