import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LabAnswers } from './answers.ts'
import { makeLab, type LabOptions, type Scenario } from './lab.ts'

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

async function makeSmall(scenario: Scenario, seed: number): Promise<string> {
  const { folder } = await makeIn({ scenario, seed, days: 1, scale: 0.1 })
  return folder
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

const stories = ['exfiltration', 'ransom', 'application', 'session', 'old-key'] as const

describe.each(stories)('the scenario %s', (scenario) => {
  let made: { readonly folder: string; readonly answers: LabAnswers }
  beforeAll(async () => {
    made = await makeIn(scenario === 'exfiltration' ? {} : { scenario, scale: 0.1 })
  })
  const evidence = (): string => join(made.folder, 'evidence')

  test('is the same bytes for the same seed and others for another', async () => {
    const [one, again, other] = [
      await makeSmall(scenario, 3),
      await makeSmall(scenario, 3),
      await makeSmall(scenario, 4),
    ]
    expect(digestOf(again)).toBe(digestOf(one))
    expect(digestOf(other)).not.toBe(digestOf(one))
  })

  test('holds in each file as many records as the answers say, and no other file', () => {
    const found = filesOf(evidence()).map((path) => [path.slice(evidence().length + 1), countRecords(path)])
    const told = Object.entries(made.answers.totals.files).map(([path, { records }]) => [path, records])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(told))
  })

  test('tells how many distinct events there are, and repeats none that it has not told before', () => {
    const seen = new Map<string, Set<string>>()
    const again = new Set<string>()
    const paths = filesOf(evidence()).toSorted(
      (left, right) => Number(isRepeated(left)) - Number(isRepeated(right)),
    )
    for (const path of paths) {
      const { tables } = made.answers.totals.files[path.slice(evidence().length + 1)] ?? {}
      const [table = '', more] = Object.keys(tables ?? {}).filter(
        (name) => name !== 'SecurityAlert' || path.includes('defender'),
      )
      if (table === '' || path.endsWith('QueryResult.csv') || (more !== undefined && isRepeated(path)))
        continue
      let keys = seen.get(table)
      if (keys === undefined) seen.set(table, (keys = new Set()))
      for (const key of keysOf(path, table)) {
        if (isRepeated(path) && !keys.has(key)) again.add(`${path}: ${key}`)
        keys.add(key)
      }
    }
    expect([...again]).toEqual([])
    expect(Object.fromEntries([...seen].map(([table, keys]) => [table, keys.size]))).toEqual(
      made.answers.totals.tables,
    )
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

test('leaves nothing when it is given up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-lab-'))
  folders.push(folder)
  const controller = new AbortController()
  const onProgress = (): void => controller.abort()
  const options = {
    scenario: 'quiet',
    seed: 1,
    days: 1,
    scale: 0.1,
    signal: controller.signal,
    onProgress,
  } as const
  await expect(makeLab(folder, options)).rejects.toThrow(/abort/i)
  expect(readdirSync(folder)).toEqual([])
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

function isRepeated(path: string): boolean {
  return /\/(?:collected|second-copy|earlier-copy|azcopy-download)\//.test(path)
}

/** What each record of a file is known by, in whatever layout; alerts in the Activity Log are exported ones again. */
function keysOf(path: string, table: string): readonly string[] {
  const records = recordsOf(path).filter((record) => !/alerts\/activate\/action/i.test(record))
  if (table === 'FlowTuples') {
    return records.flatMap((record) => {
      const head = /"time":"([^"]+)".*?"macAddress":"(\w+)"/.exec(record)
      return tuplesOf(record).map((_, index) => `${head?.[1]} ${head?.[2]} ${index}`)
    })
  }
  if (path.endsWith('.log'))
    return records.map((line) => /;([0-9a-f-]{30}000000;\d);/.exec(line)?.[1] ?? line)
  if (path.endsWith('.csv') && table !== 'AzureActivity')
    return records.map((row) => /[0-9a-f-]{36}/.exec(row)?.[0] ?? row)
  return records.map((record) => {
    const found = (pattern: RegExp): string => pattern.exec(record)?.[1]?.toLowerCase() ?? ''
    if (table.startsWith('Storage'))
      return `${found(/"correlationId":"([^"]+)"/)};${found(/"operationCount":(\d)/)}`
    if (table === 'AzureMetrics') return record
    if (table === 'SecurityAlert') return found(/"SystemAlertId":"([^"]+)"/)
    if (table === 'AZKVAuditLogs' || table === 'MicrosoftGraphActivityLogs')
      return found(/"correlationId": ?"([^"]+)"/)
    if (table !== 'AzureActivity') return found(/[{,]"id":"((?:Directory_)?[0-9a-f-]{36}\w*|[0-9a-f]{64})"/)
    return activityKey(record)
  })
}

/** Correlation id and status of an Activity Log record, in six layouts; no two of the lab's share both. */
function activityKey(record: string): string {
  const row = /,(Start|Accept|Success|Failure|Active),[^,]*,[^,]*,[0-9a-f-]{36},([0-9a-f-]{36}),/.exec(record)
  const correlation = row?.[2] ?? /"correlation_?id":"([^"]+)"/i.exec(record)?.[1]
  const status = row?.[1] ?? /"(?:resultType|status)":(?:\{"value":)?"(\w+?)(?:ed)?"/i.exec(record)?.[1]
  return `${correlation} ${status?.replace(/^Succeed$/, 'Success').replace(/^Fail$/, 'Failure')}`
}

const read = new Map<string, readonly string[]>()

/** Reads evidence in the plainest way, by the file's form alone, to check what the lab says of itself. */
function recordsOf(path: string): readonly string[] {
  let records = read.get(path)
  if (records === undefined) read.set(path, (records = readRecords(path)))
  return records
}

function readRecords(path: string): readonly string[] {
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
