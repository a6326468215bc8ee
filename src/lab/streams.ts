import { type SignInKind, signInCategories, signInTables } from './sources/sign-in.ts'
import {
  serviceResourceId,
  type StorageCategory,
  type StorageService,
  storageTables,
} from './sources/storage.ts'
import { flowFolder, flowTable } from './sources/flow.ts'
import type { StorageAccount, Tenant, VirtualMachine } from './tenant.ts'
import { hourFolders } from './time.ts'
import type { Framing, Stream } from './writer.ts'

/** Where the log account's containers lie in the evidence. */
const logs = 'stmeridianlogs'

/** Each log's place in the archive, by Azure's own naming of containers and folders. */
export class Streams {
  readonly signIn: Readonly<Record<SignInKind, Stream>>
  readonly audit: Stream
  readonly riskEvents: Stream
  readonly riskyUsers: Stream
  readonly graph: Stream
  readonly vault: Stream
  readonly #activity = new Map<string, Stream>()
  readonly #storage = new Map<StorageAccount, Map<string, Stream>>()
  readonly #classic = new Map<StorageAccount, Stream>()

  constructor(tenant: Tenant) {
    const directory = `/tenants/${tenant.id}/providers/Microsoft.aadiam`
    const signIn = (kind: SignInKind): Stream =>
      hourly(signInCategories[kind].toLowerCase(), directory, signInTables[kind], 'crlf')
    this.signIn = {
      interactive: signIn('interactive'),
      'non-interactive': signIn('non-interactive'),
      'service-principal': signIn('service-principal'),
      'managed-identity': signIn('managed-identity'),
    }
    this.audit = hourly('auditlogs', directory, 'AuditLogs', 'crlf')
    this.riskEvents = hourly('userriskevents', directory, 'AADUserRiskEvents', 'crlf')
    this.riskyUsers = hourly('riskyusers', directory, 'AADRiskyUsers', 'crlf')
    this.graph = hourly(
      'microsoftgraphactivitylogs',
      directory.toUpperCase(),
      'MicrosoftGraphActivityLogs',
      'lines',
    )
    this.vault = hourly('auditevent', tenant.vault.id.toUpperCase(), 'AZKVAuditLogs', 'lines')
    for (const subscription of tenant.subscriptions) {
      const folder = `${logs}/insights-activity-logs/resourceId=/SUBSCRIPTIONS/${subscription.toUpperCase()}`
      const path = (time: number): string => `${folder}/${hourFolders(time)}/PT1H.json`
      this.#activity.set(subscription, { table: 'AzureActivity', framing: 'lines', path })
    }
  }

  activity(subscription: string): Stream {
    const stream = this.#activity.get(subscription)
    if (stream === undefined) throw new Error(`no subscription is called ${subscription}`)
    return stream
  }

  storage(account: StorageAccount, service: StorageService, category: StorageCategory): Stream {
    let known = this.#storage.get(account)
    if (known === undefined) this.#storage.set(account, (known = new Map()))
    const key = service + category
    let stream = known.get(key)
    if (stream === undefined) {
      stream = hourly(
        category.toLowerCase(),
        serviceResourceId(account, service),
        storageTables[service],
        'lines',
      )
      known.set(key, stream)
    }
    return stream
  }

  classic(account: StorageAccount): Stream {
    let stream = this.#classic.get(account)
    if (stream === undefined) {
      const path = (time: number): string => `${account.name}/$logs/${classicFolder(time)}/000000.log`
      stream = { table: 'StorageBlobLogs', framing: 'ended-lines', path }
      this.#classic.set(account, stream)
    }
    return stream
  }
}

/** The folder of a classic log's hour below `$logs`. */
function classicFolder(time: number): string {
  const iso = new Date(time).toISOString()
  return `blob/${iso.slice(0, 4)}/${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(11, 13)}00`
}

/** The flow log of one network interface. */
export function flowStream(machine: VirtualMachine): Stream {
  const folder = `${logs}/${flowFolder(machine)}`
  const path = (time: number): string => `${folder}/${hourFolders(time)}/macAddress=${machine.mac}/PT1H.json`
  return { table: flowTable, framing: 'records', path }
}

function hourly(category: string, resourceId: string, table: string, framing: Framing): Stream {
  const folder = `${logs}/insights-logs-${category}/resourceId=${resourceId}`
  return { table, framing, path: (time) => `${folder}/${hourFolders(time)}/PT1H.json` }
}
