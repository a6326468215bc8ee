import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../src/lab/random.ts'
import { takeMutated } from './mutated-evidence.ts'
import { faultsOf, makeWholeCase, removeFolder, temporaryFolder } from './whole-case.ts'

const folder = temporaryFolder()

afterAll(() => removeFolder(folder))

test('damaged evidence of every shape and container gets its verdict, and every count adds up', async () => {
  await using whole = await makeWholeCase(`${folder}/case`)
  const { verdicts } = await takeMutated(whole, folder, new Random('damage'), 120)
  expect(Object.keys(verdicts).toSorted()).toEqual(['parsed', 'partial', 'skipped'])
}, 300_000)

test('a document whose bracket moved holds what was found in it, although a strict count ends early', async () => {
  await using whole = await makeWholeCase(`${folder}/moved`)
  const path = `${folder}/moved.json`
  const record = (id: string): string =>
    JSON.stringify({ TimeGenerated: '2025-06-01T10:00:00.5Z', Type: 'AADRiskyServicePrincipals', Id: id })
  writeFileSync(path, `  ]\n{\n  "value": [\n${record('a')}\n}\n${record('b')}\n${record('c')}\n`)
  const { files } = await whole.case.ingest([path])
  expect(files).toMatchObject([{ records: 3, tables: { AADRiskyServicePrincipals: 3 }, quarantined: 0 }])
  expect(await faultsOf(whole)).toEqual([])
})
