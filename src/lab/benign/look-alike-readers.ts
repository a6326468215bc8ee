import { clients } from '../applications.ts'
import { callArm } from '../cloud-actions.ts'
import type { Random } from '../random.ts'
import { signInUser } from '../sign-in-actions.ts'
import { keyCredential, makeSas, oauthCredential, requestStorage } from '../storage-actions.ts'
import { usersOf } from '../tenant.ts'
import { dayMs, hourMs, isWorkday, minuteMs, secondMs, startOfDay } from '../time.ts'
import type { World } from '../world.ts'
import type { Anchor } from './look-alikes.ts'

const listKeys = {
  operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
  title: 'List Storage Account Keys',
}
const explorer =
  'Microsoft Azure Storage Explorer, 1.40.2, darwin, azcopy-node, 4.3.2 azsdk-js-azure-storage-blob/12.27.0'
const azCopy = 'AzCopy/10.28.0 azsdk-go-azblob/v1.6.0 (go1.24.0; Windows_NT)'

/** Each working day an administrator lists the keys of the documents, and a colleague reads with the one he was given. */
export function exploreByKey(world: World, random: Random, anchor: Anchor): void {
  world.recorder.book.decoy(
    'keys-for-a-colleague',
    'Another administrator lists the same keys, and a reader by account key follows; both have done so from the same places with the same tool on the days before.',
  )
  const { documents } = world.tenant.accounts
  const administrator = usersOf(world.tenant, 'administrator').find((user) => user.id !== anchor.victimId)
  const [reader] = usersOf(world.tenant, 'data')
  if (administrator === undefined || reader === undefined) return
  const days: number[] = []
  for (let day = world.start; day < startOfDay(anchor.time); day += dayMs) {
    if (isWorkday(day + 12 * hourMs, 0)) days.push(day + 10 * hourMs + random.below(90 * minuteMs))
  }
  const last = anchor.time - random.between(Math.floor(anchor.hour * 0.2), Math.floor(anchor.hour * 0.6))
  for (const begin of [...days, last]) {
    const mark = 'keys-for-a-colleague'
    const token = signInUser(world, random, {
      time: begin,
      user: administrator,
      application: clients.portal,
      resource: 'arm',
      address: administrator.office.address,
      multiFactor: true,
    })
    callArm(world, random, {
      time: begin + 40 * secondMs,
      token,
      role: 'Owner',
      ...listKeys,
      resourceId: documents.id,
      mark,
    })
    const shared = {
      account: documents,
      ip: reader.office.address.ip,
      credential: keyCredential(documents.keys[anchor.freeSlot]),
      agent: explorer,
    }
    let time = begin + random.between(2, 6) * minuteMs
    requestStorage(
      world,
      random,
      { ...shared, time, operation: 'ListContainers', path: '/', query: 'comp=list', responseBytes: 2211 },
      mark,
    )
    requestStorage(
      world,
      random,
      {
        ...shared,
        time: time + 3000,
        operation: 'ListBlobs',
        path: '/invoices',
        query: 'restype=container&comp=list&delimiter=%2F',
        responseBytes: 60_110,
      },
      mark,
    )
    for (let read = random.between(5, 12); read > 0; read -= 1) {
      time += random.between(4, 40) * secondMs
      requestStorage(
        world,
        random,
        {
          ...shared,
          time,
          operation: 'GetBlob',
          path: `/invoices/2026/file-${random.between(1, 3000)}.pdf`,
          responseBytes: random.between(20_000, 900_000),
        },
        mark,
      )
    }
  }
}

/** A partner reads another account through the same way out to the internet as the attacker. */
export function readFromSharedAddress(world: World, random: Random, anchor: Anchor, ip: string): void {
  const mark = 'shared-address'
  world.recorder.book.decoy(
    mark,
    "Reads from the attacker's address with a SAS of another account: a partner behind the same provider, known for days.",
  )
  const { application } = world.tenant.accounts
  const { credential } = makeSas(random, application.keys[0], {
    kind: 'service',
    permissions: 'r',
    from: world.start - 40 * dayMs,
    to: world.end + 90 * dayMs,
  })
  const agent = 'azsdk-java-azure-storage-blob/12.28.0 (17.0.13; Linux; 6.1.0)'
  const step = Math.max(anchor.hour * 6, 2 * hourMs)
  for (
    let time = world.start + random.below(hourMs);
    time < world.end - minuteMs;
    time += step + random.below(step)
  ) {
    for (let read = random.between(2, 5); read > 0; read -= 1) {
      requestStorage(
        world,
        random,
        {
          time: time + read * 900,
          account: application,
          operation: 'GetBlob',
          path: `/exchange/outbound/manifest-${random.between(1, 900)}.xml`,
          ip,
          credential,
          agent,
          responseBytes: random.between(2000, 60_000),
        },
        mark,
      )
    }
  }
}

/** The monthly export: many reads by AzCopy, with an Entra identity, from the office. */
export function exportMonthly(world: World, random: Random, anchor: Anchor): void {
  const mark = 'monthly-export'
  world.recorder.book.decoy(
    mark,
    'A bulk read by AzCopy, by a member of the data team with their own identity from their own office.',
  )
  const { documents } = world.tenant.accounts
  const user = usersOf(world.tenant, 'data').at(-1)
  if (user === undefined) return
  const begin = Math.max(
    world.start + hourMs,
    anchor.time - random.between(Math.floor(anchor.hour * 20), Math.floor(anchor.hour * 30)),
  )
  const token = signInUser(world, random, {
    time: begin,
    user,
    application: clients.azCopy,
    resource: 'storage',
    address: user.office.address,
    agent: azCopy,
    clientApp: 'Mobile Apps and Desktop clients',
    protocol: 'deviceCode',
    multiFactor: true,
    mark,
  })
  const shared = {
    account: documents,
    ip: user.office.address.ip,
    credential: oauthCredential(random, token, world.tenant, documents),
    agent: azCopy,
  }
  let time = begin + 20 * secondMs
  requestStorage(
    world,
    random,
    {
      ...shared,
      time,
      operation: 'ListBlobs',
      path: '/customs',
      query: 'restype=container&comp=list',
      responseBytes: 210_440,
    },
    mark,
  )
  for (let file = 1; file <= 80; file += 1) {
    time += random.between(120, 1500)
    requestStorage(
      world,
      random,
      {
        ...shared,
        time,
        operation: 'GetBlob',
        path: `/customs/2026/02/declaration-${file}.pdf`,
        responseBytes: random.between(90_000, 2_000_000),
      },
      mark,
    )
  }
}
