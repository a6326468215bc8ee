import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FileReport } from '../src/evidence/report.ts'
import { fixtures } from '../src/tables/fixtures.ts'
import type { JsonObject } from '../src/tables/types.ts'
import { buildTar, buildZip } from './archive-builder.ts'
import {
  answerOf,
  faultsOf,
  makeWholeCase,
  removeFolder,
  temporaryFolder,
  type WholeCase,
} from './whole-case.ts'

// Evidence that is damaged, mixed, misnamed or meant to deceive: what of it is a log is taken, the rest is listed.

const minutes = 60_000
const folder = temporaryFolder()
const evidence = join(folder, 'evidence')

const signIn = fixture('SigninLogs/diagnostic')
const audit = fixture('AuditLogs/diagnostic')
const vault = fixture('AZKVAuditLogs/diagnostic')
const blobRead = fixture('StorageBlobLogs/diagnostic')
const flow = fixture('FlowTuples/vnet')
const broken = '{"time":"2025-06-01T10:00:00Z","category":"SignInLogs","properties":{"id":'
const injected = "x'); DROP TABLE logs.SigninLogs; -- \\' \u0000 \u202E {{}} %s ${1} \\x27"

const files: Readonly<Record<string, string | Buffer>> = {
  'mixed.json': [
    signIns(1),
    JSON.stringify(audit),
    broken,
    JSON.stringify(vault),
    '',
    JSON.stringify(blobRead),
    JSON.stringify({ ...signIn, time: 'yesterday', properties: {} }),
    JSON.stringify({ unknown: true }),
    '[1,2]',
    JSON.stringify(flowOf(['1748772000500,10.0.0.4,10.0.0.5,50000,443,6,O,D,NX,,,,', 'too,few,fields'])),
    JSON.stringify({ ...flow, flowRecords: { flows: [] } }),
    signIns(2),
  ].join('\n'),
  'late.json': `${Array.from({ length: 300 }, (_, index) => signIns(1000 + index)).join('\n')}\n${JSON.stringify({ ...audit, properties: { ...asObject(audit['properties']), id: 'late' } })}\n`,
  'records.json': `{"records":[${signIns(10)},${broken},${signIns(11)}]}`,
  'doubled.json': `{"value":time,${JSON.stringify(flow).replaceAll('"', '""')}}`,
  'tail.json': `{"records":[${signIns(20)},${signIns(21)},${signIns(22).slice(0, -30)}`,
  'injected.json': `${JSON.stringify({ ...signInOf(30), identity: injected, operationName: injected })}\n`,
  'it\'s "a" $(name)\n;.json': `${signIns(40)}\n`,
  'plain.zip': buildZip([
    { name: 'good.json', content: signIns(50) },
    { name: '../../escape.json', content: signIns(51) },
    { name: '/etc/passwd', content: signIns(52) },
    { name: 'link.json', content: 'good.json', mode: 0o120777 },
    { name: 'secret.json', content: signIns(53), encrypted: true },
  ]),
  'links.tar': buildTar([
    { name: 'inner/good.json', content: signIns(60) },
    { name: 'inner/link.json', type: '2' },
    { name: 'inner/more.json.gz', content: gzipSync(signIns(61)) },
  ]),
  'bomb.json.gz': gzipSync(Buffer.alloc(64 * 2 ** 20, ' ')),
  'cut.json.gz': gzipSync(
    Array.from({ length: 500 }, (_, index) => signIns(2000 + index)).join('\n'),
  ).subarray(0, 3000),
  'damaged.json.gz': damagedAtStart(gzipSync(signIns(70))),
  'respelled.json': JSON.stringify({ records: [respelledFlow(), { ...flow, time: '2025-06-01T10:01:00Z' }] }),
  'document.json': JSON.stringify({ records: [signInOf(80), { ...flow, time: '2025-06-01T10:02:00Z' }] }),
  'two-in-one.json': [
    JSON.stringify({ ...fixture('SigninLogs/portalCsv'), ...flow, time: '2025-06-01T10:03:00Z' }),
    JSON.stringify({ ...flow, time: '2025-06-01T10:04:00Z' }),
  ].join('\n'),
  'one-text.json': '{"records":"and nothing more',
  'notes.txt': 'Nothing to see here.\n',
  'empty.json': '',
}

const reports = new Map<string, FileReport>()
let whole: WholeCase

beforeAll(async () => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(evidence, path)), { recursive: true })
    writeFileSync(join(evidence, path), content)
  }
  whole = await makeWholeCase(join(folder, 'case'))
  const { files: found } = await whole.case.ingest([evidence])
  for (const file of found) reports.set(file.path.slice(evidence.length + 1), file)
}, 5 * minutes)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

describe('evidence of any kind', () => {
  test('ends with a verdict, and what it holds is accounted for', async () => {
    for (const report of reports.values()) {
      const rows = Object.values(report.tables).reduce((sum, count) => sum + count, 0)
      expect({ ...report, sum: rows + report.duplicates + report.quarantined }).toMatchObject({
        sum: report.records,
      })
      if (report.verdict !== 'parsed') expect(report.reason).toMatch(/./u)
    }
    for (const path of Object.keys(files)) {
      expect(
        [...reports.keys()].some((found) => found === path || found.startsWith(`${path}!`)),
        path,
      ).toBe(true)
    }
    expect(await faultsOf(whole)).toEqual([])
  })

  test('is split by record where a file is mixed, and what fits nowhere is listed with its place', async () => {
    expect(reports.get('mixed.json')).toMatchObject({
      verdict: 'partial',
      records: 11,
      tables: { SigninLogs: 2, AuditLogs: 1, AZKVAuditLogs: 1, StorageBlobLogs: 1, FlowTuples: 1 },
      quarantined: 5,
    })
    const { columns, rows } = await whole.case.quarantine()
    const names = columns.map(({ name }) => name)
    const listed = (await Array.fromAsync(rows))
      .map((row) => Object.fromEntries(row.map((cell, index) => [names[index] ?? '', cell])))
      .filter((row) => row['path'] === join(evidence, 'mixed.json'))
    expect(listed.map((row) => [row['record'], row['ordinal'], row['reason']].join(' '))).toEqual([
      '3 0 not-json',
      '7 0 no-time',
      '8 0 unknown-shape',
      '9 0 not-json',
      '10 2 tuple-field-count',
    ])
    expect(listed[0]).toMatchObject({
      text: broken,
      offset: Buffer.byteLength(String(files['mixed.json']).split(broken)[0] ?? ''),
    })
  })

  test('is split by record where the other kind comes late', () => {
    expect(reports.get('late.json')).toMatchObject({
      verdict: 'parsed',
      records: 301,
      tables: { SigninLogs: 300, AuditLogs: 1 },
    })
  })

  test('loses no more than the record that is broken', () => {
    expect(reports.get('records.json')).toMatchObject({
      verdict: 'partial',
      records: 3,
      tables: { SigninLogs: 2 },
      quarantined: 1,
      reason: 'not-json',
    })
    expect(reports.get('doubled.json')).toMatchObject({
      verdict: 'partial',
      records: 1,
      quarantined: 1,
      reason: 'not-json',
    })
    expect(reports.get('tail.json')).toMatchObject({
      verdict: 'partial',
      tables: { SigninLogs: 2 },
      quarantined: 1,
    })
  })

  test('is read though its keys are spelled in another way, or other records stand beside', () => {
    expect(reports.get('respelled.json')).toMatchObject({ verdict: 'parsed', tables: { FlowTuples: 2 } })
    expect(reports.get('document.json')).toMatchObject({
      verdict: 'parsed',
      tables: { SigninLogs: 1, FlowTuples: 1 },
    })
  })

  test('brings a record that is of two shapes to one table', () => {
    // As the row of a portal's CSV that it also is, it tells of a sign-in that another file tells better.
    expect(reports.get('two-in-one.json')).toMatchObject({
      records: 2,
      tables: { FlowTuples: 1 },
      duplicates: 1,
      quarantined: 0,
    })
  })

  test('that holds nothing readable is listed, and so is what cannot be unpacked from its start', () => {
    expect(reports.get('one-text.json')).toMatchObject({ verdict: 'partial', records: 1, quarantined: 1 })
    expect(reports.get('damaged.json.gz')).toMatchObject({ verdict: 'skipped' })
  })

  test('says what it says, whatever it tries', async () => {
    expect(
      await answerOf(
        whole,
        `SigninLogs | where Id endswith '-00000000001e' | project Identity, OperationName`,
      ),
    ).toEqual([[injected, injected]])
    expect(reports.get('it\'s "a" $(name)\n;.json')).toMatchObject({ verdict: 'parsed', records: 1 })
  })

  test('is not followed out of an archive', () => {
    expect(reports.get('plain.zip!good.json')).toMatchObject({ verdict: 'parsed', records: 1 })
    expect(reports.get('links.tar!inner/good.json')).toMatchObject({ verdict: 'parsed', records: 1 })
    expect(reports.get('links.tar!inner/more.json.gz')).toMatchObject({ verdict: 'parsed', records: 1 })
    const taken = [...reports].filter(([, { verdict }]) => verdict !== 'skipped').map(([path]) => path)
    expect(taken.filter((path) => /escape|passwd|link\.json|secret/u.test(path))).toEqual([])
  })

  test('does not unpack without end', () => {
    expect(reports.get('bomb.json.gz')).toMatchObject({ verdict: 'skipped' })
    expect(reports.get('cut.json.gz')).toMatchObject({ reason: expect.stringContaining('ends') })
  })
})

describe('a CSV in local time', () => {
  const rows = [
    'Correlation id,Operation name,Status,Event category,Level,Time [Europe/Rome],Subscription,Event initiated by,Resource type,Resource group,Resource',
    'c1,List Storage Account Keys,Succeeded,Administrative,Informational,2025-06-01T10:00:00,s,mia,t,g,r',
  ].join('\n')

  test(
    'is refused until its zone is named, and then read in it',
    async () => {
      const path = join(evidence, 'local.csv')
      writeFileSync(path, rows)
      await using other = await makeWholeCase(join(folder, 'local'))
      const refused = await other.case.ingest([path])
      expect(refused.files).toMatchObject([{ verdict: 'skipped', reason: expect.stringContaining('zone') }])
      const taken = await other.case.ingest([path], { timeZone: 'Europe/Rome' })
      expect(taken.files).toMatchObject([{ verdict: 'parsed', tables: { AzureActivity: 1 } }])
      expect(await answerOf(other, 'AzureActivity | project TimeGenerated')).toEqual([
        ['2025-06-01T08:00:00.0000000Z'],
      ])
      const wrong = await other.case.ingest([path], { timeZone: 'Moon/Tycho' })
      expect(wrong.files).toMatchObject([{ verdict: expect.stringMatching(/./u) }])
      expect(await faultsOf(other)).toEqual([])
    },
    5 * minutes,
  )
})

function fixture(shape: string): JsonObject {
  const found = fixtures.find((each) => each.shape === shape)
  if (found === undefined) throw new Error(`no fixture ${shape}`)
  return found.record
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function signInOf(number: number): JsonObject {
  const id = `51600000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
  return { ...signIn, properties: { ...asObject(signIn['properties']), id } }
}

function signIns(number: number): string {
  return JSON.stringify(signInOf(number))
}

function flowOf(flowTuples: readonly string[]): JsonObject {
  return { ...flow, flowRecords: { flows: [{ aclID: 'a', flowGroups: [{ rule: 'r', flowTuples }] }] } }
}

function damagedAtStart(packed: Buffer): Buffer {
  const damaged = Buffer.from(packed)
  damaged.fill(0xff, 10, 20)
  return damaged
}

function respelledFlow(): JsonObject {
  return Object.fromEntries(Object.entries(flow).map(([key, value]) => [key.toUpperCase(), value]))
}
