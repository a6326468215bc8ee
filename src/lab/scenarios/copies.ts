import type { Random } from '../random.ts'
import type { StorageCredential } from '../sources/storage.ts'
import { keyCredential, makeSas, requestStorage } from '../storage-actions.ts'
import { dayMs, secondMs } from '../time.ts'
import type { World } from '../world.ts'
import type { Choices } from './choices.ts'

const transferAgent = 'services_xstore_transport_HTTP2/1.0'

/** The copy to an account that is not ours: only its reads show, by the service's own transport. */
export function copyOut(
  world: World,
  random: Random,
  credential: StorageCredential,
  begin: number,
  logged: boolean,
): number {
  const { book } = world.recorder
  const { documents } = world.tenant.accounts
  const unseen = logged ? undefined : "The account's log was already off; its metrics count the reads."
  book.step('copy-out', 'Server-side copy to an account outside the tenant', 'T1537', begin, unseen)
  let time = begin
  for (let copy = 0; copy < 24; copy += 1) {
    time += random.between(300, 2500)
    requestStorage(
      world,
      random,
      {
        time,
        account: documents,
        operation: 'GetBlob',
        path: `/customs/2025/declarations-${copy + 1}.zip`,
        ip: `192.0.2.${random.between(140, 160)}`,
        credential,
        agent: transferAgent,
        statusCode: 206,
        responseBytes: random.between(3_000_000, 8_000_000),
        extra: '"downloadRange":"bytes=0-8388607",',
      },
      logged ? 'copy-out' : undefined,
    )
  }
  if (logged) {
    book.links.push({
      from: 'enumerate',
      to: 'copy-out',
      by: 'AuthenticationHash',
      value: credential.tokenHash,
      certainty: 'observed',
    })
    return time
  }
  const authentication = credential.type === 'AccountKey' ? 'AccountKey' : 'SAS'
  world.recorder.markMetrics({ account: documents, from: begin, to: time, authentication, mark: 'copy-out' })
  book.links.push({
    from: 'enumerate',
    to: 'copy-out',
    by: 'account and time',
    value: documents.name,
    certainty: 'assumed',
  })
  return time
}

/** Server-side copies into an account of the tenant: three records on the destination, a read at the source. */
export function stage(
  world: World,
  random: Random,
  choices: Choices,
  credential: StorageCredential,
  begin: number,
): number {
  const { documents, application } = world.tenant.accounts
  const { book } = world.recorder
  book.step('stage', 'Blobs are copied by the service into another account of the tenant', 'T1074.002', begin)
  const key = application.keys[1]
  book.credentials.push({
    account: application.name,
    kind: 'key',
    slot: key.slot,
    secret: key.secret,
    hash: key.hash,
  })
  book.links.push({
    from: 'list-keys-application',
    to: 'stage',
    by: 'account and key hash',
    value: key.hash,
    certainty: 'inferred',
  })
  const destination = {
    account: application,
    ip: choices.reader.ip,
    credential: keyCredential(key),
    agent: choices.downloader,
    category: 'StorageWrite',
  } as const
  let time = begin
  for (let copy = 0; copy < 8; copy += 1) {
    time += random.between(500, 6000)
    const source = `/staff-files/2025/payroll-${copy + 1}.xlsx`
    const path = `/exchange/tmp/${random.hex(8)}.bin`
    const requestId = random.storageRequestId()
    const sourceUrl = `https://${documents.name}.blob.core.windows.net:443${source}?${credential.query}`
    requestStorage(
      world,
      random,
      { ...destination, time, operation: 'CopyBlob', path, requestId, operationCount: 0, statusCode: 202 },
      'stage',
    )
    requestStorage(
      world,
      random,
      {
        ...destination,
        time,
        operation: 'CopyBlobSource',
        path,
        requestId,
        operationCount: 1,
        statusCode: 202,
        objectKey: sourceUrl,
      },
      'stage',
    )
    requestStorage(
      world,
      random,
      {
        ...destination,
        time,
        operation: 'CopyBlobDestination',
        path,
        requestId,
        operationCount: 2,
        statusCode: 202,
      },
      'stage',
    )
    requestStorage(
      world,
      random,
      {
        time: time + random.between(40, 400),
        account: documents,
        operation: 'GetBlob',
        path: source,
        ip: `10.255.${random.between(1, 9)}.${random.between(2, 250)}`,
        credential,
        agent: transferAgent,
        statusCode: 206,
        responseBytes: random.between(300_000, 3_000_000),
        extra: '"downloadRange":"bytes=0-4194303",',
      },
      'stage',
    )
  }
  return time
}

/** Reads of the account whose read log is off: nothing but its metrics tells. */
export function readBlind(world: World, random: Random, choices: Choices, begin: number): number {
  const { archive } = world.tenant.accounts
  const key = archive.keys[choices.slot]
  const sas = makeSas(random, key, {
    kind: 'account',
    permissions: 'rl',
    from: begin - 60 * secondMs,
    to: begin + dayMs,
  })
  const { book } = world.recorder
  book.credentials.push({
    account: archive.name,
    kind: 'key',
    slot: key.slot,
    secret: key.secret,
    hash: key.hash,
  })
  book.step(
    'blind-read',
    `${archive.name} is emptied while its read log is off`,
    'T1530',
    begin,
    'StorageRead is off: the requests themselves are in no log, only counts and bytes in metrics.',
  )
  const shared = {
    account: archive,
    ip: choices.reader.ip,
    credential: sas.credential,
    agent: choices.downloader,
  }
  let time = begin
  requestStorage(world, random, {
    ...shared,
    time,
    operation: 'ListBlobs',
    path: '/ledger',
    query: 'restype=container&comp=list',
    responseBytes: 401_112,
  })
  for (let file = 0; file < 160; file += 1) {
    time += random.between(200, 3000)
    requestStorage(world, random, {
      ...shared,
      time,
      operation: 'GetBlob',
      path: `/ledger/2025/day-${file + 1}.parquet`,
      responseBytes: random.between(8_000_000, 60_000_000),
    })
  }
  world.recorder.markMetrics({
    account: archive,
    from: begin,
    to: time,
    authentication: 'SAS',
    mark: 'blind-read',
  })
  book.links.push({
    from: 'list-keys-archive',
    to: 'blind-read',
    by: 'account and time',
    value: archive.name,
    certainty: 'assumed',
  })
  return time
}
