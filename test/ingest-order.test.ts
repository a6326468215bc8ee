import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendCustody, custodyFile } from '../src/case/custody.ts'
import { verifyCustody } from '../src/case/custody-verify.ts'
import type { IngestReport } from '../src/evidence/report.ts'
import type { LabAnswers } from '../src/lab/answers.ts'
import { makeLab } from '../src/lab/lab.ts'
import { Random } from '../src/lab/random.ts'
import { buildZip } from './archive-builder.ts'
import {
  faultsOf,
  fingerprint,
  makeWholeCase,
  removeFolder,
  rowsOf,
  temporaryFolder,
  type TablePrint,
  type WholeCase,
} from './whole-case.ts'

const isLong = process.env['AZIMUTH_LONG'] === '1'
const minutes = 60_000
const folder = temporaryFolder()
const evidence = join(folder, 'evidence')
const zip = join(folder, 'evidence.zip')
const tarball = join(folder, 'evidence.tar.gz')

let answers: LabAnswers
let files: readonly string[]
let whole: WholeCase
let report: IngestReport
let expected: Readonly<Record<string, TablePrint>>

beforeAll(async () => {
  answers = await makeLab(folder, { scenario: 'exfiltration', seed: 7, days: 2, scale: 0.1 })
  files = Object.keys(answers.totals.files)
  const shuffled = new Random('zip').shuffle(files)
  writeFileSync(
    zip,
    buildZip(shuffled.map((name) => ({ name, content: readFileSync(join(evidence, name)) }))),
  )
  execFileSync('tar', ['-czf', tarball, '-C', evidence, ...new Random('tar').shuffle(topFolders(files))])
  whole = await makeWholeCase(join(folder, 'case'))
  report = await whole.case.ingest([evidence])
  expected = await fingerprint(whole)
}, 10 * minutes)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

describe('the evidence of the lab', () => {
  test('gives the rows that the answers count', () => {
    expect(rowsOf(expected)).toEqual(answers.totals.tables)
  })

  test('gives as many records in each file as the answers count, and each is accounted for', () => {
    expect(
      Object.fromEntries(report.files.map((file) => [file.path.slice(evidence.length + 1), file.records])),
    ).toEqual(
      Object.fromEntries(Object.entries(answers.totals.files).map(([path, { records }]) => [path, records])),
    )
    expect(report.files.filter((file) => file.verdict !== 'parsed')).toEqual([])
    for (const file of report.files) {
      const rows = Object.values(file.tables).reduce((sum, count) => sum + count, 0)
      expect({ ...file, sum: rows + file.duplicates + file.quarantined }).toMatchObject({ sum: file.records })
    }
  })

  test(
    'adds nothing when it is taken in again',
    async () => {
      const again = await whole.case.ingest([evidence])
      expect(again.totals).toEqual({
        ...again.totals,
        rows: 0,
        quarantined: 0,
        duplicates: again.totals.records,
      })
      expect(await fingerprint(whole)).toEqual(expected)
    },
    minutes,
  )

  test(
    'is verified',
    async () => {
      expect(await faultsOf(whole)).toEqual([])
    },
    minutes,
  )

  test(
    'gives the same rows out of a zip, and the folder then adds nothing',
    async () => {
      await using other = await makeWholeCase(join(folder, 'zip-case'))
      await other.case.ingest([zip])
      expect(await fingerprint(other)).toEqual(expected)
      await other.case.ingest([evidence])
      expect(await fingerprint(other)).toEqual(expected)
      expect(await faultsOf(other)).toEqual([])
      await withChangedByte(zip, 'zip', async () => expect(await faultsOf(other)).not.toEqual([]))
    },
    10 * minutes,
  )

  test(
    'gives the same rows out of a tar.gz, and the zip then adds nothing',
    async () => {
      await using other = await makeWholeCase(join(folder, 'tar-case'))
      await other.case.ingest([tarball])
      expect(await fingerprint(other)).toEqual(expected)
      await other.case.ingest([zip])
      expect(await fingerprint(other)).toEqual(expected)
      expect(await faultsOf(other)).toEqual([])
      await withChangedByte(tarball, 'tarball', async () => expect(await faultsOf(other)).not.toEqual([]))
    },
    10 * minutes,
  )

  const orders = isLong ? ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] : ['first']
  test.each(orders)(
    'gives the same rows in a random order of files, in groups (%s)',
    async (order) => {
      const random = new Random(`order/${order}`)
      const shuffled = random.shuffle(files).map((path) => join(evidence, path))
      await using other = await makeWholeCase(join(folder, `case-${order}`))
      let start = 0
      while (start < shuffled.length) {
        const end = start + Math.ceil(shuffled.length * (0.2 + random.unit() * 0.4))
        await other.case.ingest(shuffled.slice(start, end))
        start = end
      }
      expect(await fingerprint(other)).toEqual(expected)
      expect(await conflictsOf(other)).toEqual(await conflictsOf(whole))
      expect(await faultsOf(other)).toEqual([])
    },
    20 * minutes,
  )
})

describe('verify', () => {
  test(
    'finds one changed byte of evidence',
    async () => {
      const random = new Random('evidence byte')
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const path = join(evidence, random.pick(files))
        await withChangedByte(path, `byte ${attempt}`, async () => {
          const found = await faultsOf(whole)
          expect(found).toContainEqual(expect.objectContaining({ code: 'evidence-changed', subject: path }))
          expect(found.filter(({ code }) => code === 'evidence-changed')).toHaveLength(1)
        })
      }
      expect(await faultsOf(whole)).toEqual([])
    },
    5 * minutes,
  )

  test(
    'finds one changed byte of custody',
    async () => {
      const { path } = whole.folder
      for (const command of ['ingest', 'query', 'tables']) {
        await appendCustody(path, {
          command,
          arguments: [command, 'é'],
          versions: { azimuth: '0' },
          started: new Date(0),
          outcome: 'done',
        })
      }
      expect(await faultsOf(whole)).toEqual([])
      const file = custodyFile(path)
      await withChangedByte(file, 'custody', async () => {
        expect(await faultsOf(whole)).toContainEqual(expect.objectContaining({ subject: 'custody.jsonl' }))
      })
      for (let attempt = 0; attempt < 200; attempt += 1) {
        await withChangedByte(file, `custody ${attempt}`, async () => {
          const { findings } = await verifyCustody(path)
          expect(findings.filter(({ severity }) => severity === 'fault')).not.toEqual([])
        })
      }
      expect(await faultsOf(whole)).toEqual([])
    },
    5 * minutes,
  )
})

function topFolders(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => path.split('/')[0] ?? ''))]
}

/** Flips a bit somewhere in a file while `work` runs. */
async function withChangedByte(path: string, seed: string, work: () => Promise<void>): Promise<void> {
  const whole = readFileSync(path)
  const random = new Random(`changed/${seed}`)
  const changed = Buffer.from(whole)
  const place = random.below(changed.length)
  changed[place] = (changed[place] ?? 0) ^ (1 << random.below(8))
  writeFileSync(path, changed)
  try {
    await work()
  } finally {
    writeFileSync(path, whole)
  }
}

/** Which values differ, whichever of equal sightings tells it. */
async function conflictsOf(from: WholeCase): Promise<readonly string[]> {
  const { rows } = await from.case.conflicts()
  const found = new Set<string>()
  for await (const [table, column, kept, keptRow, other] of rows) {
    found.add(JSON.stringify([table, column, kept, keptRow, other]))
  }
  return [...found].toSorted()
}
