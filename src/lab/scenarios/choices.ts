import { type Application, clients } from '../applications.ts'
import { type Address, hostileAddresses, type User } from '../people.ts'
import type { Random } from '../random.ts'
import { usersOf } from '../tenant.ts'
import { hourMs } from '../time.ts'
import type { World } from '../world.ts'

/** What one seed drew for the exfiltration: who, from where, with what, by which means, and when. */
export interface Choices {
  readonly victim: User
  /** Where the spray comes from, where the account is used from, where data is read from, and where the beacon goes. */
  readonly sprayers: readonly Address[]
  readonly entrance: Address
  readonly reader: Address
  readonly control: string
  readonly entry: 'password' | 'prompt-fatigue' | 'excluded-client'
  readonly sprayClient: Application
  readonly client: Application
  readonly clientAgent: string
  /** Who makes the control-plane calls: the victim, or an application that got a new secret. */
  readonly identity: 'user' | 'application'
  readonly means: 'account-key' | 'account-sas-by-arm' | 'service-sas-offline' | 'user-delegation-sas'
  readonly slot: 0 | 1
  readonly explorer: string
  readonly downloader: string
  readonly host: 'open-port' | 'run-command'
  readonly beaconSeconds: number
  readonly tamper: 'last' | 'before-copy-out'
  readonly branches: readonly ('storage' | 'network' | 'vault')[]
  /** Length of an hour of the story: less where the evidence is short. */
  readonly hour: number
  readonly begin: number
}

/** The part of the time that has passed when a story begins. */
export const storyBegins = 0.52

export const explorers = [
  'Microsoft Azure Storage Explorer, 1.41.0, win32, azcopy-node, 4.3.2 azsdk-js-azure-storage-blob/12.27.0',
  'Microsoft/Azure/Storage/ azsdk-go-azblob/v1.6.2 (go1.24.1; Windows_NT)',
  'AZURECLI/2.70.0 (MSI) azsdk-python-storage-blob/12.24.0 Python/3.12.8 (Windows-11-10.0.26100-SP0)',
] as const
export const downloaders = [
  'AzCopy/10.28.1 azsdk-go-azblob/v1.6.0 (go1.24.1; Windows_NT)',
  'AzCopy/10.27.1 azsdk-go-azblob/v1.5.0 (go1.23.6; linux)',
] as const
export const clientAgents: readonly (readonly [Application, string])[] = [
  [clients.cli, 'python/3.12.8 (Windows-11-10.0.26100-SP0) AZURECLI/2.70.0 (MSI)'],
  [clients.powerShell, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) WindowsPowerShell/5.1.26100.2161'],
  [
    clients.portal,
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  ],
]

export function drawChoices(world: World, random: Random): Choices {
  const length = world.end - world.start
  const addresses = hostileAddresses(random, 6)
  const address = (index: number): Address => {
    const found = addresses[index]
    if (found === undefined) throw new Error('too few addresses')
    return found
  }
  const [client, clientAgent] = random.pick(clientAgents)
  const means = random.pick([
    'account-key',
    'account-sas-by-arm',
    'service-sas-offline',
    'user-delegation-sas',
  ] as const)
  return {
    victim: random.pick(usersOf(world.tenant, 'administrator')),
    sprayers: addresses.slice(0, random.between(1, 3)),
    entrance: address(3),
    reader: random.chance(0.3) ? address(3) : address(4),
    control: `203.0.113.${random.between(191, 199)}`,
    entry: random.pick(['password', 'prompt-fatigue', 'excluded-client'] as const),
    sprayClient: random.pick([clients.powerShell, clients.cli, clients.office]),
    client,
    clientAgent,
    identity: means === 'user-delegation-sas' ? 'user' : random.pick(['user', 'application'] as const),
    means,
    slot: random.chance(0.5) ? 0 : 1,
    explorer: random.pick(explorers),
    downloader: random.pick(downloaders),
    host: random.pick(['open-port', 'run-command'] as const),
    beaconSeconds: random.pick([60, 90, 120, 300]),
    tamper: random.chance(0.3) ? 'before-copy-out' : 'last',
    branches: random.shuffle(['storage', 'network', 'vault'] as const),
    hour: storyHour(world),
    begin: world.start + Math.floor(length * storyBegins + random.unit() * length * 0.06),
  }
}

/** An hour of a story; shorter where the evidence is too short for its two days. */
export function storyHour(world: World): number {
  return Math.min(hourMs, Math.floor(((world.end - world.start) * 0.3) / 48))
}

/** The choices as the answers print them. */
export function describeChoices(choices: Choices): Readonly<Record<string, string>> {
  return {
    victim: choices.victim.upn,
    victimId: choices.victim.id,
    sprayAddresses: choices.sprayers.map((address) => address.ip).join(' '),
    entranceAddress: choices.entrance.ip,
    readerAddress: choices.reader.ip,
    controlAddress: choices.control,
    entry: choices.entry,
    client: choices.client.name,
    identity: choices.identity,
    means: choices.means,
    keySlot: choices.slot === 0 ? 'key1' : 'key2',
    explorer: choices.explorer,
    downloader: choices.downloader,
    host: choices.host,
    beaconSeconds: String(choices.beaconSeconds),
    tamper: choices.tamper,
    branches: choices.branches.join(' '),
  }
}
