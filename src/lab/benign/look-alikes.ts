import { raiseAlert } from '../alert-actions.ts'
import { clients } from '../applications.ts'
import { callArm, callVault } from '../cloud-actions.ts'
import type { Random } from '../random.ts'
import { signInPrincipal, signInUser } from '../sign-in-actions.ts'
import { usersOf } from '../tenant.ts'
import { minuteMs, secondMs } from '../time.ts'
import type { World } from '../world.ts'
import { exploreByKey, readFromSharedAddress, exportMonthly } from './look-alike-readers.ts'

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
