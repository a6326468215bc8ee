import { createHash } from 'node:crypto'
import { makeResources, type Resources } from './applications.ts'
import { type Address, makePeople, type User } from './people.ts'
import type { Random } from './random.ts'

export interface StorageAccount {
  readonly name: string
  readonly role: 'documents' | 'application' | 'archive' | 'legacy'
  readonly subscription: string
  readonly resourceGroup: string
  readonly id: string
  readonly location: string
  readonly containers: readonly string[]
  readonly keys: readonly [AccountKey, AccountKey]
}

export interface AccountKey {
  readonly slot: 'key1' | 'key2'
  /** Base64, as the portal shows it. */
  readonly secret: string
  /** Upper-case hex of the SHA-256 of the key's bytes, as the logs show it. */
  readonly hash: string
}

/** An application or managed identity of the tenant. */
export interface Principal {
  readonly kind: 'application' | 'managed-identity'
  readonly name: string
  readonly appId: string
  readonly objectId: string
  readonly address: Address | undefined
  /** Id of the secret that it signs in with; '' for managed identities. */
  readonly keyId: string
  /** Managed identities: the resource that owns it. */
  readonly mirid?: string
}

export interface VirtualMachine {
  readonly name: string
  readonly ip: string
  readonly mac: string
  readonly id: string
  readonly log: FlowLog
  /** Runs at all hours, or only by day from Monday to Friday. */
  readonly alwaysOn: boolean
  readonly role: 'web' | 'application' | 'database' | 'jump' | 'build' | 'legacy'
}

export interface FlowLog {
  readonly kind: 'nsg-v1' | 'nsg-v2' | 'vnet'
  readonly name: string
  readonly subscription: string
  readonly resourceGroup: string
  /** The network security group's resource id, in the case that the resource was made with. */
  readonly groupId: string
  readonly systemId: string
  /** What a VNet flow log watches. */
  readonly targetId: string
}

export interface Vault {
  readonly name: string
  readonly id: string
  readonly subscription: string
  readonly secrets: readonly { readonly name: string; readonly version: string }[]
}

export interface Tenant {
  readonly id: string
  readonly domain: string
  readonly subscriptions: readonly [string, string]
  readonly managementGroup: string
  readonly resources: Resources
  readonly users: readonly User[]
  readonly accounts: Readonly<Record<StorageAccount['role'], StorageAccount>>
  readonly machines: Readonly<Record<VirtualMachine['role'], VirtualMachine>>
  readonly vault: Vault
  readonly principals: Readonly<
    Record<'pipeline' | 'reports' | 'backup' | 'appService' | 'function' | 'machine', Principal>
  >
}

export const location = 'westeurope'

const accountWords = { documents: 'docs', application: 'app', archive: 'arch', legacy: 'depot' } as const

/** SHA-256 as storage logs print it: upper-case hex. */
export function sha256Upper(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex').toUpperCase()
}

/** The tenant of a seed: who and what there is, nothing that happens. */
export function makeTenant(random: Random, scale: number): Tenant {
  const subscriptions = [random.guid(), random.guid()] as const
  const suffix = String(random.between(10, 99))
  const domain = 'meridian.example'
  const platform: Address = {
    ip: `192.0.2.${random.between(20, 60)}`,
    city: 'Amsterdam',
    state: 'Noord-Holland',
    country: 'NL',
    latitude: 52.3676,
    longitude: 4.9041,
    asn: 64511,
  }
  const account = (
    role: StorageAccount['role'],
    subscription: string,
    resourceGroup: string,
    containers: readonly string[],
  ): StorageAccount => {
    const name = `stmeridian${accountWords[role]}${suffix}`
    return {
      name,
      role,
      subscription,
      resourceGroup,
      containers,
      location,
      id: `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/${name}`,
      keys: [makeKey(random, 'key1'), makeKey(random, 'key2')],
    }
  }
  const flowLog = (
    kind: FlowLog['kind'],
    name: string,
    subscription: string,
    resourceGroup: string,
  ): FlowLog => ({
    kind,
    name,
    subscription,
    resourceGroup,
    systemId: random.guid(),
    groupId: `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/networkSecurityGroups/${name}`,
    targetId: `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/virtualNetworks/vnet-core`,
  })
  const machine = (
    role: VirtualMachine['role'],
    name: string,
    ip: string,
    log: FlowLog,
    alwaysOn: boolean,
  ): VirtualMachine => ({
    name,
    ip,
    log,
    alwaysOn,
    role,
    mac: `000D3A${random.hex(6).toUpperCase()}`,
    id: `/subscriptions/${log.subscription}/resourceGroups/${log.resourceGroup}/providers/Microsoft.Compute/virtualMachines/${name}`,
  })
  const edge = flowLog('nsg-v2', 'nsg-edge', subscriptions[0], 'rg-net-prod')
  const core = flowLog('vnet', 'nsg-core', subscriptions[0], 'rg-net-prod')
  const old = flowLog('nsg-v1', 'nsg-depot', subscriptions[1], 'rg-legacy')
  const application = (name: string, address: Address): Principal => ({
    kind: 'application',
    name,
    appId: random.guid(),
    objectId: random.guid(),
    address,
    keyId: random.guid(),
  })
  const identity = (name: string, mirid: string): Principal => ({
    kind: 'managed-identity',
    name,
    appId: random.guid(),
    objectId: random.guid(),
    address: undefined,
    keyId: '',
    mirid,
  })
  const machines = {
    web: machine('web', 'vm-web01', '10.20.1.4', edge, true),
    jump: machine('jump', 'vm-jump01', '10.20.1.5', edge, false),
    application: machine('application', 'vm-app01', '10.20.2.4', core, true),
    database: machine('database', 'vm-sql01', '10.20.2.5', core, true),
    build: machine('build', 'vm-build01', '10.20.2.6', core, false),
    legacy: machine('legacy', 'vm-depot01', '10.40.0.4', old, true),
  }
  return {
    id: random.guid(),
    domain,
    subscriptions,
    managementGroup: 'mg-meridian',
    resources: makeResources(() => random.guid(), random.fork('device registration').guid()),
    users: makePeople(random, Math.min(4000, Math.max(24, Math.round(24 * scale))), domain),
    accounts: {
      documents: account('documents', subscriptions[0], 'rg-data-prod', [
        'contracts',
        'invoices',
        'customs',
        'staff-files',
      ]),
      application: account('application', subscriptions[0], 'rg-app-prod', [
        'orders',
        'azure-webjobs-hosts',
        '$web',
        'exchange',
      ]),
      archive: account('archive', subscriptions[0], 'rg-data-prod', ['ledger', 'manifests']),
      legacy: account('legacy', subscriptions[1], 'rg-legacy', ['depot', 'scans']),
    },
    machines,
    vault: {
      name: `kv-meridian-${suffix}`,
      id: `/subscriptions/${subscriptions[0]}/resourceGroups/rg-app-prod/providers/Microsoft.KeyVault/vaults/kv-meridian-${suffix}`,
      subscription: subscriptions[0],
      secrets: [
        'orders-db',
        'customs-api',
        'sftp-carrier',
        'smtp-relay',
        'payroll-export',
        'erp-service',
        'backup-passphrase',
        'tracking-webhook',
      ].map((name) => ({ name, version: random.hex(32) })),
    },
    principals: {
      pipeline: application('meridian-pipeline', { ...platform, ip: '192.0.2.71' }),
      reports: application('meridian-reports', { ...platform, ip: '192.0.2.72' }),
      backup: application('Backup Management Service', platform),
      appService: application('Microsoft Azure App Service', { ...platform, ip: '192.0.2.73' }),
      function: identity(
        'func-meridian-orders',
        `/subscriptions/${subscriptions[0]}/resourcegroups/rg-app-prod/providers/Microsoft.Web/sites/func-meridian-orders`,
      ),
      machine: identity('vm-app01', machines.application.id.replace('/resourceGroups/', '/resourcegroups/')),
    },
  }
}

function makeKey(random: Random, slot: AccountKey['slot']): AccountKey {
  const bytes = random.bytes(64)
  return { slot, secret: Buffer.from(bytes).toString('base64'), hash: sha256Upper(bytes) }
}

/** The users of a duty; there is always at least one. */
export function usersOf(tenant: Tenant, duty: User['duty']): readonly User[] {
  return tenant.users.filter((user) => user.duty === duty)
}
