import { callArm } from '../cloud-actions.ts'
import type { Random } from '../random.ts'
import type { StorageCredential } from '../sources/storage.ts'
import { requestStorage } from '../storage-actions.ts'
import type { StorageAccount } from '../tenant.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'
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

  book.step('enumerate', 'Containers and blobs are listed', 'T1619', time)
  const shared = { account: documents, ip: reader.ip, credential }
  requestStorage(
    world,
    random,
    {
      ...shared,
      time,
      operation: 'ListContainers',
      path: '/',
      query: 'comp=list',
      agent: choices.explorer,
      responseBytes: 2211,
    },
    'enumerate',
  )
  for (const container of documents.containers) {
    for (let page = random.between(1, 3); page > 0; page -= 1) {
      time += random.between(800, 9000)
      requestStorage(
        world,
        random,
        {
          ...shared,
          time,
          operation: 'ListBlobs',
          path: `/${container}`,
          query: 'restype=container&comp=list&delimiter=%2F&maxresults=5000',
          agent: choices.explorer,
          responseBytes: random.between(90_000, 900_000),
        },
        'enumerate',
      )
    }
  }
  time += random.between(Math.floor(hour * 0.2), hour * 2)
  time = download(world, random, choices, credential, time)
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

function listKeys(
  world: World,
  random: Random,
  foothold: Foothold,
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

function download(
  world: World,
  random: Random,
  choices: Choices,
  credential: StorageCredential,
  begin: number,
): number {
  const { documents } = world.tenant.accounts
  world.recorder.book.step('download', 'Blobs are read in bulk', 'T1530', begin)
  let time = begin
  const shared = {
    account: documents,
    ip: choices.reader.ip,
    credential,
    agent: choices.downloader,
    operation: 'GetBlob',
  } as const
  for (let file = random.between(90, 130); file > 0; file -= 1) {
    time += random.between(90, 1400)
    const path = `/${random.pick(documents.containers)}/2025/record-${1000 + file}.pdf`
    if (random.chance(0.15)) {
      for (let part = 0; part < 3; part += 1) {
        const range = `"downloadRange":"bytes=${part * 8_388_608}-${part * 8_388_608 + 8_388_607}",`
        requestStorage(
          world,
          random,
          {
            ...shared,
            time: time + part * 40,
            path,
            statusCode: 206,
            responseBytes: 8_388_608,
            extra: range,
          },
          'download',
        )
      }
      continue
    }
    requestStorage(
      world,
      random,
      { ...shared, time, path, responseBytes: random.between(200_000, 6_000_000) },
      'download',
    )
  }
  return time
}
