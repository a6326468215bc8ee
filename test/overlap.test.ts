import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixtures } from '../src/tables/fixtures.ts'
import type { JsonObject } from '../src/tables/types.ts'
import {
  answerOf,
  faultsOf,
  fingerprint,
  makeWholeCase,
  removeFolder,
  rowsOf,
  temporaryFolder,
  type TablePrint,
  type WholeCase,
} from './whole-case.ts'

// Evidence in which the same events stand again: in a file that grew, in another layout, and truly twice.

const minutes = 60_000
const folder = temporaryFolder()
const evidence = join(folder, 'evidence')

const denied = '1748772000500,198.51.100.9,10.0.0.4,50000,22,6,I,D,NX,0,0,0,0'
const allowed = '1748772000600,10.0.0.4,198.51.100.9,50001,443,6,O,B,NX,0,0,0,0'

const blobRead = fixture('StorageBlobLogs/diagnostic')
const reads = ['a', 'b', 'c', 'd'].map((digit, index) => ({
  ...blobRead,
  time: `2025-06-01T10:0${index}:00.5000000Z`,
  correlationId: `${digit.repeat(8)}-0000-4000-8000-000000000000`,
}))
const hostLog = fixture('AzureDiagnostics/diagnostic')
const heartbeats = ['one', 'two', 'three'].map((message) => ({
  ...hostLog,
  Properties: JSON.stringify({ message }),
}))
const [first, second, third] = heartbeats
const flows = [
  flowRecord('2025-06-01T10:00:00Z', [denied, denied, denied]),
  flowRecord('2025-06-01T10:01:00Z', [denied, allowed]),
  flowRecord('2025-06-01T10:02:00Z', [allowed]),
]
const [firstFlow, secondFlow] = flows

const started = activity('Started', '10:00:00.1')
const succeeded = activity('Succeeded', '10:00:00.9')

const files: Readonly<Record<string, string>> = {
  'earlier/read/PT1H.json': lines(reads.slice(0, 2)),
  'later/read/PT1H.json': lines([
    ...reads,
    { ...reads[3], time: '2025-06-01T10:03:00.7Z', statusText: 'Success' },
  ]),
  'earlier/host/PT1H.json': lines([first, first, second]),
  'later/host/PT1H.json': lines([first, first, second, first, third]),
  'earlier/flow/PT1H.json': JSON.stringify({ records: [firstFlow, secondFlow] }),
  'later/flow/PT1H.json': JSON.stringify({ records: [...flows, firstFlow] }),
  'cut/flow/PT1H.json': JSON.stringify({ records: flows }).slice(0, -40),
  'export/blob.json': JSON.stringify({
    value: [
      {
        ...fixture('StorageBlobLogs/logAnalytics'),
        CorrelationId: reads[0]?.correlationId,
        OperationCount: 2,
      },
    ],
  }),
  'activity/portal.csv': portalCsv(['Started', 'Succeeded', 'Succeeded'], 'Informational'),
  'activity/rest.json': JSON.stringify({ value: [started] }),
  'activity/rest-2.json': JSON.stringify({ value: [succeeded, started] }),
  'activity/portal-2.csv': portalCsv(['Started', 'Succeeded'], 'Information'),
}

/** What stands in the files above, counted by hand. */
const truth = { AzureActivity: 3, StorageBlobLogs: 4, AzureDiagnostics: 5, FlowTuples: 6 }

let whole: WholeCase
let expected: Readonly<Record<string, TablePrint>>

beforeAll(async () => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(evidence, path)), { recursive: true })
    writeFileSync(join(evidence, path), text)
  }
  whole = await makeWholeCase(join(folder, 'case'))
  await whole.case.ingest([evidence])
  expected = await fingerprint(whole)
}, 5 * minutes)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

describe('evidence that tells the same again', () => {
  test('counts each event once, and true repeats of one log as often as they stand there', async () => {
    expect(rowsOf(expected)).toEqual(truth)
    expect(await faultsOf(whole)).toEqual([])
  })

  test('keeps three equal tuples of one record, whose record stands in the file twice', async () => {
    expect(
      await answerOf(
        whole,
        "FlowTuples | where Decision == 'Deny' and RecordTime < datetime(2025-06-01 10:01)",
      ),
    ).toHaveLength(3)
  })

  test('shows a storage request as its resource log tells it', async () => {
    expect(
      await answerOf(whole, 'StorageBlobLogs | where _EvidenceRecord > 0 | distinct SourceSystem'),
    ).toEqual([['Azure']])
  })

  test('lets a poor row stand only where no rich one tells it', async () => {
    expect(
      await answerOf(
        whole,
        'AzureActivity | summarize count() by ActivityStatusValue, HasAddress = isnotempty(CallerIpAddress)',
      ),
    ).toEqual(
      expect.arrayContaining([
        ['Start', true, 1],
        ['Success', true, 1],
        ['Success', false, 1],
      ]),
    )
  })

  const paths = Object.keys(files)
  test.each([
    ['one by one', paths],
    ['one by one, backwards', paths.toReversed()],
    ['later ones first', [...paths.filter((path) => !path.startsWith('earlier/')), ...paths]],
  ])(
    'ends the same %s',
    async (name, order) => {
      await using other = await makeWholeCase(join(folder, `case ${name}`))
      for (const path of order) await other.case.ingest([join(evidence, path)])
      expect(await fingerprint(other)).toEqual(expected)
      expect(await faultsOf(other)).toEqual([])
    },
    10 * minutes,
  )
})

describe('events of the Activity Log that share their key', () => {
  const event = { ...activity('Succeeded', '10:00:00.9'), eventDataId: '', subStatus: '' }
  const exported = {
    'one.json': JSON.stringify({ value: [{ ...event, eventDataId: 'e1' }] }),
    'two.json': JSON.stringify({ value: [{ ...event, eventDataId: 'e2' }] }),
    'without.json': JSON.stringify({ value: [event, { ...event, subStatus: 'Created' }] }),
    'third.json': JSON.stringify({ value: [{ ...event, eventDataId: 'e3' }, event] }),
  }
  const names = Object.keys(exported)

  test.each([
    ['forwards', names],
    ['backwards', names.toReversed()],
  ])(
    'are as many as they have ids, %s',
    async (name, order) => {
      await using other = await makeWholeCase(join(folder, `ids ${name}`))
      const directory = join(folder, `exports ${name}`)
      mkdirSync(directory)
      for (const file of order) {
        writeFileSync(join(directory, file), exported[file as keyof typeof exported])
        await other.case.ingest([join(directory, file)])
      }
      expect(await answerOf(other, 'AzureActivity | project EventDataId | order by EventDataId asc')).toEqual(
        [['e1'], ['e2'], ['e3']],
      )
      expect(await faultsOf(other)).toEqual([])
    },
    10 * minutes,
  )
})

describe('a file that grew where it stands', () => {
  test(
    'is proven to hold what was taken from it before',
    async () => {
      const path = join(evidence, 'growing.json')
      const repeated = [first, first, second]
      writeFileSync(path, lines(repeated))
      await using other = await makeWholeCase(join(folder, 'growing'))
      await other.case.ingest([path])
      writeFileSync(path, lines([...repeated, third]))
      const { files: reports } = await other.case.ingest([path])
      expect(reports).toMatchObject([{ records: 4, duplicates: 3, tables: { AzureDiagnostics: 1 } }])
      expect(rowsOf(await fingerprint(other))).toEqual({ AzureDiagnostics: 4 })
      expect(await faultsOf(other)).toEqual([])
      for (const [id, record] of await answerOf(
        other,
        'AzureDiagnostics | project _EvidenceId, _EvidenceRecord',
      )) {
        const { bytes } = await other.case.show(`${String(id)}:${String(record)}`)
        expect(JSON.parse(Buffer.from(bytes).toString())).toEqual([...repeated, third][Number(record) - 1])
      }
    },
    5 * minutes,
  )

  test(
    'is found out when it was rewritten',
    async () => {
      const path = join(evidence, 'rewritten.json')
      writeFileSync(path, lines([first]))
      await using other = await makeWholeCase(join(folder, 'rewritten'))
      await other.case.ingest([path])
      writeFileSync(path, lines([second, third]))
      await other.case.ingest([path])
      expect(await faultsOf(other)).toContainEqual(
        expect.objectContaining({ code: 'evidence-changed', subject: path }),
      )
    },
    5 * minutes,
  )
})

function fixture(shape: string): JsonObject {
  const found = fixtures.find((each) => each.shape === shape)
  if (found === undefined) throw new Error(`no fixture ${shape}`)
  return found.record
}

function lines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

function flowRecord(time: string, flowTuples: readonly string[]): JsonObject {
  const rules = [{ aclID: 'acl', flowGroups: [{ rule: 'DenySsh', flowTuples }] }]
  return { ...fixture('FlowTuples/vnet'), time, flowRecords: { flows: rules } }
}

function activity(status: string, time: string): JsonObject {
  return {
    ...fixture('AzureActivity/rest'),
    eventTimestamp: `2025-06-01T${time}Z`,
    eventDataId: `e0000000-0000-4000-8000-${status.length.toString().padStart(12, '0')}`,
    status: { value: status, localizedValue: status },
  }
}

function portalCsv(statuses: readonly string[], Level: string): string {
  const row = fixture('AzureActivity/portalCsv')
  const rows = statuses.map((Status, index) => ({
    ...row,
    Status,
    Level,
    Time: `2025-06-01T10:00:00.${index}Z`,
    'Operation name': `List ${index}`,
  }))
  return [Object.keys(row), ...rows.map((each) => Object.values(each))]
    .map((cells) => cells.join(','))
    .join('\n')
}
