import { callArm } from '../cloud-actions.ts'
import type { Random } from '../random.ts'
import type { StorageCredential } from '../sources/storage.ts'
import type { StorageAccount } from '../tenant.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'
import { download, enumerate } from './bulk-read.ts'
import { readBlind, stage } from './copies.ts'
import type { Foothold } from './foothold.ts'
import { makeMeans } from './means.ts'

export interface Stolen {
  readonly begun: number
  readonly time: number
  readonly credential: StorageCredential
}

/** The data leaves: keys, a signature or the key itself, a list of what there is, reads, copies. Gives when and with what. */
export function steal(
  world: World,
  random: Random,
  choices: Choices,
  foothold: Foothold,
  begin: number,
): Stolen {
  const { tenant, recorder } = world
  const { book } = recorder
  const { documents, archive, application } = tenant.accounts
  const { hour, reader } = choices
  let time = begin
  for (const account of [documents, ...random.shuffle([archive, application])]) {
    listKeys(world, random, foothold, time, account)
    time += random.between(30, 900) * secondMs
  }
  time += random.between(Math.floor(hour * 0.1), hour)
  const credential = makeMeans(world, random, choices, foothold, time)
  time += random.between(60, 1500) * secondMs

  const thief = {
    account: documents,
    ip: reader.ip,
    credential,
    explorer: choices.explorer,
    downloader: choices.downloader,
  }
  time = enumerate(world, random, thief, time)
  time += random.between(Math.floor(hour * 0.2), hour * 2)
  time = download(world, random, thief, time)
  book.links.push({
    from: 'enumerate',
    to: 'download',
    by: 'AuthenticationHash',
    value: credential.tokenHash,
    certainty: 'observed',
  })

  time += random.between(Math.floor(hour * 0.2), hour)
  time = stage(world, random, choices, credential, time)
  book.links.push({
    from: 'enumerate',
    to: 'stage',
    by: 'AuthenticationHash',
    value: credential.tokenHash,
    certainty: 'observed',
  })
  time += random.between(Math.floor(hour * 0.2), hour)
  time = readBlind(world, random, choices, time)
  time += random.between(Math.floor(hour * 0.2), hour)
  return { begun: begin, time, credential }
}

/** Keys of an account are listed: step `list-keys`, for accounts other than the documents with their role in it. */
export function listKeys(
  world: World,
  random: Random,
  foothold: Pick<Foothold, 'arm' | 'armStep'>,
  time: number,
  account: StorageAccount,
): void {
  const { book } = world.recorder
  const step = account.role === 'documents' ? 'list-keys' : `list-keys-${account.role}`
  book.step(step, `Keys of ${account.name} are listed`, 'T1528', time)
  callArm(world, random, {
    time,
    token: foothold.arm,
    role: 'Storage Account Contributor',
    operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
    title: 'List Storage Account Keys',
    resourceId: account.id,
    mark: step,
  })
  book.links.push({
    from: foothold.armStep,
    to: step,
    by: 'uti',
    value: foothold.arm.id,
    certainty: 'observed',
  })
}
