import type { Random } from '../random.ts'
import type { StorageCategory, StorageCredential, StorageService } from '../sources/storage.ts'
import {
  anonymousCredential,
  kerberosCredential,
  keyCredential,
  makeSas,
  requestStorage,
} from '../storage-actions.ts'
import type { StorageAccount } from '../tenant.ts'
import { dayMs, hourMs } from '../time.ts'
import type { Generator, World } from '../world.ts'

/** One kind of request that an application makes over and over. */
interface Habit {
  readonly account: StorageAccount
  readonly service: StorageService
  readonly operation: string
  readonly category: StorageCategory
  readonly credential: StorageCredential
  readonly agent: string
  readonly query: string
  readonly ips: readonly string[]
  readonly path: (random: Random) => string
  readonly statusCode: number
  readonly sent: number
  readonly received: number
  /** Requests an hour at scale 1, by hour of the day in UTC. */
  readonly rate: (hour: number, weekday: number) => number
}

/** The steady traffic of the tenant's accounts, by habit: orders, documents, archive, depot, queues, tables, shares. */
export function storageTraffic(world: World, random: Random): Generator {
  const habits = habitsOf(world, random).map((habit, index) => ({
    habit,
    random: random.fork(String(index)),
  }))
  return (from, to) => {
    const hour = Math.floor(from / hourMs) % 24
    const weekday = new Date(from).getUTCDay()
    for (const { habit, random: draw } of habits) {
      const expected = habit.rate(hour, weekday) * world.scale * ((to - from) / hourMs)
      const count = expected === 0 ? 0 : draw.poisson(expected)
      const step = (to - from) / Math.max(1, count)
      for (let index = 0; index < count; index += 1)
        request(world, draw, habit, Math.floor(from + (index + draw.unit()) * step))
    }
  }
}

function request(world: World, random: Random, habit: Habit, time: number): void {
  requestStorage(world, random, {
    time,
    account: habit.account,
    service: habit.service,
    operation: habit.operation,
    category: habit.category,
    credential: habit.credential,
    agent: habit.agent,
    query: habit.query,
    ip: random.pick(habit.ips),
    path: habit.path(random),
    statusCode: habit.statusCode,
    requestBytes: habit.sent === 0 ? 0 : 200 + random.below(habit.sent),
    responseBytes: habit.received === 0 ? 0 : 200 + random.below(habit.received),
  })
}

const officeHours =
  (perHour: number, night = 0) =>
  (hour: number, weekday: number): number =>
    weekday === 0 || weekday === 6 ? perHour / 4 : hour >= 7 && hour < 19 ? perHour : night
const atHours =
  (hours: readonly number[], perHour: number) =>
  (hour: number): number =>
    hours.includes(hour) ? perHour : 0
const workHours =
  (perHour: number) =>
  (hour: number, weekday: number): number =>
    weekday === 0 || weekday === 6 || hour < 8 || hour >= 17 ? 0 : perHour

const order = (draw: Random): string =>
  `/orders/2026/${draw.between(1, 12)}/order-${draw.between(10_000, 99_999)}.json`

const scan = (draw: Random): string => `/scans/pallet-${draw.between(1, 9000)}.tif`

function habitsOf(world: World, random: Random): readonly Habit[] {
  const { accounts } = world.tenant
  const functionAgent = 'azsdk-net-Storage.Blobs/12.24.0 (.NET 8.0.14; Linux)'
  const desk = 'azsdk-java-azure-storage-blob/12.29.1 (21.0.6; Linux; 6.8.0)'
  const scanner = 'Azure-Storage/11.2.3 (.NET CLR 4.0.30319.42000; Win32NT 6.2.9200.0)'
  const scannerSas = makeSas(random, accounts.legacy.keys[0], {
    kind: 'service',
    permissions: 'rcwl',
    from: world.start - 30 * dayMs,
    to: world.end + 30 * dayMs,
  }).credential
  const deskSas = makeSas(random, accounts.documents.keys[0], {
    kind: 'account',
    permissions: 'rl',
    from: world.start - 90 * dayMs,
    to: world.end + 275 * dayMs,
  }).credential
  const base = { service: 'blob' as const, statusCode: 200, sent: 0, received: 0, query: '' }
  const document = (draw: Random): string =>
    `/${draw.pick(accounts.documents.containers)}/2026/file-${draw.between(1, 3000)}.pdf`
  const application = {
    ...base,
    account: accounts.application,
    credential: keyCredential(accounts.application.keys[0]),
    agent: functionAgent,
    ips: ['10.30.4.11', '10.30.4.12'],
  }
  const documents = {
    ...base,
    account: accounts.documents,
    credential: keyCredential(accounts.documents.keys[0]),
    agent: desk,
    ips: ['10.20.1.4', '10.20.2.4'],
  }
  const depot = { ...base, account: accounts.legacy, agent: scanner, ips: ['198.51.100.34', '198.51.100.35'] }
  return [
    {
      ...application,
      operation: 'PutBlob',
      category: 'StorageWrite',
      path: order,
      statusCode: 201,
      sent: 6000,
      rate: officeHours(16),
    },
    {
      ...application,
      operation: 'GetBlob',
      category: 'StorageRead',
      path: order,
      received: 6000,
      rate: officeHours(18, 2),
    },
    {
      ...application,
      operation: 'GetBlob',
      category: 'StorageRead',
      credential: anonymousCredential,
      agent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36',
      ips: ['198.51.100.60', '203.0.113.201', '203.0.113.202', '203.0.113.214'],
      path: () => '/$web/index.html',
      received: 9000,
      rate: officeHours(3),
    },
    {
      ...application,
      service: 'queue',
      operation: 'GetMessages',
      category: 'StorageRead',
      path: () => '/orders-in/messages',
      query: 'numofmessages=32',
      received: 3000,
      rate: atHours([6, 12, 18], 12),
    },
    {
      ...application,
      service: 'queue',
      operation: 'PutMessage',
      category: 'StorageWrite',
      path: () => '/orders-in/messages',
      statusCode: 201,
      sent: 900,
      rate: atHours([6, 12, 18], 8),
    },
    {
      ...application,
      service: 'queue',
      operation: 'DeleteMessage',
      category: 'StorageDelete',
      path: () => '/orders-in/messages/1',
      statusCode: 204,
      rate: atHours([12], 8),
    },
    {
      ...application,
      service: 'table',
      operation: 'QueryEntities',
      category: 'StorageRead',
      path: () => '/tracking()',
      received: 9000,
      rate: atHours([7, 19], 10),
    },
    {
      ...application,
      service: 'table',
      operation: 'InsertEntity',
      category: 'StorageWrite',
      path: () => '/tracking',
      statusCode: 204,
      sent: 700,
      rate: atHours([7, 19], 8),
    },
    {
      ...application,
      service: 'file',
      operation: 'Read',
      category: 'StorageRead',
      credential: kerberosCredential,
      agent: '',
      ips: ['10.20.2.4'],
      path: (draw) => `/plans/week-${draw.between(1, 52)}.xlsx`,
      received: 60_000,
      rate: workHours(4),
    },
    {
      ...application,
      service: 'file',
      operation: 'PutRange',
      category: 'StorageWrite',
      path: (draw) => `/plans/week-${draw.between(1, 52)}.xlsx`,
      query: 'comp=range',
      statusCode: 201,
      sent: 4000,
      rate: atHours([16], 4),
    },
    {
      ...documents,
      operation: 'GetBlob',
      category: 'StorageRead',
      path: document,
      received: 900_000,
      rate: officeHours(14),
    },
    {
      ...documents,
      operation: 'GetBlob',
      category: 'StorageRead',
      credential: deskSas,
      agent: desk,
      ips: ['198.51.100.10', '198.51.100.20'],
      path: document,
      received: 900_000,
      rate: workHours(4),
    },
    {
      ...documents,
      operation: 'GetBlobProperties',
      category: 'StorageRead',
      path: document,
      rate: workHours(4),
    },
    {
      ...documents,
      operation: 'PutBlob',
      category: 'StorageWrite',
      path: document,
      statusCode: 201,
      sent: 900_000,
      rate: workHours(6),
    },
    {
      ...documents,
      operation: 'DeleteBlob',
      category: 'StorageDelete',
      path: document,
      statusCode: 202,
      rate: atHours([15], 1.5),
    },
    {
      ...base,
      account: accounts.archive,
      operation: 'PutBlob',
      category: 'StorageWrite',
      credential: keyCredential(accounts.archive.keys[0]),
      agent: desk,
      ips: ['10.20.2.5'],
      path: (draw) => `/ledger/2026/day-${draw.between(1, 360)}.parquet`,
      statusCode: 201,
      sent: 4_000_000,
      rate: atHours([3, 21], 9),
    },
    {
      ...base,
      account: accounts.archive,
      operation: 'GetBlob',
      category: 'StorageRead',
      credential: keyCredential(accounts.archive.keys[0]),
      agent: desk,
      ips: ['10.20.2.5'],
      path: (draw) => `/ledger/2026/day-${draw.between(1, 360)}.parquet`,
      received: 4_000_000,
      rate: atHours([4, 12, 22], 7),
    },
    {
      ...depot,
      operation: 'PutBlob',
      category: 'StorageWrite',
      credential: scannerSas,
      path: scan,
      statusCode: 201,
      sent: 300_000,
      rate: workHours(8),
    },
    {
      ...depot,
      operation: 'GetBlob',
      category: 'StorageRead',
      credential: keyCredential(accounts.legacy.keys[0]),
      path: scan,
      received: 300_000,
      rate: workHours(5),
    },
  ]
}
