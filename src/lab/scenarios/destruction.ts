import { callArm } from '../cloud-actions.ts'
import type { Token } from '../identity.ts'
import type { Random } from '../random.ts'
import { requestStorage } from '../storage-actions.ts'
import { secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Thief } from './bulk-read.ts'

interface Deed {
  readonly operation: string
  readonly title: string
  readonly resourceId: string
  readonly properties?: Readonly<Record<string, string>>
}

/** Calls of the control plane one after another, each under the mark of its step; gives when the last began. */
function act(
  world: World,
  random: Random,
  token: Token,
  begin: number,
  mark: string,
  deeds: readonly Deed[],
): number {
  let time = begin
  for (const deed of deeds) {
    callArm(world, random, {
      ...deed,
      time,
      token,
      role: 'Owner',
      durationMs: random.between(300, 9000),
      mark,
    })
    time += random.between(5, 60) * secondMs
  }
  return time
}

/** Locks of the resource group and of the accounts are removed. */
export function removeLocks(world: World, random: Random, token: Token, begin: number): number {
  const { documents, legacy } = world.tenant.accounts
  world.recorder.book.step('locks', 'Locks that keep accounts from deletion are removed', 'T1562', begin)
  const scopes = [documents.id, legacy.id]
  return act(
    world,
    random,
    token,
    begin,
    'locks',
    scopes.map((scope) => ({
      operation: 'Microsoft.Authorization/locks/delete',
      title: 'Delete management locks',
      resourceId: `${scope}/providers/Microsoft.Authorization/locks/keep`,
    })),
  )
}

/** Soft delete off, protected items, restore points and snapshots gone. */
export function removeRecovery(world: World, random: Random, token: Token, begin: number): number {
  const { machines } = world.tenant
  world.recorder.book.step('recovery', 'Backups, restore points and snapshots are removed', 'T1490', begin)
  const group = machines.web.id.replace(/\/providers\/.*$/, '')
  const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/rsv-meridian`
  const kept = [machines.web, machines.application, machines.database]
  return act(world, random, token, begin, 'recovery', [
    {
      operation: 'Microsoft.RecoveryServices/vaults/backupconfig/write',
      title: 'Update Backup Vault Config',
      resourceId: `${vault}/backupconfig/vaultconfig`,
      properties: {
        requestbody: JSON.stringify({
          properties: { softDeleteFeatureState: 'Disabled', enhancedSecurityState: 'Disabled' },
        }),
      },
    },
    ...kept.map(({ name }) => ({
      operation: 'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete',
      title: 'Delete Backup Protected Item',
      resourceId: `${vault}/backupFabrics/Azure/protectionContainers/iaasvmcontainer;${name}/protectedItems/vm;${name}`,
    })),
    ...kept.map(({ name }) => ({
      operation: 'Microsoft.Compute/restorePointCollections/delete',
      title: 'Delete Restore Point Collection',
      resourceId: `${group}/providers/Microsoft.Compute/restorePointCollections/azurebackup_${name}`,
    })),
    ...kept.map(({ name }) => ({
      operation: 'Microsoft.Compute/snapshots/delete',
      title: 'Delete Snapshot',
      resourceId: `${group}/providers/Microsoft.Compute/snapshots/snap-${name}`,
    })),
  ])
}

/** Two accounts are made to use a key of a vault that is not the tenant's. */
export function encryptByForeignKey(world: World, random: Random, token: Token, begin: number): number {
  const { documents, legacy } = world.tenant.accounts
  world.recorder.book.step(
    'foreign-key',
    'Accounts are encrypted with a key of a foreign vault',
    'T1486',
    begin,
  )
  const body = {
    properties: {
      encryption: {
        keySource: 'Microsoft.Keyvault',
        keyvaultproperties: {
          keyname: `k${random.hex(6)}`,
          keyvaulturi: `https://kv-${random.hex(8)}.vault.azure.net/`,
        },
      },
    },
  }
  return act(
    world,
    random,
    token,
    begin,
    'foreign-key',
    [documents, legacy].map(({ id }) => ({
      operation: 'Microsoft.Storage/storageAccounts/write',
      title: 'Create/Update Storage Account',
      resourceId: id,
      properties: { requestbody: JSON.stringify(body) },
    })),
  )
}

/** Blobs are deleted with the stolen key. */
export function deleteBlobs(world: World, random: Random, thief: Thief, begin: number): number {
  const { account, ip, credential, downloader } = thief
  world.recorder.book.step('delete-blobs', 'Blobs are deleted in bulk', 'T1485', begin)
  let time = begin
  for (let file = random.between(160, 220); file > 0; file -= 1) {
    time += random.between(40, 700)
    const path = `/${random.pick(account.containers)}/2025/record-${1000 + file}.pdf`
    requestStorage(
      world,
      random,
      { account, ip, credential, agent: downloader, operation: 'DeleteBlob', path, time },
      'delete-blobs',
    )
  }
  return time
}

/** A note in every container. */
export function leaveNotes(world: World, random: Random, thief: Thief, begin: number): number {
  const { account, ip, credential, explorer } = thief
  world.recorder.book.step('note', 'A demand for ransom is left in every container', 'T1491', begin)
  const name = random.pick(['READ_ME_TO_RESTORE.txt', 'HOW-TO-RECOVER-FILES.html', '_RESTORE_README_.txt'])
  let time = begin
  for (const container of account.containers) {
    time += random.between(500, 4000)
    const path = `/${container}/${name}`
    requestStorage(
      world,
      random,
      { account, ip, credential, agent: explorer, operation: 'PutBlob', path, time, requestBytes: 1822 },
      'note',
    )
  }
  return time
}

/** Machines and their disks are deleted. */
export function deleteMachines(world: World, random: Random, token: Token, begin: number): number {
  world.recorder.book.step('delete-machines', 'Virtual machines and their disks are deleted', 'T1485', begin)
  const machines = Object.values(world.tenant.machines)
  return act(world, random, token, begin, 'delete-machines', [
    ...machines.map(({ id }) => ({
      operation: 'Microsoft.Compute/virtualMachines/delete',
      title: 'Delete Virtual Machine',
      resourceId: id,
    })),
    ...machines.map(({ id }) => ({
      operation: 'Microsoft.Compute/disks/delete',
      title: 'Delete Disk',
      resourceId: `${id.replace('/virtualMachines/', '/disks/')}_os`,
    })),
  ])
}
