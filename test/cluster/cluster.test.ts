import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLab } from '../../src/lab/lab.ts'
import { sql } from '../../src/sql/template.ts'
import { faultsOf, fingerprint, makeWholeCase, removeFolder, temporaryFolder } from '../whole-case.ts'
import type { TablePrint } from '../whole-case.ts'
import { openClusterCase, usersOfPage, type ClusterCase } from './cluster-case.ts'
import { makeNodes, type Node } from './nodes.ts'

const folder = temporaryFolder()
const evidence = join(folder, 'evidence')
const command = join(import.meta.dirname, '..', '..', 'src', 'cli', 'azimuth.ts')

let nodes: readonly Node[]
let whole: ClusterCase
let expected: Readonly<Record<string, TablePrint>>

beforeAll(async () => {
  nodes = await makeNodes(join(folder, 'nodes'), 2, usersOfPage())
  await makeLab(join(folder, 'lab'), { scenario: 'exfiltration', seed: 11, days: 1, scale: 0.01 })
  const kept = /insights-activity-logs|storage(?:read|write|delete)|flowevent|auditevent|portal|\$logs/u
  cpSync(join(folder, 'lab', 'evidence'), evidence, {
    recursive: true,
    filter: (source) => !/\.(?:json|csv|log)$/u.test(source) || kept.test(source),
  })
  await using alone = await makeWholeCase(join(folder, 'alone'))
  await alone.case.ingest([evidence])
  expected = await fingerprint(alone)
  whole = await openClusterCase(join(folder, 'case'), nodes)
}, 120_000)

afterAll(async () => {
  await whole?.[Symbol.asyncDispose]()
  for (const node of nodes ?? []) await node[Symbol.asyncDispose]()
  removeFolder(folder)
})

test('evidence lies on both shards as it lies in an engine of its own', async () => {
  const { totals } = await whole.case.ingest([evidence])
  expect(totals.records).toBe(totals.rows + totals.duplicates + totals.quarantined)
  expect(await fingerprint(whole)).toEqual(expected)
  expect(await faultsOf(whole)).toEqual([])
})
