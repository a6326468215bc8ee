import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FileReport } from '../src/evidence/report.ts'
import { fixtures } from '../src/tables/fixtures.ts'
import {
  answerOf,
  faultsOf,
  makeWholeCase,
  removeFolder,
  temporaryFolder,
  type WholeCase,
} from './whole-case.ts'

// Evidence that is written to, replaced or removed after it was looked at and before it is landed.

const folder = temporaryFolder()
const evidence = join(folder, 'evidence')
const path = (name: string): string => join(evidence, name)
const record = fixtures.find(({ shape }) => shape === 'StorageBlobLogs/diagnostic')?.record ?? {}
let told = 0

/** As many records as told, of the same length each time. */
function lines(count: number): string {
  const next = (): string =>
    JSON.stringify({
      ...record,
      correlationId: `00000000-0000-4000-8000-${String((told += 1)).padStart(12, '0')}`,
    })
  return `${Array.from({ length: count }, next).join('\n')}\n`
}

/** Larger than what is copied for the engine: it reads the file itself. */
const many = Math.ceil(2 ** 20 / lines(1).length)

const changes: Readonly<
  Record<string, { readonly records: number; readonly change: (file: string) => void }>
> = {
  'rewritten.json': { records: 3, change: (file) => writeFileSync(file, lines(3)) },
  'rewritten-large.json': { records: many, change: (file) => writeFileSync(file, lines(many)) },
  'in-its-old-time.json': { records: 3, change: inItsOldTime },
  'appended.json': { records: 3, change: (file) => appendFileSync(file, lines(1)) },
  'appended-large.json': { records: many, change: (file) => appendFileSync(file, lines(1)) },
  'replaced.json': { records: 3, change: replace },
  'replaced-large.json': { records: many, change: replace },
  'removed.json': { records: 3, change: (file) => rmSync(file) },
  'removed-large.json': { records: many, change: (file) => rmSync(file) },
}

function inItsOldTime(file: string): void {
  const { atime, mtime } = statSync(file)
  writeFileSync(file, lines(3))
  utimesSync(file, atime, mtime)
}

function replace(file: string): void {
  writeFileSync(`${folder}/other`, lines(3))
  renameSync(`${folder}/other`, file)
}

let whole: WholeCase
let first: ReadonlyMap<string, FileReport>

async function takeIn(onMet?: () => void): Promise<ReadonlyMap<string, FileReport>> {
  const onProgress = ({ path: met }: { readonly path?: string }): void => {
    if (met === path('zz-last.json')) onMet?.()
  }
  const { files } = await whole.case.ingest([evidence], { onProgress })
  return new Map(files.map((file) => [file.path.slice(evidence.length + 1), file]))
}

beforeAll(async () => {
  mkdirSync(evidence)
  for (const [name, { records }] of Object.entries(changes)) writeFileSync(path(name), lines(records))
  writeFileSync(path('packed.json.gz'), gzipSync(lines(5)))
  writeFileSync(path('still.json'), lines(4))
  writeFileSync(path('zz-last.json'), lines(1))
  whole = await makeWholeCase(join(folder, 'case'))
  first = await takeIn(() => {
    for (const [name, { change }] of Object.entries(changes)) change(path(name))
    writeFileSync(path('packed.json.gz'), gzipSync(lines(6)))
  })
}, 120_000)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

test.each([...Object.keys(changes), 'packed.json.gz'])('%s is not taken for what was hashed', (name) => {
  expect(first.get(name)).toMatchObject({
    verdict: 'skipped',
    records: 0,
    reason: expect.stringContaining('changed while it was being read'),
  })
})

test('files beside them lose nothing', async () => {
  expect(first.get('still.json')).toMatchObject({
    verdict: 'parsed',
    records: 4,
    tables: { StorageBlobLogs: 4 },
  })
  expect(await answerOf(whole, 'StorageBlobLogs | count')).toEqual([[5]])
})

test('taken in again they are what they are then, and all is accounted for', async () => {
  const again = await takeIn()
  expect([...again.values()].filter(({ verdict }) => verdict !== 'parsed')).toEqual([])
  const records = [...again].reduce((sum, [, file]) => sum + file.records, 0)
  expect(await answerOf(whole, 'StorageBlobLogs | count')).toEqual([[records]])
  const missing = (await faultsOf(whole)).map(({ code, subject }) => `${code} ${subject}`)
  expect(missing.toSorted()).toEqual(
    ['removed-large.json', 'removed.json'].map((name) => `evidence-missing ${path(name)}`),
  )
})
