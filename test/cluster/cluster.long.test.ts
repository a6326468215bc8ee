import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { openRemote } from '../../src/engine/remote.ts'
import { memoryTerminal } from '../memory-terminal.ts'
import { campaign, standalone } from '../kql/campaign.ts'
import { Random } from '../../src/lab/random.ts'
import { openTrialOn } from '../kql/trial.ts'
import { answerOf, faultsOf, fingerprint } from '../whole-case.ts'
import { administrator, openClusterCase, userOfPage } from './cluster-case.ts'
import { ingestKilling } from './killed-node.ts'
import { makeNodes } from './nodes.ts'
import { longQuestions, questions } from './questions.ts'
import { makeScene, type Scene } from './scene.ts'

const root = join(import.meta.dirname, '..', '..')
const queries = Number(process.env['AZIMUTH_QUERIES'] ?? 2000)

const rule = `
id: 5d0e1a3c-0000-4000-8000-000000000002
name: Blobs read
severity: Medium
queryFrequency: 6h
queryPeriod: 6h
query: StorageBlobLogs | where OperationName == "GetBlob" | summarize Reads = count() by CallerIpAddress
`

let scene: Scene

beforeAll(async () => {
  scene = await makeScene({ scenario: 'exfiltration', seed: 5, days: 2, scale: 0.05 }, /./u)
}, 1_800_000)

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
})

test('every shape lies on two nodes as it lies in an engine of its own', async () => {
  expect(await fingerprint(scene.whole)).toEqual(scene.expected)
  expect(await faultsOf(scene.whole)).toEqual([])
  for (const question of [...questions, ...longQuestions])
    expect(await answerOf(scene.whole, question), question).toEqual(await answerOf(scene.alone, question))
})

test('random queries are answered as the interpreter answers them', async () => {
  const { name: user, password } = administrator
  const address = { urls: scene.nodes.map(({ url }) => url), user, database: 'azimuth_trial' }
  const options = { password, directory: scene.folder, queryIdPrefix: 'trial-' }
  await using engine = await openRemote(address, options)
  await using trial = await openTrialOn(engine)
  const { faults } = await campaign(trial, 7, queries, 50)
  expect(faults.map(({ query, data, outcome }) => ({ outcome, query: standalone(query, data) }))).toEqual([])
})

describe('an ingest that loses', () => {
  const random = new Random('losses')
  const losses = ['the other node', 'the node it talks to', 'both'].flatMap((loss) =>
    Array.from({ length: 5 }, (_, index) => ({ loss, moment: (0.9 * (index + random.unit())) / 5 })),
  )
  test.each(losses)('$loss, at $moment, ends right when it is back', async ({ loss, moment }) => {
    const [first, second] = scene.nodes
    const victims = { 'the other node': [second], 'the node it talks to': [first], both: [first, second] }
    await ingestKilling(scene, victims[loss as keyof typeof victims], moment)
  })
})

test('a hunt raises the same alerts, which are asked for beside the evidence', async () => {
  const rules = join(scene.folder, 'rules.yaml')
  writeFileSync(rules, rule)
  const seen = []
  for (const { folder } of [scene.alone, scene.whole]) {
    const environment = { AZIMUTH_ENGINE_PASSWORD: userOfPage('writer').password }
    const azimuth = async (...words: readonly string[]) => {
      const terminal = memoryTerminal({ home: scene.folder, directory: scene.folder, environment })
      const code = await run(terminal, [...words, '--case', folder.path])
      return { code, text: terminal.out.text() }
    }
    expect((await azimuth('hunt', '--rules', rules)).code).toBe(0)
    const asked = 'SecurityAlert | where ProviderName == "Azimuth" | sort by SystemAlertId asc'
    seen.push([await azimuth('alert', 'list', '-o', 'json'), await azimuth('query', '-o', 'ndjson', asked)])
  }
  expect(seen[0]?.[1]?.text).toContain('Blobs read')
  expect(seen[1]).toEqual(seen[0])
})

test('one server that belongs to no cluster holds a case', async () => {
  const nodes = await makeNodes(join(scene.folder, 'one'), 1, [administrator])
  try {
    await using whole = await openClusterCase(join(scene.folder, 'case of one'), nodes, {
      user: administrator,
    })
    await whole.case.ingest([scene.evidence])
    expect(whole.engine.spread).toBeUndefined()
    expect(await fingerprint(whole)).toEqual(scene.expected)
    expect(await faultsOf(whole)).toEqual([])
  } finally {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  }
})

test('docs/cluster.md shows commands that work', async () => {
  const [first, second] = scene.nodes
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src', 'cli', 'azimuth.ts')}" "$@"\n`
  writeFileSync(join(scene.folder, 'azimuth'), command, { mode: 0o755 })
  symlinkSync(scene.evidence, join(scene.folder, 'logs'))
  const text = readFileSync(join(root, 'docs', 'cluster.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
  expect(blocks.length).toBeGreaterThan(1)
  const script = blocks
    .join('\n')
    .replaceAll(/https:\/\/(\w+@)?ch1\.example:8443/g, first.url.replace('://', '://$1'))
    .replaceAll('https://ch2.example:8443', second.url)
    .replaceAll(`--engine http`, `--engine-database azimuth_page --engine http`)
  const env = {
    ...process.env,
    PATH: `${scene.folder}:${process.env['PATH']}`,
    XDG_DATA_HOME: join(scene.folder, 'data'),
  }
  const talk = await new Promise<string>((done, fail) => {
    execFile('bash', ['-xeuo', 'pipefail', '-c', script], { cwd: scene.folder, env }, (error, out, said) => {
      if (error === null) done(out + said)
      else fail(new Error(said))
    })
  })
  expect(talk).toContain('verified')
})
