import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { locateRecords } from '../src/evidence/locate.ts'
import type { FileReport } from '../src/evidence/report.ts'
import { makeLab } from '../src/lab/lab.ts'
import { identifier, join as joinSql, sql } from '../src/sql/template.ts'
import { storedTable } from '../src/tables/create.ts'
import { fixtures, type Fixture } from '../src/tables/fixtures.ts'
import { shapes, tables } from '../src/tables/tables.ts'
import { buildZip } from './archive-builder.ts'
import { makeWholeCase, removeFolder, temporaryFolder, type WholeCase } from './whole-case.ts'

// Rows of every shape are followed back to the bytes that they came from, by means that share nothing with the readers.

interface Row {
  readonly table: string
  readonly evidence: string
  readonly record: string
  readonly ordinal: number
  readonly rank: number
  readonly time: string
  /** Columns by which a reader would know the record again. */
  readonly known: Readonly<Record<string, string>>
}

const minutes = 60_000
const folder = temporaryFolder()
const lab = join(folder, 'lab', 'evidence')
const made = join(folder, 'made')
const rowsPerShape = 60
const recordsPerFixture = 6

/** The content of each piece of evidence, by its SHA-256. */
const contents = new Map<string, Buffer>()
let whole: WholeCase
let rows: readonly Row[]
/** Rows whose records say something by which they can be known again. */
let knownRows = 0
let problems: readonly FileReport[]

beforeAll(async () => {
  const answers = await makeLab(join(folder, 'lab'), {
    scenario: 'exfiltration',
    seed: 5,
    days: 2,
    scale: 0.1,
  })
  for (const path of Object.keys(answers.totals.files)) know(readFileSync(join(lab, path)))
  fixtures.forEach((fixture, index) => writeFixture(fixture, index))
  whole = await makeWholeCase(join(folder, 'case'))
  const report = await whole.case.ingest([lab, made], { dayFirst: false })
  problems = report.files.filter(({ verdict }) => verdict !== 'parsed')
  rows = (await Promise.all(tables.map(({ name }) => drawRows(name)))).flat()
}, 10 * minutes)

afterAll(async () => {
  await whole[Symbol.asyncDispose]()
  removeFolder(folder)
})

describe('a row', () => {
  test('was drawn from every shape, a thousand in all', () => {
    expect(problems).toEqual([])
    const drawn = new Set(rows.map(({ table, rank }) => `${table} ${rank >> 8}`))
    expect(
      shapes.filter(({ table, richness }) => !drawn.has(`${table} ${richness}`)).map(({ id }) => id),
    ).toEqual([])
    expect(rows.length).toBeGreaterThan(1000)
  })

  test(
    'is shown by the bytes that stand in its evidence, and they are the record it came from',
    async () => {
      for (const [evidence, ofEvidence] of Map.groupBy(rows, (row) => row.evidence)) {
        const content = contents.get(evidence)
        if (content === undefined) throw new Error(`nobody wrote ${evidence}`)
        const numbers = [...new Set(ofEvidence.map((row) => Number(row.record)))]
        const located = await locateRecords(whole.owner, evidence, numbers)
        expect(located.map(({ record }) => record)).toEqual(numbers.toSorted((one, other) => one - other))
        for (const { record, offset, length, bytes, path } of located) {
          expect(Buffer.compare(bytes, content.subarray(offset, offset + length)), path).toBe(0)
          expect(length, path).toBeGreaterThan(10)
          const text = textOf(content, bytes)
          for (const row of ofEvidence) if (Number(row.record) === record) expectSameRecord(row, text, path)
        }
      }
      expect(knownRows).toBeGreaterThan(0.95 * rows.length)
    },
    5 * minutes,
  )

  test(
    'is shown with the file it stands in, and its offset',
    async () => {
      for (const row of rows.filter((_, index) => index % 100 === 0)) {
        const shown = await whole.case.show(`${row.evidence.slice(0, 16)}:${row.record}:${row.ordinal}`)
        expect(shown.sha256).toBe(row.evidence)
        const content = contents.get(row.evidence) ?? Buffer.alloc(0)
        expect(Buffer.compare(shown.bytes, content.subarray(shown.offset, shown.offset + shown.length))).toBe(
          0,
        )
        if (!shown.path.includes('!') && !shown.path.endsWith('.gz')) {
          expect(readFileSync(shown.path).includes(Buffer.from(shown.bytes))).toBe(true)
        }
      }
    },
    5 * minutes,
  )
})

/** Says what `row` and the text of its record must have in common. */
function expectSameRecord(row: Row, text: string, path: string): void {
  const where = `${row.table} ${path}`
  if (row.table === 'FlowTuples') {
    const tuple = [...text.matchAll(/"(\d{10,13},[^"]+)"/gu)][row.ordinal - 1]?.[1]?.split(',') ?? []
    const { SrcIp, DestIp, SrcPort, DestPort } = row.known
    expect(tuple.slice(1, 5), where).toEqual([SrcIp, DestIp, SrcPort, DestPort])
    const time = Number(tuple[0]) * (tuple[0]?.length === 10 ? 1000 : 1)
    expect(Date.parse(`${row.time.slice(0, 23).replace(' ', 'T')}Z`), where).toBe(time)
    knownRows += 1
    return
  }
  const said = text.replaceAll('\\', '').replaceAll('&amp;', '&').replaceAll('&quot;', '"').toLowerCase()
  const known = Object.values(row.known).filter((value) => value !== '' && !/^0?$/u.test(value))
  expect(
    known.filter((value) => !said.includes(value.replaceAll('\\', '').toLowerCase())),
    where,
  ).toEqual([])
  const times = [...said.matchAll(/\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d/gu)].map(([time]) => time.replace('t', ' '))
  if (times.length > 0 && !/date\(|\d{4} \d\d?:\d\d/u.test(said))
    expect(times, where).toContain(row.time.slice(0, 19))
  if (known.length + times.length > 0) knownRows += 1
}

const knownColumns: ReadonlySet<string> = new Set([
  'CorrelationId',
  'Id',
  'OfficeId',
  'SystemAlertId',
  'RequestId',
  'EventDataId',
  'UniqueTokenIdentifier',
  'ObjectKey',
  'Uri',
  'RequestUri',
  'requestUri_s',
  'UserPrincipalName',
  'Caller',
  'MetricName',
  'SrcIp',
  'DestIp',
  'SrcPort',
  'DestPort',
])

async function drawRows(table: string): Promise<readonly Row[]> {
  const declared = tables.find(({ name }) => name === table)
  if (declared === undefined) throw new Error(`no table ${table}`)
  const known = joinSql(
    declared.columns
      .filter(({ name }) => knownColumns.has(name))
      .map(({ name }) => sql`${name}, ifNull(toString(${identifier(name)}), '')`),
  )
  const drawn = await whole.owner.rows<Omit<Row, 'table' | 'known'> & { readonly said: string }>(
    sql`SELECT _EvidenceId AS evidence, _EvidenceRecord AS record, _EvidenceOrdinal AS ordinal, _Rank AS rank,
        toString(TimeGenerated) AS time, toJSONString(CAST(map('', '', ${known}), 'Map(String, String)')) AS said
      FROM ${storedTable(declared)} ORDER BY sipHash64('seed', evidence, record, ordinal) LIMIT ${rowsPerShape} BY intDiv(rank, 256)`,
  )
  return drawn.map(({ said, ...row }) => {
    const values: Record<string, string> = JSON.parse(said)
    return { ...row, table, known: values }
  })
}

/** Writes records of a fixture, told apart by the first digits of their identifiers, in one layout or another. */
function writeFixture(fixture: Fixture, index: number): void {
  const texts = Array.from({ length: recordsPerFixture }, (_, number) => {
    const digits = (0xa0000000 + index * 100 + number).toString(16)
    return JSON.stringify(fixture.record)
      .replaceAll(/(?<![\da-f])[\da-f]{8}-(?=[\da-f]{4}-)/giu, `${digits}-`)
      .replaceAll(/(?<=["/])(?:[a-z]{1,2}\d|Directory_\d)(?=\\?")/gu, `$&-${digits}`)
  })
  const name = `${index}/${fixture.path ?? 'PT1H.json'}`
  const columns = Object.keys(fixture.record)
  const isCsv = shapes.some(({ id, csv, form }) => id === fixture.shape && csv && form === 'exact')
  if (isCsv) {
    const cells = texts.map((text) => Object.values<unknown>(JSON.parse(text)))
    const lines = [columns, ...cells].map((row) => row.map(csvCell).join(','))
    write(name, know(Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`)))
    return
  }
  const pretty = texts.map((text) => JSON.stringify(JSON.parse(text), undefined, 2))
  switch (index % 6) {
    case 0:
      write(name, know(Buffer.from(`${texts.join('\r\n\r\n')}\n`)))
      break
    case 1:
      write(name, know(Buffer.from(`\uFEFF[${pretty.join(', ')}]`, 'utf16le')))
      break
    case 2:
      write(name, know(Buffer.from(`{"value": [\n${pretty.join(',\n')}], "nextLink": null}`)))
      break
    case 3:
      write(`${name}.gz`, gzipSync(know(Buffer.from(texts.join('')))))
      break
    case 4:
      write(
        `${name}.zip`,
        buildZip([{ name: 'é/PT1H.json', content: know(Buffer.from(`{"records":[${texts.join(',')}]}`)) }]),
      )
      break
    default:
      write(name, know(Buffer.from(`{"records":[${texts.join(',')}]}`)))
  }
}

function csvCell(value: unknown): string {
  return `"${String(value).replaceAll('"', '""')}"`
}

function write(path: string, content: Buffer): void {
  mkdirSync(dirname(join(made, path)), { recursive: true })
  writeFileSync(join(made, path), content)
}

function know(content: Buffer): Buffer {
  contents.set(createHash('sha256').update(content).digest('hex'), content)
  return content
}

function textOf(content: Buffer, bytes: Uint8Array): string {
  return new TextDecoder(content.readUInt16BE(0) === 0xfffe ? 'utf-16le' : 'utf-8').decode(bytes)
}
