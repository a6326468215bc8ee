import type { Anchor } from '../benign/look-alikes.ts'
import type { Random } from '../random.ts'
import { keyCredential } from '../storage-actions.ts'
import { noteKey } from './keys.ts'
import { usersOf } from '../tenant.ts'
import type { World } from '../world.ts'
import { download, enumerate } from './bulk-read.ts'
import { downloaders, explorers, storyBegins, storyHour } from './choices.ts'
import { copyOut } from './copies.ts'

/** A key that somebody has known for months, used from behind an administrator's address: no log tells how it was had. */
export function oldKey(world: World, random: Random): Anchor {
  const { tenant, recorder } = world
  const { book } = recorder
  const draw = random.fork('choices')
  const hour = storyHour(world)
  const administrator = draw.pick(usersOf(tenant, 'administrator'))
  const ip = draw.pick([administrator.home, administrator.office.address]).ip
  const slot = draw.chance(0.5) ? 0 : 1
  const begin = world.start + Math.floor((world.end - world.start) * (storyBegins + draw.unit() * 0.1))
  const account = tenant.accounts.documents
  const key = account.keys[slot]
  const credential = keyCredential(key)
  Object.assign(book.choices, { administrator: administrator.upn, readerAddress: ip, keySlot: key.slot })
  noteKey(book, account, key)
  book.step(
    'key-known',
    `A key of ${account.name} was had`,
    'T1552.001',
    world.start,
    'It was had months before the evidence begins; who listed it, or where it was read, no log tells.',
  )
  const pause = (): number => random.between(Math.floor(hour * 0.2), hour)
  const thief = {
    account,
    ip,
    credential,
    explorer: draw.pick(explorers),
    downloader: draw.pick(downloaders),
  }
  let time = enumerate(world, random.fork('enumerate'), thief, begin)
  time = download(world, random.fork('download'), thief, time + pause())
  book.links.push({
    from: 'enumerate',
    to: 'download',
    by: 'AuthenticationHash',
    value: credential.tokenHash,
    certainty: 'observed',
  })
  copyOut(world, random.fork('copy-out'), credential, time + pause(), true)
  return { time: begin, hour, victimId: '', freeSlot: slot === 0 ? 1 : 0, readerAddress: undefined }
}
