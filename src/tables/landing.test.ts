import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine, type Engine } from '../engine/engine.ts'
import { join, sql, type Sql } from '../sql/template.ts'
import { createView } from '../sql/table-definition.ts'
import { azureDiagnostics, diagnosticsSelect } from './azure-diagnostics.ts'
import { createTable, keyPart, storedTable } from './create.ts'
import type { Spelling } from './documents.ts'
import { fixtureOf, fixtures, nsgLog } from './fixtures.ts'
import { flowRecordsSelect } from './flow-records.ts'
import { openTable } from './open-table.ts'
import { recognise, tableOf } from './recognise.ts'
import { insertSelect, rejectSelect, shapesOf } from './statements.ts'
import type { Source } from './source.ts'
import { shapes, tables } from './tables.ts'
import type { InsertContext } from './insert.ts'
import type { JsonObject, JsonValue, Shape } from './types.ts'

let engine: Engine
let nextBatch = 1
const directory = mkdtempSync(joinPath(tmpdir(), 'azimuth-tables-'))
const tenantId = '99999999-9999-4999-8999-999999999999'

beforeAll(async () => {
  engine = await openEngine({ directory: joinPath(directory, 'engine'), lingerMs: 0, threads: 2 })
  await engine.owner.command(sql`CREATE DATABASE IF NOT EXISTS logs`)
  for (const table of tables) await engine.owner.command(createTable(table))
  await engine.owner.command(createView(azureDiagnostics.name, diagnosticsSelect()))
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, maxRetries: 20, retryDelay: 50 })
})

function context(extra: Partial<InsertContext> = {}): InsertContext {
  return { batch: nextBatch++, ingestedAt: new Date('2025-07-01T00:00:00Z'), tenantId, ...extra }
}

function linesOf(...lines: readonly string[]): Sql {
  const rows = lines.map((line, index) => sql`(${index + 1}, ${line})`)
  if (rows.length === 0) return sql`SELECT 'evidence' AS evidence, 1 AS record, '' AS line WHERE false`
  return sql`SELECT 'evidence' AS evidence, number AS record, line FROM values('number UInt64, line String', ${join(rows)})`
}

function recordsOf(...records: readonly JsonValue[]): Sql {
  return linesOf(...records.map((record) => JSON.stringify(record)))
}

function shapeNamed(id: string): Shape {
  const shape = shapes.find((each) => each.id === id)
  if (shape === undefined) throw new Error(`no shape ${id}`)
  return shape
}

async function land(
  shape: Shape,
  source: Sql | Source,
  extra: Partial<InsertContext> = {},
  spelling?: Spelling,
): Promise<JsonObject[]> {
  const landing = context(extra)
  await engine.owner.command(insertSelect(shape, source, landing, spelling))
  return engine.owner.rows<JsonObject>(
    sql`SELECT * FROM ${storedTable(tableOf(shape))} WHERE _Batch = ${landing.batch} ORDER BY _EvidenceRecord, _EvidenceOrdinal`,
  )
}

function unnumbered(row: JsonObject): JsonObject {
  return { ...row, _Batch: 0 }
}

function byRecord(one: JsonObject, other: JsonObject): number {
  return Number(one['_EvidenceRecord']) - Number(other['_EvidenceRecord'])
}

async function rejected(ids: readonly string[], source: Sql): Promise<string[]> {
  const rows = await engine.owner.rows<{ record: string; ordinal: number; shape: string; reason: string }>(
    sql`SELECT record, ordinal, shape, reason FROM (${rejectSelect(ids.map(shapeNamed), source, context())}) ORDER BY record, ordinal`,
  )
  return rows.map(({ record, ordinal, shape, reason }) => [record, ordinal, shape, reason].join(' '))
}

async function identities(id: string, ...records: readonly JsonValue[]): Promise<unknown[]> {
  const rows = await land(shapeNamed(id), recordsOf(...records))
  return rows.map((row) => row['_Identity'])
}

async function rank(id: string): Promise<number> {
  const [row] = await land(shapeNamed(id), recordsOf(fixtureOf(id)))
  return Number(row?.['_Rank'])
}

describe('landing', () => {
  test.each(fixtures)('$shape', async ({ shape, record, row }) => {
    const [landed, ...others] = await land(shapeNamed(shape), recordsOf(record))
    expect(others).toEqual([])
    expect(landed).toMatchObject(row)
    expect(landed).toMatchObject({ _EvidenceId: 'evidence', _EvidenceRecord: '1', Type: shape.split('/')[0] })
  })

  test('the engine tells every shape as we do', async () => {
    const rows = await engine.owner.rows<{ shape: string }>(
      sql`SELECT shape FROM (${shapesOf(recordsOf(...fixtures.map((fixture) => fixture.record)))}) ORDER BY record`,
    )
    expect(rows.map(({ shape }) => shape)).toEqual(
      fixtures.map((fixture) => recognise(fixture.record)?.shape.id),
    )
  })

  test('whatever is not taken is given back with a reason', async () => {
    const good = fixtures.find((fixture) => fixture.shape === 'SigninLogs/diagnostic')?.record ?? {}
    const source = linesOf(
      JSON.stringify(good),
      JSON.stringify({ ...good, time: 'yesterday', properties: {} }),
      JSON.stringify({ ...good, time: '1850-01-01T00:00:00Z' }),
      JSON.stringify({ ...good, category: 'AuditLogs' }),
      JSON.stringify({ TimeGenerated: '2025-06-01T10:00:00Z', Type: 'Heartbeat' }),
      '{"a":1}',
      '{"time": "2025-',
      '[1]',
      '',
      `${JSON.stringify(good)} trailing`,
    )
    expect(await land(shapeNamed('SigninLogs/diagnostic'), source)).toHaveLength(1)
    expect(await rejected(['SigninLogs/diagnostic'], source)).toEqual([
      '2 0 SigninLogs/diagnostic no-time',
      '3 0 SigninLogs/diagnostic time-out-of-range',
      '4 0 AuditLogs/diagnostic other-shape',
      '5 0 Heartbeat/logAnalytics other-shape',
      '6 0  unknown-shape',
      '7 0  not-json',
      '8 0  not-json',
      '9 0  not-json',
      '10 0  not-json',
    ])
  })

  test('taken and given back are all, whatever is done to the records', async () => {
    const mutants = fixtures.flatMap((fixture, index) => mutate(fixture.record, index))
    const records = mutants.map((text) => parsed(text))
    const told: string[] = []
    for (let start = 0; start < mutants.length; start += 100) {
      const source = linesOf(...mutants.slice(start, start + 100))
      const rows = await engine.owner.rows<{ shape: string }>(
        sql`SELECT shape FROM (${shapesOf(source)}) ORDER BY record`,
      )
      told.push(...rows.map(({ shape }) => shape))
    }
    const ours = records.map((record) => (record && recognise(record)?.shape.id) ?? '')
    expect(told.map((shape, index) => [shape, mutants[index]])).toEqual(
      ours.map((shape, index) => [shape, mutants[index]]),
    )
    const byShape = Map.groupBy(mutants.keys(), (index) => ours[index] ?? '')
    const looked = [...byShape].flatMap(([id, members], index) => {
      const shape = shapes.find((each) => each.id === id)
      return shape !== undefined && (index % 6 === 0 || shape.hasAllKeys) ? [{ shape, members }] : []
    })
    for (const { shape, members } of looked) {
      const lines = members.map((index) => mutants[index] ?? '')
      const source = linesOf(...lines)
      const rows = await land(shape, source)
      const rest = await rejected([shape.id], source)
      const units = members.reduce((total, index) => total + unitsOf(shape, records[index]), 0)
      expect(rows.length + rest.length, `${shape.id}\n${rest.join('\n')}`).toBe(units)
      if (!shape.hasAllKeys) continue
      const apart = [
        ...(await land(shape, source, {}, 'plain')),
        ...(await land(shape, source, {}, 'respelled')),
      ]
      expect(apart.map(unnumbered).toSorted(byRecord)).toEqual(rows.map(unnumbered))
    }
  })
})

test.each([
  ['rest', 'value', 'localizedValue', ['status', 'subStatus', 'category', 'resourceProviderName']],
  ['snake', 'value', 'localized_value', ['status', 'sub_status', 'category', 'resource_provider_name']],
  ['pascal', 'Value', 'LocalizedValue', ['Status', 'SubStatus', 'Category', 'ResourceProviderName']],
] as const)(
  'empty pairs of %s say nothing, filled ones their words',
  async (name, value, localised, keys) => {
    const shape = shapeNamed(`AzureActivity/${name}`)
    const record = fixtureOf(shape.id)
    const pairs = (word: string): JsonObject =>
      Object.fromEntries(keys.map((key) => [key, { [value]: word, [localised]: word }]))
    const rows = await land(shape, recordsOf({ ...record, ...pairs('') }, { ...record, ...pairs('Word') }))
    const columns = [
      'ActivityStatus',
      'ActivitySubstatusValue',
      'ActivitySubstatus',
      'Category',
      'CategoryValue',
    ]
    expect(rows.map((row) => columns.map((column) => row[column]))).toEqual([
      columns.map(() => ''),
      columns.map(() => 'Word'),
    ])
    expect(rows.map((row) => row['ResourceProvider'])).toEqual(['Microsoft.Storage', 'Word'])
  },
)

describe('time', () => {
  const shape = shapeNamed('AzureActivity/rest')
  test.each([
    ['2025-06-01T10:00:00.1234567Z', '2025-06-01 10:00:00.1234567'],
    ['2025-06-01T10:00:00.123456789Z', '2025-06-01 10:00:00.1234567'],
    ['2025-06-01T10:00:00', '2025-06-01 10:00:00.0000000'],
    ['2025-06-01 10:00:00', '2025-06-01 10:00:00.0000000'],
    ['2025-06-01T12:00:00.5+02:00', '2025-06-01 10:00:00.5000000'],
    ['3/24/2022 2:42:35 PM', '2022-03-24 14:42:35.0000000'],
    ['12/13/2024 4:34:03 PM', '2024-12-13 16:34:03.0000000'],
    ['05/28/2025 01:15:14', '2025-05-28 01:15:14.0000000'],
    ['4/28/2021, 2:32:14.029 PM', '2021-04-28 14:32:14.0290000'],
    ['1/9/2007 10:41:00 AM +01:00', '2007-01-09 09:41:00.0000000'],
    ['/Date(1748772000500)/', '2025-06-01 10:00:00.5000000'],
    ['Sun Jun 01 2025 12:00:00 GMT+0200 (Central European Summer Time)', '2025-06-01 10:00:00.0000000'],
  ])('%s', async (text, expected) => {
    const [row] = await land(shape, recordsOf({ eventTimestamp: text, operationName: 'x' }))
    expect(row?.['TimeGenerated']).toBe(expected)
  })

  test.each([
    '12:30',
    '2025',
    '13/13/2025 10:00',
    'soon',
    '2025-02-30T00:00:00Z',
    '0',
    '1748772000',
    '2025-06-01T25:61:00Z',
  ])('%s is no time', async (text) => {
    expect(await land(shape, recordsOf({ eventTimestamp: text, operationName: 'x' }))).toEqual([])
  })

  test('day and month of a CSV follow the file', async () => {
    const portal = shapeNamed('AzureActivity/portalCsv')
    const record = { 'Event category': 'x', 'Operation name': 'x', Time: '4/3/2025 10:00:00' }
    const [dayFirst] = await land(portal, recordsOf(record), { dayFirst: true })
    const [monthFirst] = await land(portal, recordsOf(record), { dayFirst: false })
    expect([dayFirst?.['TimeGenerated'], monthFirst?.['TimeGenerated']]).toEqual([
      '2025-03-04 10:00:00.0000000',
      '2025-04-03 10:00:00.0000000',
    ])
  })
})

describe('identity', () => {
  test('one event of the Activity Log is itself in every full export', async () => {
    const record = fixtureOf('AzureActivity/rest')
    const [diagnostic] = await identities('AzureActivity/diagnostic', fixtureOf('AzureActivity/diagnostic'))
    const [rest] = await identities('AzureActivity/rest', { ...record, eventDataId: '' })
    const [exported] = await identities('AzureActivity/logAnalytics', {
      TimeGenerated: record['eventTimestamp'] ?? null,
      Type: 'AzureActivity',
      OperationNameValue: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      ActivityStatusValue: 'Success',
      CorrelationId: record['correlationId'] ?? null,
      ResourceId: '',
      _ResourceId: record['resourceId'] ?? null,
    })
    expect([rest, exported]).toEqual([diagnostic, diagnostic])
  })

  test('events with ids of their own are apart whatever file they stand in', async () => {
    const record = fixtureOf('AzureActivity/rest')
    const [one] = await identities('AzureActivity/rest', { ...record, eventDataId: 'e1' })
    const [other] = await identities('AzureActivity/rest', { ...record, eventDataId: 'e2' })
    const [again] = await identities('AzureActivity/rest', { ...record, eventDataId: 'E1' })
    expect(other).not.toBe(one)
    expect(again).toBe(one)
  })

  test('events of one file that share a key but not what they say stay apart', async () => {
    const record = { ...fixtureOf('AzureActivity/rest'), eventDataId: '' }
    const other = { ...record, properties: { statusCode: 'Created' } }
    const found = await identities('AzureActivity/rest', record, other, record)
    expect(new Set(found).size).toBe(2)
    expect(await identities('AzureActivity/rest', other, record)).toEqual([found[1], found[0]])
  })

  test('rows that lack their key are the same in a file that grew', async () => {
    const shape = shapeNamed('SigninLogs/graph')
    const withoutId = { ...fixtureOf(shape.id), id: '' }
    const [first] = await land(shape, recordsOf(withoutId))
    const [grown, another] = await land(
      shape,
      sql`SELECT 'grown' AS evidence, record, line FROM (${recordsOf(withoutId, withoutId)})`,
    )
    expect(grown?.['_Identity']).toBe(first?.['_Identity'])
    expect(another?.['_Identity']).not.toBe(first?.['_Identity'])
  })

  test('the weak key of the Activity Log holds the resource', async () => {
    const identity = tableOf({ table: 'AzureActivity' }).identity
    if (identity.kind !== 'keyed' || identity.weakKey === undefined) throw new Error('no weak key')
    const weakKey = join(identity.weakKey.map((part) => keyPart(part)))
    const keyOf = async (id: string, record: JsonObject): Promise<unknown> => {
      await land(shapeNamed(id), recordsOf(record))
      const rows = await engine.owner.rows<{ weakKey: unknown }>(
        sql`SELECT toString(tuple(${weakKey})) AS weakKey FROM logs.AzureActivity WHERE _Batch = ${nextBatch - 1}`,
      )
      return rows[0]?.weakKey
    }
    const portal = fixtureOf('AzureActivity/portalCsv')
    const rich = await keyOf('AzureActivity/rest', fixtureOf('AzureActivity/rest'))
    expect(await keyOf('AzureActivity/portalCsv', { ...portal, Resource: 'parent/STLEDGER' })).toBe(rich)
    expect(await keyOf('AzureActivity/portalCsv', { ...portal, Resource: 'other' })).not.toBe(rich)
  })

  test('events that differ only in their id stay apart, repeats of one do not', async () => {
    const record = fixtureOf('AzureActivity/rest')
    const found = await identities('AzureActivity/rest', record, { ...record, eventDataId: 'other' }, record)
    expect(new Set(found).size).toBe(2)
  })

  test('a storage request is itself in the resource log and in $logs', async () => {
    const record = fixtureOf('StorageBlobLogs/diagnostic')
    const [resource] = await identities('StorageBlobLogs/diagnostic', {
      ...record,
      properties: { serviceType: 'blob' },
    })
    const [classic] = await identities('StorageBlobLogs/classic', fixtureOf('StorageBlobLogs/classic'))
    expect(classic).toBe(resource)
  })

  test('a request to a vault is itself in every export, and true repeats of it stay', async () => {
    const record = fixtureOf('AZKVAuditLogs/diagnostic')
    const other = { ...record, resultSignature: 'OK' }
    const [diagnostic, repeated] = await identities('AZKVAuditLogs/diagnostic', record, record)
    expect(repeated).not.toBe(diagnostic)
    expect(
      await identities('AZKVAuditLogs/azureDiagnostics', fixtureOf('AZKVAuditLogs/azureDiagnostics')),
    ).toEqual([diagnostic])
    const exported = {
      TimeGenerated: '6/1/2025, 10:00:00.500 AM',
      Type: 'AZKVAuditLogs',
      OperationName: 'SecretGet',
      CorrelationId: record['correlationId'] ?? null,
      RequestUri: 'https://kv-ledger.vault.azure.net/secrets/db?api-version=7.4',
    }
    expect(await identities('AZKVAuditLogs/logAnalytics', exported)).toEqual([diagnostic])
    expect(new Set(await identities('AZKVAuditLogs/diagnostic', record, other)).size).toBe(2)
  })

  test('records without a key count as often as they stand in their file', async () => {
    const record = fixtureOf('AZKVAuditLogs/diagnostic')
    const other = { ...record, operationName: 'SecretList' }
    const found = await identities('AZKVAuditLogs/diagnostic', record, other, record)
    expect(new Set(found).size).toBe(3)
    expect(await identities('AZKVAuditLogs/diagnostic', record, record)).toEqual([found[0], found[2]])
    const withoutId = { ...fixtureOf('SigninLogs/graph'), id: '' }
    expect(new Set(await identities('SigninLogs/graph', withoutId, withoutId)).size).toBe(2)
  })

  test('the richer layout ranks higher', async () => {
    expect(await rank('AzureActivity/rest')).toBeGreaterThan(await rank('AzureActivity/diagnostic'))
    expect(await rank('AzureActivity/diagnostic')).toBeGreaterThan(await rank('AzureActivity/portalCsv'))
    expect(await rank('StorageBlobLogs/diagnostic')).toBeGreaterThan(await rank('StorageBlobLogs/classic'))
  })
})

function nsg(version: number, ...flowTuples: readonly JsonValue[]): JsonObject {
  return {
    time: '2025-06-01T10:00:00Z',
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: nsgLog,
    operationName: 'NetworkSecurityGroupFlowEvents',
    properties: { Version: version, flows: [{ rule: 'R1', flows: [{ mac: 'M', flowTuples }] }] },
  }
}

describe('flows', () => {
  test('tuples that do not read as a tuple are given back by their ordinal, the others keep theirs', async () => {
    const shape = shapeNamed('FlowTuples/nsg')
    const source = recordsOf(
      nsg(
        2,
        '1748772000,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,',
        '1748772000,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,',
        'a,b,c,d',
        '1748772000,10.0.0.1,10.0.0.2,1,2,U,O,D,B,,,,',
        '1748772000,10.0.0.1,10.0.0.2,70000,2,T,I,A,B,,,,',
        '1748772000,10.0.0.1,10.0.0.2,1,2,T,X,A,B,,,,',
        '174877200,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,',
        '1748772000,10.0.0.1,10.0.0.2,1,2,T,I,A,B,x,,,',
        7,
      ),
      nsg(1, '1748772000,10.0.0.1,10.0.0.2,1,2,T,I,D', '1748772000,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,'),
      { ...nsg(2), properties: { Version: 2, flows: 'gone' } },
    )
    const rows = await land(shape, source)
    expect(
      rows.map((row) => [
        row['_EvidenceRecord'],
        row['_EvidenceOrdinal'],
        row['Protocol'],
        row['Decision'],
        row['State'],
      ]),
    ).toEqual([
      ['1', 1, 6, 'Allow', 'B'],
      ['1', 4, 17, 'Deny', 'B'],
      ['2', 1, 6, 'Deny', ''],
    ])
    expect(await rejected(['FlowTuples/nsg'], source)).toEqual([
      '1 2 FlowTuples/nsg tuple-field-count',
      '1 3 FlowTuples/nsg tuple-field-count',
      '1 5 FlowTuples/nsg tuple-port',
      '1 6 FlowTuples/nsg tuple-direction',
      '1 7 FlowTuples/nsg tuple-time',
      '1 8 FlowTuples/nsg tuple-counter',
      '1 9 FlowTuples/nsg tuple-field-count',
      '2 2 FlowTuples/nsg tuple-field-count',
      '3 0 FlowTuples/nsg no-flows',
    ])
  })

  test('tuples where none belong are left over, and counted', async () => {
    const tuple = '1748772000,10.0.0.1,10.0.0.2,1,22,T,I,D,B,,,,'
    const lists = [{ mac: 'M', flowTuples: [tuple, tuple] }]
    const odd = { ...nsg(2), properties: { Version: 2, flows: [{ rule: 'R1', flaws: lists }] } }
    const beside = { ...nsg(2, tuple), flowTuples: [tuple] }
    const source = recordsOf(odd, beside, nsg(2, tuple))
    expect(await land(shapeNamed('FlowTuples/nsg'), source)).toHaveLength(2)
    const reject = rejectSelect([shapeNamed('FlowTuples/nsg')], source, context())
    expect(
      await engine.owner.rows(sql`SELECT record, ordinal, reason, records FROM (${reject}) ORDER BY record`),
    ).toEqual([
      { record: '1', ordinal: '0', reason: 'tuple-place', records: '2' },
      { record: '2', ordinal: '0', reason: 'tuple-place', records: '1' },
    ])
  })

  test('a tuple that stands three times in a record is three, and the record repeated is the same record', async () => {
    const tuple = '1748772000,10.0.0.1,10.0.0.2,1,22,T,I,D,B,,,,'
    const record = nsg(2, tuple, tuple, tuple)
    const rows = await land(shapeNamed('FlowTuples/nsg'), recordsOf(record, record, nsg(2, tuple, tuple)))
    expect(rows).toHaveLength(8)
    const records = await engine.owner.rows<{ identity: string; tuples: number }>(
      sql`SELECT identity, tuples FROM (${flowRecordsSelect(nextBatch - 1)}) ORDER BY record`,
    )
    expect(records.map((each) => each.tuples)).toEqual([3, 3, 2])
    expect(records[0]?.identity).toBe(records[1]?.identity)
    expect(records[2]?.identity).not.toBe(records[1]?.identity)
  })

  test('a document read whole gives what its records give one by one, or is passed over', async () => {
    const tuple = '1748772000,10.0.0.1,10.0.0.2,1000,22,T,I,D,B,,,,'
    const respelled = Object.fromEntries(
      Object.entries(nsg(2, tuple)).map(([key, value]) => [key.toUpperCase(), value]),
    )
    const quiet = { ...nsg(2), properties: { Version: 2, flows: [] } }
    const documents: readonly { readonly records: readonly JsonValue[]; readonly isPlain: boolean }[] = [
      { records: [nsg(2, tuple, tuple), quiet, nsg(2, 'no tuple', tuple)], isPlain: true },
      { records: [nsg(2, tuple), respelled, nsg(2, tuple)], isPlain: false },
      { records: [nsg(2, tuple), 'no object', null], isPlain: false },
      { records: [nsg(2, tuple), { category: 'other' }], isPlain: false },
      { records: [], isPlain: true },
    ]
    const shape = shapeNamed('FlowTuples/nsg')
    for (const { records, isPlain } of documents) {
      const document = JSON.stringify({ records })
      const whole = { documents: sql`SELECT 'evidence' AS evidence, ${document} AS line` }
      const found = await land(shape, whole)
      const apart = await land(shape, recordsOf(...records))
      const anyBatch = (rows: readonly JsonObject[]) => rows.map((row) => ({ ...row, _Batch: 0 }))
      expect(anyBatch(found)).toEqual(isPlain ? anyBatch(apart) : [])
      expect(apart).toHaveLength(JSON.stringify(records).split(tuple).length - 1)
    }
  })

  test('each MAC address of a record is part of what it says', async () => {
    const tuples = Array.from(
      { length: 50 },
      (_, port) => `1748772000,10.0.0.1,10.0.0.2,${port},22,T,I,D,B,,,,`,
    )
    const identityWith = async (...macs: readonly string[]): Promise<unknown> => {
      const flows = macs.map((mac, index) => ({ mac, flowTuples: tuples.slice(index * 25, index * 25 + 25) }))
      const record = { ...nsg(2), properties: { Version: 2, flows: [{ rule: 'R', flows }] } }
      await land(shapeNamed('FlowTuples/nsg'), recordsOf(record))
      const [found] = await engine.owner.rows<{ identity: string }>(flowRecordsSelect(nextBatch - 1))
      return found?.identity
    }
    const identity = await identityWith('0A', '0B')
    expect(await identityWith('0a', '0b')).toBe(identity)
    expect(await identityWith('0B', '0A')).not.toBe(identity)
  })
})

test('outer keys in another spelling are read, whatever stands beside them', async () => {
  const record = fixtureOf('AzureActivity/diagnostic')
  const { resultType, callerIpAddress, correlationId, properties, ...others } = record
  const respelled = {
    ...others,
    ResultType: resultType ?? null,
    CallerIPAddress: callerIpAddress ?? null,
    properties: properties ?? null,
    CORRELATIONID: correlationId ?? null,
  }
  const [plain, row] = await land(shapeNamed('AzureActivity/diagnostic'), recordsOf(record, respelled))
  expect(row).toEqual({ ...plain, _EvidenceRecord: '2' })
})

test('properties that are text are read, also where an inner object has its own first', async () => {
  const record = fixtureOf('StorageBlobLogs/diagnostic')
  const { identity, properties, ...others } = record
  const nested = { identity: { ...(identity as JsonObject), properties: { of: 'the caller' } } }
  const [plain, row, nestedPlain] = await land(
    shapeNamed('StorageBlobLogs/diagnostic'),
    recordsOf(
      { ...others, ...nested, properties: properties ?? null },
      { ...others, ...nested, properties: JSON.stringify(properties) },
      { ...others, properties: properties ?? null, ...nested },
    ),
  )
  expect(row).toEqual({ ...plain, _EvidenceRecord: '2' })
  expect(nestedPlain).toEqual({ ...plain, _EvidenceRecord: '3' })
})

test('envelopes landed apart by their spelling are what they are landed together', async () => {
  const shape = shapeNamed('StorageBlobLogs/diagnostic')
  const record = fixtureOf(shape.id)
  const { properties, ...outer } = record
  const text = JSON.stringify(record)
  const without = (key: string): JsonObject =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
  const perKey = Object.keys(record).flatMap((key) => [
    without(key),
    { ...without(key), [key.toUpperCase()]: record[key] ?? null },
    { [key.toUpperCase()]: 'another', ...record },
    { ...record, [key]: null },
    { ...record, [key]: '' },
    { ...record, [key]: [1, 'two'] },
    { ...record, [key]: { of: { properties: 1 } } },
  ])
  const lines = [
    ...perKey.map((each) => JSON.stringify(each)),
    JSON.stringify({ ...outer, properties: JSON.stringify(properties) }),
    JSON.stringify({ ...outer, properties: ` ${JSON.stringify(properties)}` }),
    JSON.stringify({ ...outer, properties: [properties ?? null] }),
    JSON.stringify({ ...record, timeStamp: '2020-01-01T00:00:00Z', eventtimestamp: 'x' }),
    `  ${text}`,
    `[${text}]`,
    JSON.stringify(text),
    text.replace('"time"', '"ti\\u006de"'),
    text.replace('{', '{"time":"2020-01-01T00:00:00Z",'),
    text.replace('{', '{"properties":{},'),
    text.replace(/\}$/, ',"properties":"{}"}'),
    text.slice(0, -9),
  ]
  const source = linesOf(...lines)
  const all = await land(shape, source)
  const plain = await land(shape, source, {}, 'plain')
  const respelled = await land(shape, source, {}, 'respelled')
  expect([...plain, ...respelled].map(unnumbered).toSorted(byRecord)).toEqual(all.map(unnumbered))
  expect(plain.length).toBeGreaterThan(lines.length / 3)
  expect(respelled.length).toBeGreaterThan(lines.length / 8)
})

describe('open tables', () => {
  test('an export of an unknown table keeps all its columns', async () => {
    const table = openTable('Heartbeat')
    await engine.owner.command(createTable(table))
    const shape = table.shapes[0]
    if (shape === undefined) throw new Error('no shape')
    const record = {
      'TimeGenerated [UTC]': '6/1/2025, 10:00:00.000 AM',
      Type: 'Heartbeat',
      Computer: 'c1',
      Version: '',
      IsGatewayInstalled: true,
      Solutions: { a: [1, 2] },
    }
    const [row] = await land(shape, recordsOf(record))
    expect(row).toMatchObject({
      TimeGenerated: '2025-06-01 10:00:00.0000000',
      _Bag: '{"Computer":"c1","IsGatewayInstalled":true,"Solutions":{"a":[1,2]}}',
    })
  })

  test('names are told apart by case, and rows named by $table alone are kept', async () => {
    const record = { TimeGenerated: '2025-06-01T10:00:00Z', Computer: 'c' }
    const source = recordsOf(
      { ...record, Type: 'Foo' },
      { ...record, Type: 'foo' },
      { ...record, $table: 'foo' },
      { ...record, Type: 'AzureDiagnosticsRows' },
    )
    const told = await engine.owner.rows<{ shape: string }>(
      sql`SELECT shape FROM (${shapesOf(source)}) ORDER BY record`,
    )
    expect(told.map(({ shape }) => shape)).toEqual([
      'Foo/logAnalytics',
      'foo/logAnalytics',
      'foo/logAnalytics',
      '',
    ])
    const records: unknown[][] = []
    for (const table of ['Foo', 'foo'].map((name) => openTable(name))) {
      await engine.owner.command(createTable(table))
      for (const shape of table.shapes) {
        records.push((await land(shape, source)).map((row) => row['_EvidenceRecord']))
      }
    }
    expect(records).toEqual([['1'], ['2', '3']])
  })

  test('AzureDiagnostics shows the events of Key Vault in its own form', async () => {
    await land(shapeNamed('AZKVAuditLogs/diagnostic'), recordsOf(fixtureOf('AZKVAuditLogs/diagnostic')))
    const rows = await engine.reader.rows<JsonObject>(
      sql`SELECT * FROM logs.AzureDiagnostics WHERE _Batch = ${nextBatch - 1}`,
    )
    expect(rows).toMatchObject([
      {
        Type: 'AzureDiagnostics',
        Category: 'AuditEvent',
        ResourceProvider: 'MICROSOFT.KEYVAULT',
        Resource: 'KV-LEDGER',
        ResourceType: 'VAULTS',
        OperationName: 'SecretGet',
        DurationMs: '9',
      },
    ])
    expect(bagOf(rows[0])).toMatchObject({ httpStatusCode_d: 403 })
  })
})

test('metrics give one row a point, and points without a time are given back', async () => {
  const data = [
    { timeStamp: '2025-06-01T10:00:00Z', total: 4 },
    { total: 5 },
    { timeStamp: '2025-06-01T10:01:00Z' },
  ]
  const metric = { ...fixtureOf('AzureMetrics/series'), timeseries: [{ metadatavalues: [], data }, { data }] }
  const source = recordsOf(metric, { ...metric, timeseries: 'gone' })
  const rows = await land(shapeNamed('AzureMetrics/series'), source)
  expect(rows.map((row) => [row['_EvidenceOrdinal'], row['Total'], row['Dimensions']])).toEqual([
    [1, 4, '{}'],
    [3, null, '{}'],
    [4, 4, '{}'],
    [6, null, '{}'],
  ])
  expect(await rejected(['AzureMetrics/series'], source)).toEqual([
    '1 2 AzureMetrics/series no-time',
    '1 5 AzureMetrics/series no-time',
    '2 0 AzureMetrics/series no-points',
  ])
})

test('names of columns and values are never read as SQL', async () => {
  const hostile = `'); DROP TABLE logs.SigninLogs; -- \\' \` \0`
  const record = {
    ...fixtureOf('AzureDiagnostics/diagnostic'),
    [hostile]: hostile,
    time: '2025-06-01T10:00:00Z',
  }
  const [row] = await land(shapeNamed('AzureDiagnostics/diagnostic'), recordsOf(record))
  expect(Object.values(bagOf(row))).toContain(hostile)
  expect(() => openTable('x`; DROP TABLE y')).toThrow(/not a table name/)
})

function bagOf(row: JsonObject | undefined): JsonObject {
  const bag = row?.['_Bag']
  return JSON.parse(typeof bag === 'string' ? bag : '{}') as JsonObject
}

/** Damages a record in a few ways, always the same for one number. */
function mutate(record: JsonObject, seed: number): string[] {
  const keys = Object.keys(record)
  const key = keys[seed % keys.length] ?? ''
  const other = keys[(seed * 7 + 3) % keys.length] ?? ''
  const { [key]: value, ...without } = record
  const text = JSON.stringify(record)
  return [
    JSON.stringify(without),
    JSON.stringify({ ...record, [other]: null }),
    JSON.stringify({ ...record, [other]: [1, { a: 'b' }] }),
    JSON.stringify({ ...without, [key.toUpperCase()]: value ?? null }),
    JSON.stringify(
      Object.fromEntries(Object.entries(record).map(([name, each]) => [name.toLowerCase(), each])),
    ),
    JSON.stringify(Object.fromEntries(Object.entries(record).toReversed())),
    JSON.stringify({ ...record, [other]: '"; \u0000 \\' }),
    text.slice(0, (seed * 13) % text.length),
  ]
}

function parsed(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return undefined
  }
}

/** Counts what a record of a shape stands for, by another way than the engine's. */
function unitsOf(shape: Shape, record: JsonObject | undefined): number {
  if (record === undefined || shape.unit === 'record') return 1
  const text = JSON.stringify(record)
  if (shape.unit === 'tuple') return /"flows":\[/i.test(text) ? (text.match(/\d+,\d+\.\d/g) ?? []).length : 1
  return Array.isArray(record['timeseries']) ? (text.match(/timeStamp/g) ?? []).length : 1
}
