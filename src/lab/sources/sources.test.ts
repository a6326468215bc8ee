import { expect, test } from 'vitest'
import { clients } from '../applications.ts'
import { makeToken, type Token, tokenIdOf } from '../identity.ts'
import { Random } from '../random.ts'
import { anonymousCredential, keyCredential, makeSas } from '../storage-actions.ts'
import { makeTenant } from '../tenant.ts'
import { hourFolders, isoTicksZ, rfc850, usTime } from '../time.ts'
import { TupleList } from '../tuple-list.ts'
import { type ActivityEvent, activityLine, restActivity } from './activity.ts'
import { classicLine } from './classic-storage.ts'
import { type FlowTuple, tupleText } from './flow.ts'
import { vaultLine } from './key-vault.ts'
import { type SignInEvent, signInLine } from './sign-in.ts'
import { type StorageEvent, storageLine } from './storage.ts'

const random = new Random('sources')
const tenant = makeTenant(random, 1)
const time = Date.parse('2026-02-26T15:04:05.678Z')
const [user] = tenant.users
if (user === undefined) throw new Error('the tenant has no users')
const token: Token = makeToken(random, {
  actor: { kind: 'user', user },
  application: clients.portal,
  resource: tenant.resources.arm,
  address: user.office.address,
  issuedAt: time,
  agent: user.agent,
})

const storageEvent: StorageEvent = {
  time,
  account: tenant.accounts.documents,
  service: 'blob',
  category: 'StorageRead',
  operation: 'GetBlob',
  statusCode: 200,
  statusText: 'Success',
  requestId: random.storageRequestId(),
  operationCount: 0,
  caller: '203.0.113.9:51000',
  credential: makeSas(random, tenant.accounts.documents.keys[0], {
    kind: 'service',
    permissions: 'rl',
    from: time,
    to: time + 1,
  }).credential,
  agent: 'AzCopy/10.28.0',
  referrer: '',
  clientRequestId: random.guid(),
  path: '/contracts/a.pdf',
  query: '',
  requestBytes: 0,
  responseBytes: 12,
  durationMs: 9,
  etag: '0x8DE1',
  modifiedAt: time,
}

test('times are written as each log writes them', () => {
  expect(isoTicksZ(time)).toMatch(/^2026-02-26T15:04:05\.678\d{4}Z$/)
  expect(usTime(time)).toBe('2/26/2026 3:04:05 PM')
  expect(usTime(Date.parse('2026-03-01T00:00:09Z'))).toBe('3/1/2026 12:00:09 AM')
  expect(rfc850(time)).toBe('Thursday, 26-Feb-26 15:04:05 GMT')
  expect(hourFolders(time)).toBe('y=2026/m=02/d=26/h=15/m=00')
})

test('a token is named after the request that gave it', () => {
  expect(tokenIdOf('00112233-4455-6677-8899-aabbccddee00')).toBe('MyIRAFVEd2aImaq7zN3uAA')
  expect(token.id).toBe(tokenIdOf(token.signInId))
})

test('a sign-in has a spaced envelope, a capital Level and a result that is text', () => {
  const event: SignInEvent = {
    kind: 'interactive',
    time,
    delayMs: 60_000,
    token,
    correlationId: random.guid(),
    errorCode: 50126,
    clientApp: 'Browser',
    protocol: 'none',
    multiFactor: false,
    risk: 'none',
  }
  const line = signInLine(event, tenant)
  expect(line).toMatch(/^\{ "time": "2026-02-26T15:05:05\.678\d{4}Z", "resourceId": "\/tenants\//)
  expect(JSON.parse(line)).toMatchObject({
    category: 'SignInLogs',
    resultType: '50126',
    Level: 4,
    location: user.office.address.country,
    properties: {
      status: { errorCode: 50126 },
      uniqueTokenIdentifier: token.id,
      location: { city: user.office.address.city },
    },
  })
})

test('an Activity Log record is upper-case in the archive and as the provider spells it in the REST form', () => {
  const event: ActivityEvent = {
    time,
    operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
    title: 'List Storage Account Keys',
    category: 'Administrative',
    status: 'Success',
    subStatus: 'OK',
    resourceId: tenant.accounts.documents.id,
    subscription: tenant.subscriptions[0],
    resourceGroup: 'rg-data-prod',
    correlationId: random.guid(),
    eventDataId: random.guid(),
    operationId: random.guid(),
    level: 'Information',
    token,
    role: 'Owner',
    durationMs: 81,
    properties: {},
  }
  expect(JSON.parse(activityLine(event, tenant))).toMatchObject({
    operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    resultType: 'Success',
    resultSignature: 'Succeeded.OK',
    resourceId: tenant.accounts.documents.id.toUpperCase(),
    identity: { claims: { uti: token.id, appid: clients.portal.id } },
  })
  expect(restActivity(event, tenant)).toMatchObject({
    operationName: { value: event.operation, localizedValue: event.title },
    status: { value: 'Succeeded' },
    eventTimestamp: isoTicksZ(time),
    claims: { uti: token.id },
  })
})

test('a storage record carries the port, the hashes and a masked signature', () => {
  const record: unknown = JSON.parse(storageLine(storageEvent))
  expect(record).toMatchObject({
    callerIpAddress: '203.0.113.9:51000',
    statusCode: 200,
    identity: {
      type: 'SAS',
      tokenHash: expect.stringMatching(/^key1\([0-9A-F]{64}\),SasSignature\([0-9A-F]{64}\)$/) as unknown,
    },
    uri: expect.stringMatching(/:443\/contracts\/a\.pdf\?sp=rl&.*&sig=XXXXX$/) as unknown,
    properties: {
      etag: '"0x8DE1"',
      objectKey: `/${tenant.accounts.documents.name}/contracts/a.pdf`,
      lastModifiedTime: '2/26/2026 3:04:05 PM',
    },
  })
  const byKey = storageLine({ ...storageEvent, credential: keyCredential(tenant.accounts.documents.keys[1]) })
  expect(JSON.parse(byKey)).toMatchObject({
    identity: { type: 'AccountKey', tokenHash: `key2(${tenant.accounts.documents.keys[1].hash})` },
  })
  expect(JSON.parse(storageLine({ ...storageEvent, credential: anonymousCredential }))).toMatchObject({
    identity: { type: 'Anonymous' },
  })
})

test('a classic line has 30 fields in version 1.0 and 38 in 2.0', () => {
  const fields = (line: string): number =>
    line
      .match(/(?:"(?:[^"]|"(?!;|$))*"|(?:&\w+;|[^;])*)(?:;|$)/g)
      ?.filter((field, index, all) => field !== '' || index < all.length - 1).length ?? 0
  expect(fields(classicLine(storageEvent, '1.0', tenant))).toBe(30)
  expect(fields(`${classicLine(storageEvent, '2.0', tenant)}x`)).toBe(38)
  expect(classicLine(storageEvent, '1.0', tenant)).toContain(
    ';"&quot;0x8DE1&quot;";Thursday, 26-Feb-26 15:04:05 GMT;;',
  )
})

test('a vault event has its duration as text and no identity in a challenge', () => {
  const event = {
    time,
    vault: tenant.vault,
    operation: 'SecretGet',
    statusCode: 401,
    correlationId: random.guid(),
    durationMs: 9,
    token: undefined,
    address: '192.0.2.71',
    clientInfo: '',
    object: 'secrets/a/b',
  } as const
  expect(JSON.parse(vaultLine(event, tenant))).toMatchObject({
    durationMs: '9',
    resultType: 'Success',
    resultSignature: 'Unauthorized',
    identity: {},
    properties: { httpStatusCode: 401 },
  })
})

test('a tuple is in seconds or milliseconds, and a refusal is a decision or a state, by the kind of the log', () => {
  const tuple: FlowTuple = {
    time,
    source: '203.0.113.9',
    destination: '10.20.1.4',
    sourcePort: 51_000,
    destinationPort: 22,
    protocol: 'T',
    direction: 'I',
    state: 'D',
  }
  const ended: FlowTuple = {
    ...tuple,
    state: 'E',
    counters: { packetsOut: 1, bytesOut: 2, packetsIn: 3, bytesIn: 4 },
  }
  const ends = '203.0.113.9,10.20.1.4,51000,22'
  expect(tupleText(tuple, 'nsg-v1')).toBe(`1772118245,${ends},T,I,D`)
  expect(tupleText(tuple, 'nsg-v2')).toBe(`1772118245,${ends},T,I,D,B,,,,`)
  expect(tupleText(ended, 'nsg-v2')).toBe(`1772118245,${ends},T,I,A,E,1,2,3,4`)
  expect(tupleText(tuple, 'vnet')).toBe(`1772118245678,${ends},6,I,D,NX,0,0,0,0`)
  expect(tupleText(ended, 'vnet')).toBe(`1772118245678,${ends},6,I,E,NX,1,2,3,4`)
})

test('tuples written as bytes are what they would be as text', () => {
  const tuples = new TupleList()
  for (const value of [0, 9, 10, 65_535, 1_772_118_245, 2_147_483_647]) {
    tuples.begin()
    tuples.integer(value)
    tuples.padded(7, 3)
    tuples.comma()
    tuples.ascii(Buffer.from('10.0.0.1'))
  }
  expect(tuples.list()).toEqual(
    [0, 9, 10, 65_535, 1_772_118_245, 2_147_483_647].map((value) => `${value}007,10.0.0.1`),
  )
  tuples.push('1')
  tuples.sort()
  expect(tuples.list().at(0)).toBe('0007,10.0.0.1')
  expect(tuples.count).toBe(7)
})
