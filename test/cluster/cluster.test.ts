import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRemote } from '../../src/engine/remote.ts'
import { sql } from '../../src/sql/template.ts'
import { storedTable } from '../../src/tables/create.ts'
import { storageBlobLogs } from '../../src/tables/storage-blob-logs.ts'
import { campaign, standalone } from '../kql/campaign.ts'
import { openTrialOn } from '../kql/trial.ts'
import { answerOf, faultsOf, fingerprint } from '../whole-case.ts'
import { administrator, openClusterCase, userOfPage } from './cluster-case.ts'
import { ingestKilling } from './killed-node.ts'
import { writeOddEvidence } from './odd-evidence.ts'
import { questions } from './questions.ts'
import { makeScene, type Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  // Keyed, unkeyed, poor and rich layouts, flows, and archives of them all, but few shapes: that is what costs time.
  const kept = /insights-activity-logs|storage(?:read|write|delete)|flowevent|auditevent|portal|\$logs/u
  scene = await makeScene({ scenario: 'exfiltration', seed: 11, days: 1, scale: 0.01 }, kept)
}, 240_000)

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
})

test('evidence lies on both shards as it lies in an engine of its own', async () => {
  const { whole, totals, expected } = scene
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
  const answer = await answerOf(scene.whole, question)
  expect(answer.length).toBeGreaterThan(0)
  expect(answer).toEqual(await answerOf(scene.alone, question))
})

test('random queries over tables that lie on both shards are answered as the interpreter answers them', async () => {
  const { nodes, folder } = scene
  const { name: user, password } = administrator
  const address = { urls: nodes.map(({ url }) => url), user, database: 'azimuth_trial' }
  await using engine = await openRemote(address, { password, directory: folder, queryIdPrefix: 'trial-' })
  await using trial = await openTrialOn(engine)
  const { faults, outcomes } = await campaign(trial, 20_260_302, 72, 36)
  expect(faults.map(({ query, data, outcome }) => ({ outcome, query: standalone(query, data) }))).toEqual([])
  expect(outcomes.get('agrees')).toBeGreaterThanOrEqual(72)
}, 180_000)

test('an ingest whose node is killed says so, and ends where an undisturbed one ends when the node is back', async () => {
  await ingestKilling(scene, [scene.nodes[1]], 0.4)
}, 120_000)

test('what is read is what was asked for, on all shards together', async () => {
  const estimates = await Promise.all(
    [scene.alone, scene.whole].map(async ({ case: opened }) => {
      const asked = await opened.compile('StorageBlobLogs | count')
      if (!asked.ok) throw new Error('the question is sound')
      return (await opened.estimate(asked)).map(({ table, rows }) => ({ table, rows }))
    }),
  )
  expect(estimates[0]).toEqual([{ table: 'StorageBlobLogs', rows: expect.any(Number) }])
  expect(estimates[1]).toEqual(estimates[0])
})

test('a row leads to its bytes', async () => {
  const [[evidence, record] = []] = await answerOf(
    scene.whole,
    'StorageBlobLogs | sort by TimeGenerated asc, _EvidenceId asc, _EvidenceRecord asc | take 1 | project _EvidenceId, _EvidenceRecord',
  )
  const row = `${String(evidence)}:${String(record)}`
  const [shown, other] = await Promise.all([scene.whole.case.show(row), scene.alone.case.show(row)])
  expect(Buffer.from(shown.bytes).toString()).toContain('"')
  expect(shown).toEqual(other)
})

test('a watchlist is found from every part of a query', async () => {
  const csv = Buffer.from('Operation,Weight\nGetBlob,1\nPutBlob,5\n')
  const kql = `StorageBlobLogs | where OperationName in ((_GetWatchlist('weights') | project Operation))
    | lookup kind=leftouter (_GetWatchlist('weights') | project OperationName = Operation, Weight) on OperationName
    | summarize n = count() by OperationName, Weight | sort by OperationName asc`
  const answers = []
  for (const { case: opened } of [scene.alone, scene.whole]) {
    await opened.addWatchlist('weights', csv)
    const answer = await opened.ask(kql)
    if (!answer.ok) throw new Error(JSON.stringify(answer.diagnostics))
    answers.push(await Array.fromAsync(answer.rows))
    expect(await opened.removeWatchlist('weights')).toBe(true)
  }
  expect(answers[0]).toContainEqual(['PutBlob', '5', expect.any(Number)])
  expect(answers[1]).toEqual(answers[0])
})

test('large files, other tables between and what fits nowhere come to the same', async () => {
  const evidence = writeOddEvidence(join(scene.folder, 'odd'))
  const { alone, whole } = scene
  const seen = []
  for (const { case: opened } of [alone, whole]) {
    const { totals } = await opened.ingest([evidence])
    const { rows } = await opened.quarantine()
    seen.push({ totals, quarantined: await Array.fromAsync(rows) })
  }
  expect(seen[0]?.quarantined.map(([, reason]) => reason).toSorted()).toEqual([
    'no-time',
    'not-json',
    'tuple-decision',
    'tuple-field-count',
    'unknown-shape',
  ])
  expect(seen[1]).toEqual(seen[0])
  expect(await fingerprint(whole)).toEqual(await fingerprint(alone))
  expect(await faultsOf(whole)).toEqual([])
  const doors = 'Door_CL | project Room_s, Floor_d'
  expect(await answerOf(whole, doors)).toEqual([['attic', 4]])
  const reads = 'StorageBlobLogs | where CorrelationId startswith "00000001-" | count'
  expect(await answerOf(whole, reads)).toEqual([[1500]])
}, 300_000)

test('who may only read asks, and takes nothing in', async () => {
  const reading = await openClusterCase(scene.whole.folder.path, scene.nodes, { user: userOfPage('reader') })
  await using _ = reading
  expect(await answerOf(reading, 'StorageBlobLogs | count')).toEqual(
    await answerOf(scene.alone, 'StorageBlobLogs | count'),
  )
  await expect(reading.case.ingest([scene.evidence])).rejects.toMatchObject({ code: 'engine-refused' })
})

test('a case is refused what belongs to another, and a cluster that has lost a shard', async () => {
  const { nodes, folder } = scene
  const stranger = openClusterCase(join(folder, 'stranger'), nodes, { tenantId: crypto.randomUUID() })
  await expect(stranger.then(({ case: opened }) => opened.tables())).rejects.toMatchObject({
    code: 'case-database',
  })
  await expect(openClusterCase(join(folder, 'half'), [nodes[0]])).rejects.toMatchObject({
    code: 'engine-shards',
    message: expect.stringContaining('shard 2'),
  })
})
