import { raiseAlert } from '../alert-actions.ts'
import { callArm, callVault } from '../cloud-actions.ts'
import type { Anchor } from '../benign/look-alikes.ts'
import type { Random } from '../random.ts'
import { isoExactZ, minuteMs, secondMs } from '../time.ts'
import type { World } from '../world.ts'
import { type Choices, describeChoices, drawChoices } from './choices.ts'
import { copyOut } from './copies.ts'
import { enter } from './entry.ts'
import type { Foothold } from './foothold.ts'
import { move } from './movement.ts'
import { steal, type Stolen } from './storage-theft.ts'

/** From a password spray to data outside the tenant and a log switched off. Written at once; the archive orders it. */
export function exfiltration(world: World, random: Random): Anchor {
  const choices = drawChoices(world, random.fork('choices'))
  Object.assign(world.recorder.book.choices, describeChoices(choices))
  const foothold = enter(world, random.fork('entry'), choices)
  let begin = foothold.time
  let stolen: Stolen | undefined
  for (const branch of choices.branches) {
    begin += random.between(Math.floor(choices.hour * 0.3), choices.hour * 2)
    if (branch === 'storage') stolen = steal(world, random.fork('storage'), choices, foothold, begin)
    if (branch === 'network') move(world, random.fork('network'), choices, foothold, begin)
    if (branch === 'vault') readSecrets(world, random.fork('vault'), choices, foothold, begin)
  }
  if (stolen === undefined) throw new Error('no branch took the data')
  leave(world, random.fork('leaving'), choices, foothold, stolen)
  return {
    time: stolen.begun,
    hour: choices.hour,
    victimId: choices.victim.id,
    freeSlot: choices.slot === 0 ? 1 : 0,
    readerAddress: choices.reader.ip,
  }
}

function readSecrets(
  world: World,
  random: Random,
  choices: Choices,
  foothold: Foothold,
  begin: number,
): void {
  const { book } = world.recorder
  const { vault } = world.tenant
  book.step('secrets', 'All secrets of the vault are listed and read', 'T1555.006', begin)
  const clientInfo = choices.explorer.startsWith('AZURECLI')
    ? 'AZURECLI/2.70.0 (MSI) azsdk-python-keyvault-secrets/4.9.0'
    : 'WindowsPowerShell/5.1 Az.KeyVault/6.3.1'
  let time = begin
  callVault(world, random, time, foothold.vault, 'SecretList', 'secrets', {
    clientInfo,
    challenged: true,
    mark: 'secrets',
  })
  for (const secret of random.shuffle(vault.secrets)) {
    time += random.between(300, 4000)
    callVault(world, random, time, foothold.vault, 'SecretGet', `secrets/${secret.name}/${secret.version}`, {
      clientInfo,
      mark: 'secrets',
    })
  }
  const from = foothold.armStep
  book.links.push({ from, to: 'secrets', by: 'uti', value: foothold.vault.id, certainty: 'observed' })
}

/** The copy out and the end of the log, in the order that the seed drew; then what Defender makes of it. */
function leave(world: World, random: Random, choices: Choices, foothold: Foothold, stolen: Stolen): void {
  const { recorder, tenant, end } = world
  const { documents } = tenant.accounts
  const early = choices.tamper === 'before-copy-out'
  const gap = (): number => random.between(Math.floor(choices.hour * 0.1), choices.hour)
  let time = stolen.time
  if (!early) time = copyOut(world, random, stolen.credential, time, true) + gap()
  const tamperedAt = time
  recorder.book.step('tamper', 'The diagnostic setting of the account is deleted', 'T1562.008', tamperedAt)
  callArm(world, random, {
    time: tamperedAt,
    token: foothold.arm,
    role: 'Contributor',
    operation: 'Microsoft.Insights/diagnosticSettings/delete',
    title: 'Delete resource diagnostic setting',
    resourceId: `${documents.id}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/to-archive`,
    mark: 'tamper',
  })
  recorder.book.links.push({
    from: foothold.armStep,
    to: 'tamper',
    by: 'uti',
    value: foothold.arm.id,
    certainty: 'observed',
  })
  const silentFrom = tamperedAt + random.between(90, 300) * secondMs
  recorder.logging.documents.resourceLogUntil = silentFrom
  recorder.book.gaps.push({
    table: 'StorageBlobLogs',
    resource: documents.id,
    from: isoExactZ(silentFrom),
    to: isoExactZ(end),
    why: 'its diagnostic setting was deleted',
  })
  if (early) time = copyOut(world, random, stolen.credential, silentFrom + gap(), false)
  alertLate(world, random, choices, time)
}

/** Defender's alert, in its own export and in the Activity Log. */
function alertLate(world: World, random: Random, choices: Choices, after: number): void {
  const { recorder, tenant } = world
  const { documents } = tenant.accounts
  const time = after + random.between(20 * minuteMs, choices.hour * 2)
  recorder.book.step('alert', 'Defender for Storage reports an unusual amount of data', '', time)
  const alert = {
    time,
    end: time + 10 * minuteMs,
    type: 'Storage.Blob_DataExfiltration.AmountOfDataAnomaly',
    title: 'Unusual amount of data extracted from a storage account',
    description:
      'An unusually large amount of data has been extracted compared to recent activity on this storage container.',
    severity: 'Low',
    tactic: 'Exfiltration',
    technique: 'T1537',
    compromised: documents.name,
    resourceId: documents.id,
    subscription: documents.subscription,
    address: choices.reader.ip,
    extended: {
      'Client IP address': choices.reader.ip,
      'User agent': choices.downloader,
      'Authentication type': choices.means === 'account-key' ? 'Account key' : 'SAS',
    },
  } as const
  raiseAlert(world, random, alert, 'alert')
}
