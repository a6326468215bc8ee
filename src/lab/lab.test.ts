import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LabAnswers } from './answers.ts'
import { makeLab, type LabOptions } from './lab.ts'

const folders: string[] = []

async function makeIn(
  options: Partial<LabOptions>,
): Promise<{ readonly folder: string; readonly answers: LabAnswers }> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-lab-'))
  folders.push(folder)
  const answers = await makeLab(folder, {
    scenario: 'exfiltration',
    seed: 1,
    days: 2,
    scale: 0.4,
    ...options,
  })
  return { folder, answers }
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const path of filesOf(folder)) hash.update(path.slice(folder.length)).update(readFileSync(path))
  return hash.digest('hex')
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('the exfiltration', () => {
  let made: { readonly folder: string; readonly answers: LabAnswers }
  beforeAll(async () => {
    made = await makeIn({})
  })
  const evidence = (): string => join(made.folder, 'evidence')

  test('is the same bytes for the same seed and others for another', async () => {
    const again = await makeIn({})
    const other = await makeIn({ seed: 2 })
    expect(digestOf(again.folder)).toBe(digestOf(made.folder))
    expect(digestOf(other.folder)).not.toBe(digestOf(made.folder))
  })

  test('holds in each file as many records as the answers say, and no other file', () => {
    const found = filesOf(evidence()).map((path) => [path.slice(evidence().length + 1), countRecords(path)])
    const told = Object.entries(made.answers.totals.files).map(([path, { records }]) => [path, records])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(told))
  })

  test('names records that stand where they are said to and hold what they are known by', () => {
    for (const { id, records } of [...made.answers.steps, ...made.answers.decoys]) {
      for (const record of records) {
        const text = recordAt(join(evidence(), record.file), record.record, record.ordinal)
        for (const [column, value] of Object.entries(record.columns)) {
          const wanted = column === 'OperationCount' ? `"operationCount":${value}` : value
          expect(text.toLowerCase(), `${id} ${record.file} ${column}`).toContain(
            JSON.stringify(wanted).slice(1, -1).toLowerCase().replaceAll('\\"', '"'),
          )
        }
      }
    }
  })

  test('leaves no read of the account whose read log is off', () => {
    const text = filesOf(evidence()).filter(
      (path) => path.includes('storageread') && path.includes('stmeridianarch'),
    )
    expect(text).toEqual([])
  })
})

test('refuses a folder with other files and options that make no sense', async () => {
  const { folder } = await makeIn({ scenario: 'quiet', days: 1, scale: 0.1 })
  const options = { scenario: 'quiet', seed: 1, days: 1, scale: 1 } as const
  await expect(makeLab(folder, options)).rejects.toMatchObject({ code: 'lab-folder-not-empty' })
  await expect(makeLab(join(folder, 'a'), { ...options, days: 0 })).rejects.toMatchObject({
    code: 'lab-days',
  })
  await expect(makeLab(join(folder, 'b'), { ...options, scale: 0 })).rejects.toMatchObject({
    code: 'lab-scale',
  })
  await expect(makeLab(join(folder, 'c'), { ...options, end: 'today' })).rejects.toMatchObject({
    code: 'lab-end',
  })
})

/** Reads evidence in the plainest way, by the file's form alone, to check what the lab says of itself. */
function recordsOf(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  if (path.endsWith('.csv')) return rowsOf(text).slice(1)
  if (path.endsWith('.log')) return text.split('\n').filter((line) => line !== '')
  if (text.startsWith('{"records":['))
    return (JSON.parse(text) as { records: unknown[] }).records.map((record) => JSON.stringify(record))
  if (text.startsWith('{\n  "cost"')) return pointsOf(text)
  return documentsOf(text)
    .flatMap((document): unknown => JSON.parse(document))
    .map((record) => JSON.stringify(record))
}

/** Records of a file; tuples where it is a flow log. */
function countRecords(path: string): number {
  const records = recordsOf(path)
  if (!records.some((record) => record.includes('"flowTuples"'))) return records.length
  return records.reduce((sum, record) => sum + tuplesOf(record).length, 0)
}

/** A record, or a tuple in it, by its 1-based place. */
function recordAt(path: string, record: number, ordinal: number | undefined): string {
  const text = recordsOf(path)[record - 1] ?? ''
  return ordinal === undefined ? text : `${tuplesOf(text)[ordinal - 1]} ${text.slice(0, 400)}`
}

function tuplesOf(record: string): readonly string[] {
  return [...record.matchAll(/"flowTuples":\[([^\]]*)\]/g)].flatMap(
    ([, list = '']) => JSON.parse(`[${list}]`) as string[],
  )
}

interface Metrics {
  readonly value: readonly {
    readonly name: { readonly value: string }
    readonly timeseries: readonly {
      readonly data: readonly object[]
      readonly metadatavalues: readonly { readonly value: string }[]
    }[]
  }[]
}

function pointsOf(text: string): readonly string[] {
  const name = /storageAccounts\/(\w+)\/providers/.exec(text)?.[1]
  return (JSON.parse(text) as Metrics).value.flatMap((metric) =>
    metric.timeseries.flatMap((series) =>
      series.data.map((point) =>
        JSON.stringify({
          name,
          metric: metric.name.value,
          dimensions: series.metadatavalues.map(({ value }) => value),
          point,
        }),
      ),
    ),
  )
}

/** Splits documents that follow one another with nothing between them. */
function documentsOf(text: string): readonly string[] {
  const documents: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (quoted) {
      if (character === '\\') index += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) {
        documents.push(text.slice(start, index + 1).trim())
        start = index + 1
      }
    }
  }
  if (text.slice(start).trim() !== '') throw new Error('the text ends within a document')
  return documents
}

function rowsOf(text: string): readonly string[] {
  const rows: string[] = []
  let quoted = false
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '"') quoted = !quoted
    else if (text[index] === '\n' && !quoted) {
      rows.push(text.slice(start, index))
      start = index + 1
    }
  }
  if (start < text.length) rows.push(text.slice(start))
  return rows
}
