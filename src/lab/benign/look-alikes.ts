import { raiseAlert } from '../alert-actions.ts'
import { callArm, callVault, signInPrincipal, signInUser } from '../actions.ts'
import { clients } from '../applications.ts'
import type { Random } from '../random.ts'
import { keyCredential, makeSas, oauthCredential, requestStorage } from '../storage-actions.ts'
import { usersOf } from '../tenant.ts'
import { dayMs, hourMs, isWorkday, minuteMs, secondMs, startOfDay } from '../time.ts'
import type { World } from '../world.ts'

/** What a scenario tells of itself, so that harmless things can happen close to it. */
export interface Anchor {
  /** When the keys were listed, or a time in the middle where nothing was. */
  readonly time: number
  /** Length of an hour of the story. */
  readonly hour: number
  /** Somebody whose doings are not to be mixed with the story. */
  readonly victimId: string
  /** Key slot that the story does not use. */
  readonly freeSlot: 0 | 1
  /** Address that the story reads from; the tenant's partner shares it. */
  readonly readerAddress: string | undefined
}

const listKeys = {
  operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
  title: 'List Storage Account Keys',
}
const explorer =
  'Microsoft Azure Storage Explorer, 1.40.2, darwin, azcopy-node, 4.3.2 azsdk-js-azure-storage-blob/12.27.0'
const azCopy = 'AzCopy/10.28.0 azsdk-go-azblob/v1.6.0 (go1.24.0; Windows_NT)'

/** Harmless things that look like steps of an attack, each named in the answers with why it is none. */
export function lookAlikes(world: World, random: Random, anchor: Anchor): void {
  exploreByKey(world, random.fork('explore'), anchor)
  forgetPassword(world, random.fork('forget'), anchor)
  exportMonthly(world, random.fork('export'), anchor)
  rebuildSetting(world, random.fork('setting'), anchor)
  rotateSecrets(world, random.fork('secrets'), anchor)
  warnInVain(world, random.fork('alert'), anchor)
  if (anchor.readerAddress !== undefined)
    readFromSharedAddress(world, random.fork('shared'), anchor, anchor.readerAddress)
}

/** Each working day an administrator lists the keys of the documents, and a colleague reads with the one he was given. */
function exploreByKey(world: World, random: Random, anchor: Anchor): void {
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
function readFromSharedAddress(world: World, random: Random, anchor: Anchor, ip: string): void {
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

/** Somebody back from leave mistypes until it works. */
function forgetPassword(world: World, random: Random, anchor: Anchor): void {
  const mark = 'forgotten-password'
  world.recorder.book.decoy(
    mark,
    'Many wrong passwords and then a success, all of one user, from the home they always sign in from.',
  )
  const user = world.tenant.users.find((one) => one.duty === 'staff')
  if (user === undefined) return
  const attempt = {
    user,
    application: clients.officeHome,
    resource: 'graph',
    address: user.home,
    correlationId: random.guid(),
    mark,
  } as const
  let time = anchor.time - random.between(Math.floor(anchor.hour * 2), Math.floor(anchor.hour * 8))
  for (let mistake = random.between(7, 12); mistake > 0; mistake -= 1) {
    signInUser(world, random, { ...attempt, time, errorCode: 50126 })
    time += random.between(9, 50) * secondMs
  }
  signInUser(world, random, { ...attempt, time, multiFactor: true })
}

/** The monthly export: many reads by AzCopy, with an Entra identity, from the office. */
function exportMonthly(world: World, random: Random, anchor: Anchor): void {
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

/** A release that replaces the application account's diagnostic setting: deleted, then written again. */
function rebuildSetting(world: World, random: Random, anchor: Anchor): void {
  const mark = 'setting-replaced'
  world.recorder.book.decoy(
    mark,
    'The pipeline deletes a diagnostic setting and writes it again within a minute; no log stops.',
  )
  const { pipeline } = world.tenant.principals
  const time = anchor.time - Math.floor(anchor.hour * 14) - random.below(anchor.hour)
  const token = signInPrincipal(world, random, time, pipeline, 'arm', {
    agent: 'terraform-provider-azurerm/4.18',
  })
  const resourceId = `${world.tenant.accounts.application.id}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/to-archive`
  callArm(world, random, {
    time: time + 9000,
    token,
    operation: 'Microsoft.Insights/diagnosticSettings/delete',
    title: 'Delete resource diagnostic setting',
    resourceId,
    mark,
  })
  callArm(world, random, {
    time: time + 31_000,
    token,
    operation: 'Microsoft.Insights/diagnosticSettings/write',
    title: 'Create or update resource diagnostic setting',
    resourceId,
    mark,
  })
}

/** A release that reads every secret of the vault. */
function rotateSecrets(world: World, random: Random, anchor: Anchor): void {
  const mark = 'secrets-for-a-release'
  world.recorder.book.decoy(
    mark,
    'All secrets are read in a minute, by the pipeline that reads them at each release, from its own address.',
  )
  const { pipeline } = world.tenant.principals
  let time = anchor.time - Math.floor(anchor.hour * 12) - random.below(anchor.hour)
  const token = signInPrincipal(world, random, time, pipeline, 'vault', {
    agent: 'terraform-provider-azurerm/4.18',
  })
  for (const secret of world.tenant.vault.secrets) {
    time += random.between(300, 3000)
    callVault(world, random, time, token, 'SecretGet', `secrets/${secret.name}/${secret.version}`, {
      clientInfo: 'Go/go1.24 azsdk-go-azsecrets/v1.3.1',
      mark,
    })
  }
}

/** An alert about somebody who worked from home. */
function warnInVain(world: World, random: Random, anchor: Anchor): void {
  const mark = 'alert-in-vain'
  world.recorder.book.decoy(
    mark,
    'Defender reports an unusual location: a member of the data team at home, as often before.',
  )
  const { documents } = world.tenant.accounts
  const [user] = usersOf(world.tenant, 'data')
  if (user === undefined) return
  const time = anchor.time - Math.floor(anchor.hour * 10) - random.below(anchor.hour)
  const alert = {
    time,
    end: time + 5 * minuteMs,
    type: 'Storage.Blob_GeoAnomaly',
    title: 'Access from an unusual location to a storage account',
    description: 'Someone has accessed this storage account from a location that is unusual for it.',
    severity: 'Low',
    tactic: 'InitialAccess',
    technique: 'T1078.004',
    compromised: documents.name,
    resourceId: documents.id,
    subscription: documents.subscription,
    address: user.home.ip,
    extended: { 'Client IP address': user.home.ip, 'Authentication type': 'OAuth' },
  } as const
  raiseAlert(world, random, alert, mark)
}
