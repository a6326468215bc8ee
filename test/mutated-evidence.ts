import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import type { Random } from '../src/lab/random.ts'
import { fixtures } from '../src/tables/fixtures.ts'
import type { JsonObject } from '../src/tables/types.ts'
import { buildCapture, buildTar, buildZip } from './archive-builder.ts'
import { faultsOf, type WholeCase } from './whole-case.ts'

interface Evidence {
  readonly name: string
  readonly content: Buffer
}

/** Records of one shape, alike but not the same. */
function recordsOf(record: JsonObject, count: number): readonly string[] {
  const text = JSON.stringify(record)
  return Array.from({ length: count }, (_, index) =>
    text.replaceAll(/[0-9a-f]{12}(?=")/gu, (tail) => tail.slice(0, -3) + String(100 + index)),
  )
}

const containers: readonly ((records: readonly string[]) => Evidence)[] = [
  (records) => file('lines.json', `${records.join('\n')}\n`),
  (records) => file('lines-of-windows.json', `\uFEFF${records.join('\r\n')}\r\n`),
  (records) => file('document.json', `{"records":[${records.join(',')}]}`),
  (records) =>
    file('pretty.json', JSON.stringify({ value: records.map((text): unknown => JSON.parse(text)) }, null, 2)),
  (records) => file('array.json', `[${records.join(',\n')}]`),
  (records) => file('table.csv', csvOf(records)),
  (records) => ({ name: 'utf16.json', content: Buffer.from(`\uFEFF${records.join('\n')}`, 'utf16le') }),
  (records) => ({ name: 'lines.json.gz', content: gzipSync(records.join('\n')) }),
  (records) => ({
    name: 'members.zip',
    content: buildZip(records.map((text, index) => ({ name: `${index}.json`, content: text }))),
  }),
  (records) => ({
    name: 'members.tar.gz',
    content: gzipSync(buildTar(records.map((text, index) => ({ name: `${index}.json`, content: text })))),
  }),
  (records) => ({ name: 'capture.avro', content: buildCapture([records]) }),
]

function file(name: string, text: string): Evidence {
  return { name, content: Buffer.from(text) }
}

function csvOf(records: readonly string[]): string {
  const rows = records.map((text) => JSON.parse(text) as JsonObject)
  const names = Object.keys(rows[0] ?? {})
  const cell = (value: unknown): string =>
    `"${(typeof value === 'string' ? value : JSON.stringify(value ?? null)).replaceAll('"', '""')}"`
  return [names.join(','), ...rows.map((row) => names.map((name) => cell(row[name])).join(','))].join('\n')
}

const hostile: readonly Buffer[] = [
  '\u0000',
  '\u2028\u202E',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  '\n',
  '\r',
  ',',
  '{"records":[',
  ']}',
  'null',
  'NaN',
  '-',
  '1e999',
  '99999999999999999999999',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:60Z',
  "'; DROP TABLE logs.SigninLogs; --",
  "=cmd|' /C calc'!A0",
  '../../../../etc/passwd',
  '['.repeat(2000),
  '{"a":'.repeat(2000),
  'x'.repeat(70_000),
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from([0xff, 0xfe]), Buffer.from([0xc3, 0x28]), Buffer.from([0x1f, 0x8b, 0x08])])

type Mutation = (content: Buffer, random: Random, other: Buffer) => Buffer

const mutations: readonly Mutation[] = [
  (content, random) => {
    const flipped = Buffer.from(content)
    for (let left = 1 + random.below(8); left > 0; left -= 1) {
      const at = random.below(content.length)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
    }
    return flipped
  },
  (content, random) => content.subarray(0, random.below(content.length)),
  (content, random) => content.subarray(random.below(content.length)),
  (content, random) => splice(content, random, Buffer.alloc(0), 1 + random.below(200)),
  (content, random, other) => {
    const from = random.below(other.length)
    return splice(content, random, other.subarray(from, from + 1 + random.below(2000)), random.below(50))
  },
  (content, random) => {
    const lines = content.toString('latin1').split('\n')
    const [from, to] = [random.below(lines.length), random.below(lines.length)]
    lines.splice(to, 0, ...lines.splice(from, 1))
    return Buffer.from(lines.join('\n'), 'latin1')
  },
  (content, random) => splice(content, random, hostile[random.below(hostile.length)] ?? content, 0),
  (content, random) => {
    const wraps = [
      ['{"records":[', ']}'],
      ['[', ']'],
      ['{"value":', '}'],
      ['"', '"'],
      ['{"tables":[{"name":"PrimaryResult","rows":[', ']}]}'],
    ] as const
    const [open, close] = wraps[random.below(wraps.length)] ?? ['', '']
    return Buffer.concat([Buffer.from(open), content, Buffer.from(close)])
  },
  (content) => gzipSync(content),
  (content, _random, other) => Buffer.concat([content, Buffer.from('\n'), other]),
]

function splice(content: Buffer, random: Random, inserted: Buffer, removed: number): Buffer {
  const at = random.below(content.length + 1)
  return Buffer.concat([content.subarray(0, at), inserted, content.subarray(at + removed)])
}

/** Evidence of every shape and container, damaged in one to three ways; some is left whole, to tell that it still counts. */
export function mutatedEvidence(random: Random): Evidence {
  const made = (): Evidence => {
    const { record } = fixtures[random.below(fixtures.length)] ?? { record: {} }
    const container = containers[random.below(containers.length)]
    if (container === undefined) throw new Error('no container')
    return container(recordsOf(record, 1 + random.below(4)))
  }
  const { name, content } = made()
  let mutated = content
  for (let left = random.below(4); left > 0 && mutated.length > 0; left -= 1)
    mutated = (mutations[random.below(mutations.length)] ?? ((same) => same))(mutated, random, made().content)
  return { name, content: mutated }
}

/** Takes so many mutated files in, some at a time: each gets its verdict, its counts add up, and the case verifies. */
export async function takeMutated(
  whole: WholeCase,
  folder: string,
  random: Random,
  count: number,
): Promise<{ readonly verdicts: Readonly<Record<string, number>>; readonly slowestMs: number }> {
  const verdicts: Record<string, number> = {}
  let slowestMs = 0
  for (let done = 0; done < count; done += 250) {
    const evidence = join(folder, `mutated from ${done}`)
    mkdirSync(evidence)
    const paths = Array.from({ length: Math.min(250, count - done) }, (_, index) => {
      const { name, content } = mutatedEvidence(random)
      const path = join(evidence, `${done + index}-${name}`)
      writeFileSync(path, content)
      return path
    })
    const started = performance.now()
    const { files } = await whole.case.ingest([evidence])
    slowestMs = Math.max(slowestMs, performance.now() - started)
    for (const path of paths) {
      const reports = files.filter((each) => each.path === path || each.path.startsWith(`${path}!`))
      expect(reports, path).not.toHaveLength(0)
      for (const report of reports) {
        const rows = Object.values(report.tables).reduce((sum, each) => sum + each, 0)
        expect({ path, sum: rows + report.duplicates + report.quarantined }).toEqual({
          path,
          sum: report.records,
        })
        if (report.verdict !== 'parsed') expect(report.reason, path).toMatch(/./u)
        verdicts[report.verdict] = (verdicts[report.verdict] ?? 0) + 1
      }
    }
  }
  expect(await faultsOf(whole)).toEqual([])
  return { verdicts, slowestMs }
}
