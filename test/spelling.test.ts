import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { faultsOf, fingerprint, makeWholeCase, removeFolder, rowsOf, temporaryFolder } from './whole-case.ts'
import { fixtureOf } from '../src/tables/fixtures.ts'
import type { JsonObject } from '../src/tables/types.ts'

const folder = temporaryFolder()
afterAll(() => {
  removeFolder(folder)
})

const plain = Array.from({ length: 200 }, (_, index): JsonObject => ({
  ...fixtureOf(index % 5 === 0 ? 'StorageQueueLogs/diagnostic' : 'StorageBlobLogs/diagnostic'),
  correlationId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
}))
const damaged = '{"time":"2025-06-01T10:00:00Z","resourceId":"/subscr'

test.each([
  ['of some records', (index: number) => index % 7 === 3],
  ['of all records', () => true],
])('keys in another spelling, %s of a file, change nothing', async (name, isRespelt) => {
  const respelt = plain.map((record, index) => (isRespelt(index) ? upperCased(record) : record))
  const [expected, found] = await Promise.all([
    landed(`plain ${name}`, asFiles(plain)),
    landed(name, asFiles(respelt)),
  ])
  expect(contentOf(found.prints)).toEqual(contentOf(expected.prints))
  expect(rowsOf(found.prints)).toEqual({ StorageBlobLogs: 160, StorageQueueLogs: 40 })
  expect(
    found.files.map((file) => [file.path.replace(/^.*\//u, ''), file.records, file.quarantined]),
  ).toEqual([
    ['document.json', 200, 0],
    ['lines.json', 201, 1],
  ])
  expect(found.totals).toMatchObject({ records: 401, rows: 200, quarantined: 1, duplicates: 200 })
})

test('records that fit two tables come to one, whatever their spelling', async () => {
  const both = { ...fixtureOf('SigninLogs/graph'), ...plain[1] }
  const lines = [both, upperCased(plain[2]), plain[3], fixtureOf('SigninLogs/graph')]
  const { totals, prints, faults } = await landed('two tables', { 'lines.json': linesOf(...lines) })
  expect(totals).toEqual({ records: 4, rows: 4, duplicates: 0, quarantined: 0 })
  expect(Object.keys(prints).toSorted()).toEqual(['SigninLogs', 'StorageBlobLogs'])
  expect(faults).toEqual([])
})

const blob = plain[1] ?? {}
const withAgent = (userAgentHeader: string): JsonObject => ({
  ...blob,
  properties: { ...(blob['properties'] as JsonObject), userAgentHeader },
})
const flows = fixtureOf('FlowTuples/nsg')

test.each<readonly [string, string | Buffer, object]>([
  ['a line', linesOf(withAgent('timeseries'), upperCased(plain[2]), plain[3]), { records: 3, rows: 3 }],
  [
    'a line of UTF-16',
    Buffer.from(`\uFEFF${linesOf(withAgent('timeseries'), upperCased(plain[2]), plain[3])}`, 'utf16le'),
    { records: 3, rows: 3 },
  ],
  [
    'a line among flows',
    linesOf(flows, withAgent('flowTuples'), upperCased(plain[2]), plain[3]),
    { rows: 3 + unitsOf(flows) },
  ],
  [
    'a document',
    JSON.stringify({ records: [{ ...blob, timeseries: 'x' }, upperCased(plain[2])] }),
    { records: 2, rows: 2 },
  ],
  [
    'the only record of a document',
    JSON.stringify({ records: [{ ...upperCased(plain[2]), timeseries: 'x' }] }),
    { records: 1, rows: 1 },
  ],
  [
    'a record beside one of no shape',
    JSON.stringify({ records: [{ ...blob, timeseries: 1 }, { neither: 'known' }] }),
    { records: 2, rows: 1, quarantined: 1 },
  ],
])('what stands in %s hides no other record', async (name, content, totals) => {
  const found = await landed(name, { 'logs.json': content })
  expect(found.totals).toMatchObject({ quarantined: 0, ...totals })
  expect(found.faults).toEqual([])
})

function linesOf(...records: readonly (JsonObject | undefined)[]): string {
  return records.map((record) => JSON.stringify(record)).join('\n')
}

function unitsOf(flow: JsonObject): number {
  return JSON.stringify(flow).match(/"\d{10,13},/gu)?.length ?? 0
}

function asFiles(records: readonly JsonObject[]): Readonly<Record<string, string>> {
  const document = JSON.stringify({ records })
  return { 'document.json': document, 'lines.json': `${linesOf(...records)}\n${damaged}` }
}

async function landed(name: string, contents: Readonly<Record<string, string | Buffer>>) {
  const evidence = join(folder, name)
  mkdirSync(evidence)
  for (const [file, content] of Object.entries(contents)) writeFileSync(join(evidence, file), content)
  await using whole = await makeWholeCase(join(folder, `${name} case`))
  const { files, totals } = await whole.case.ingest([evidence])
  return { files, totals, prints: await fingerprint(whole), faults: await faultsOf(whole) }
}

function contentOf(prints: Awaited<ReturnType<typeof fingerprint>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(prints).map(([table, { content }]) => [table, content]))
}

function upperCased(record: JsonObject = {}): JsonObject {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key[0]?.toUpperCase() + key.slice(1), value]),
  )
}
