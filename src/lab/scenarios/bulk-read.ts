import type { Random } from '../random.ts'
import type { StorageCredential } from '../sources/storage.ts'
import { requestStorage } from '../storage-actions.ts'
import type { StorageAccount } from '../tenant.ts'
import type { World } from '../world.ts'

/** Who reads what, from where, with which tools. */
export interface Thief {
  readonly account: StorageAccount
  readonly ip: string
  readonly credential: StorageCredential
  readonly explorer: string
  readonly downloader: string
}

/** Lists containers and blobs; gives when the last list was had. */
export function enumerate(world: World, random: Random, thief: Thief, begin: number): number {
  const { account, ip, credential, explorer } = thief
  world.recorder.book.step('enumerate', 'Containers and blobs are listed', 'T1619', begin)
  const shared = { account, ip, credential, agent: explorer }
  const top = { operation: 'ListContainers', path: '/', query: 'comp=list', responseBytes: 2211 } as const
  requestStorage(world, random, { ...shared, ...top, time: begin }, 'enumerate')
  let time = begin
  for (const container of account.containers) {
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
          responseBytes: random.between(90_000, 900_000),
        },
        'enumerate',
      )
    }
  }
  return time
}

/** Reads many blobs, large ones in ranges; gives when the last was had. */
export function download(world: World, random: Random, thief: Thief, begin: number): number {
  const { account, ip, credential, downloader } = thief
  world.recorder.book.step('download', 'Blobs are read in bulk', 'T1530', begin)
  let time = begin
  const shared = { account, ip, credential, agent: downloader, operation: 'GetBlob' } as const
  for (let file = random.between(90, 130); file > 0; file -= 1) {
    time += random.between(90, 1400)
    const path = `/${random.pick(account.containers)}/2025/record-${1000 + file}.pdf`
    if (random.chance(0.15)) {
      for (let part = 0; part < 3; part += 1) {
        const range = `"downloadRange":"bytes=${part * 8_388_608}-${part * 8_388_608 + 8_388_607}",`
        const partly = { statusCode: 206, responseBytes: 8_388_608, extra: range }
        requestStorage(world, random, { ...shared, ...partly, path, time: time + part * 40 }, 'download')
      }
      continue
    }
    const responseBytes = random.between(200_000, 6_000_000)
    requestStorage(world, random, { ...shared, time, path, responseBytes }, 'download')
  }
  return time
}
