import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { IngestReport } from '../../src/evidence/report.ts'
import { openRemote } from '../../src/engine/remote.ts'
import { makeLab } from '../../src/lab/lab.ts'
import { sql } from '../../src/sql/template.ts'
import { storedTable } from '../../src/tables/create.ts'
import { storageBlobLogs } from '../../src/tables/storage-blob-logs.ts'
import { campaign, standalone } from '../kql/campaign.ts'
import { openTrialOn } from '../kql/trial.ts'
import {
  answerOf,
  faultsOf,
  fingerprint,
  makeWholeCase,
  removeFolder,
  temporaryFolder,
  unfinishedBatches,
  type TablePrint,
  type WholeCase,
} from '../whole-case.ts'
import { administrator, openClusterCase, usersOfPage, type ClusterCase } from './cluster-case.ts'
import { batchNotes, ingestKillingNode, startIngest } from './killed-node.ts'
import { makeNodes, type Node } from './nodes.ts'
import { questions } from './questions.ts'

const folder = temporaryFolder()
const evidence = join(folder, 'evidence')

let nodes: readonly Node[]
let alone: WholeCase
let whole: ClusterCase
let expected: Readonly<Record<string, TablePrint>>
let totals: IngestReport['totals']

beforeAll(async () => {
  await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed: 11, days: 1, scale: 0.01 })
  // Keyed, unkeyed, poor and rich layouts, flows, and archives of them all, but few shapes: that is what costs time.
  const kept = /insights-activity-logs|storage(?:read|write|delete)|flowevent|auditevent|portal|\$logs/u
  cpSync(join(folder, 'lab', 'evidence'), evidence, {
    recursive: true,
    filter: (source) => !/\.(?:json|csv|log)$/u.test(source) || kept.test(source),
  })
  nodes = await makeNodes(join(folder, 'nodes'), 2, [...usersOfPage(), administrator])
  alone = await makeWholeCase(join(folder, 'alone'))
  await alone.case.ingest([evidence])
  expected = await fingerprint(alone)
  whole = await openClusterCase(join(folder, 'case'), nodes)
  totals = (await whole.case.ingest([evidence])).totals
}, 120_000)

afterAll(async () => {
  await alone?.[Symbol.asyncDispose]()
  await whole?.[Symbol.asyncDispose]()
  for (const node of nodes ?? []) await node[Symbol.asyncDispose]()
  removeFolder(folder)
})

test('evidence lies on both shards as it lies in an engine of its own', async () => {
  expect(totals.records).toBe(totals.rows + totals.duplicates + totals.quarantined)
  expect(await fingerprint(whole)).toEqual(expected)
  expect(await faultsOf(whole)).toEqual([])
  for (const { own } of whole.engine.parts) {
    const [part] = await own.rows<{ rows: string }>(
      sql`SELECT count() AS rows FROM ${storedTable(storageBlobLogs)}`,
    )
    expect(Number(part?.rows)).toBeGreaterThan(0)
    expect(Number(part?.rows)).toBeLessThan(expected['StorageBlobLogs']?.rows ?? 0)
  }
})

test.each(questions)('%s', async (question) => {
  const answer = await answerOf(whole, question)
  expect(answer.length).toBeGreaterThan(0)
  expect(answer).toEqual(await answerOf(alone, question))
})

test('random queries over tables that lie on both shards are answered as the interpreter answers them', async () => {
  const { name: user, password } = administrator
  const address = { urls: nodes.map(({ url }) => url), user, database: 'azimuth_trial' }
  await using engine = await openRemote(address, { password, directory: folder, queryIdPrefix: 'trial-' })
  await using trial = await openTrialOn(engine)
  const { faults, outcomes } = await campaign(trial, 20_260_302, 72, 36)
  expect(faults.map(({ query, data, outcome }) => ({ outcome, query: standalone(query, data) }))).toEqual([])
  expect(outcomes.get('agrees')).toBeGreaterThanOrEqual(72)
})

test('an ingest whose node is killed says so, and ends where an undisturbed one ends when the node is back', async () => {
  await using killed = await openClusterCase(join(folder, 'killed'), nodes, 'azimuth_killed')
  await killed.case.tables()
  const talk = await ingestKillingNode(killed, nodes[1], evidence, 0.4 * (await batchNotes(whole)))
  expect(talk).toMatch(/does not answer|no answer from/)
  const again = startIngest(killed, evidence)
  const [code] = await once(again, 'exit')
  expect(code).toBe(1)
  await nodes[1]?.start()
  await killed.case.ingest([evidence])
  expect(await unfinishedBatches(killed)).toBe(0)
  expect(await fingerprint(killed)).toEqual(expected)
  expect(await faultsOf(killed)).toEqual([])
})
