import { createReadStream, createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { measure } from '../bench/processes.ts'
import type { IngestReport } from '../src/evidence/report.ts'
import { signInLine, writeRepeated } from './giant-evidence.ts'
import { removeFolder, temporaryFolder } from './whole-case.ts'

// Evidence as large as an attacker, or a busy tenant, can make it: memory stays bounded, what is sound is taken.

const folder = temporaryFolder()
const command = join(import.meta.dirname, '..', 'src', 'cli', 'azimuth.ts')
const gigabyte = Number(process.env['AZIMUTH_GIANT_BYTES'] ?? 2 ** 30)
const mostMemoryBytes = 2.5e9
const million = Math.ceil(gigabyte / 1073)

afterAll(() => removeFolder(folder), 600_000)

interface Giant {
  readonly name: string
  /** Writes it, and tells how many of its records are sound. */
  readonly write: (path: string) => number
  readonly verdict: 'parsed' | 'partial' | 'skipped'
  readonly gzip?: true
}

const giants: readonly Giant[] = [
  {
    name: 'lines.json',
    write: (path) => writeRepeated(path, gigabyte, { text: signInLine, between: '\n' }),
    verdict: 'parsed',
  },
  {
    name: 'document-on-one-line.json',
    write: (path) =>
      writeRepeated(path, gigabyte, { head: '{"records":[', text: signInLine, between: ',', tail: ']}' }),
    verdict: 'parsed',
  },
  {
    name: 'document-cut.json',
    write: (path) => writeRepeated(path, gigabyte, { head: '{"records":[', text: signInLine, between: ',' }),
    verdict: 'parsed',
  },
  {
    name: 'one-line-between-others.json',
    write: (path) => {
      const long = `{"time":"2025-06-01T10:00:00Z","category":"SignInLogs","identity":"`
      writeRepeated(path, gigabyte, {
        head: `${signInLine(1)}\n${long}`,
        text: () => 'x'.repeat(1024),
        tail: `"}\n${signInLine(2)}\n`,
      })
      return 2
    },
    verdict: 'partial',
  },
  {
    name: 'one-text.json',
    write: (path) => {
      writeRepeated(path, gigabyte, { head: '{"records":"', text: () => 'x'.repeat(1024) })
      return 0
    },
    verdict: 'partial',
  },
  {
    name: 'brackets.json',
    write: (path) => {
      writeRepeated(path, gigabyte, { text: () => '['.repeat(1024) })
      return 0
    },
    verdict: 'partial',
  },
  {
    name: 'keys.json',
    write: (path) => {
      const head = `${signInLine(1).slice(0, -1)},`
      writeRepeated(path, million * 20, {
        head,
        text: (index) => `"k${index}":${index}`,
        between: ',',
        tail: `}\n${signInLine(2)}\n`,
      })
      return 2
    },
    verdict: 'parsed',
  },
  {
    name: 'columns.csv',
    write: (path) => {
      writeRepeated(path, million * 8, { text: (index) => `c${index}`, between: ',', tail: '\n1,2,3\n' })
      return 0
    },
    verdict: 'skipped',
  },
  {
    name: 'zeros.json',
    write: (path) => {
      writeRepeated(path, gigabyte, { text: () => '\0'.repeat(1024) })
      return 0
    },
    verdict: 'skipped',
  },
  {
    name: 'spaces.json.gz',
    write: (path) => {
      writeRepeated(path, gigabyte, { text: () => ' '.repeat(1024) })
      return 0
    },
    verdict: 'skipped',
    gzip: true,
  },
]

test.each(giants)(
  '$name is $verdict within bounded memory',
  async ({ name, write, verdict, gzip }) => {
    const evidence = join(folder, 'evidence')
    mkdirSync(evidence, { recursive: true })
    const plain = join(evidence, name.replace(/\.gz$/u, ''))
    const sound = write(plain)
    if (gzip) {
      await pipeline(createReadStream(plain), createGzip(), createWriteStream(join(evidence, name)))
      rmSync(plain)
    }
    const home = join(folder, 'home')
    const words = [command, 'ingest', evidence, '--case', join(folder, `case ${name}`), '--output', 'json']
    const measured = await measure([process.execPath, ...words], {
      ...process.env,
      HOME: home,
      XDG_DATA_HOME: home,
    })
    const { files } = JSON.parse(measured.stdout) as IngestReport
    console.log(
      `${name}: ${(measured.elapsedMs / 1000).toFixed(1)} s, peak ${(measured.peakBytes / 1e6).toFixed(0)} MB, ${files[0]?.reason ?? 'whole'}`,
    )
    rmSync(evidence, { recursive: true })
    rmSync(join(folder, `case ${name}`), { recursive: true })
    const [report] = files
    const rows = Object.values(report?.tables ?? {}).reduce((sum, count) => sum + count, 0)
    expect({ ...report, rows }).toMatchObject({ verdict, rows: sound })
    expect(rows + (report?.duplicates ?? 0) + (report?.quarantined ?? 0)).toBe(report?.records)
    expect(measured.peakBytes).toBeLessThan(mostMemoryBytes)
  },
  3_600_000,
)

test(
  'a million files are taken in within bounded memory',
  async () => {
    const evidence = join(folder, 'many')
    for (let index = 0; index < million; index += 1) {
      const below = join(evidence, String(Math.floor(index / 1000)))
      if (index % 1000 === 0) mkdirSync(below, { recursive: true })
      writeFileSync(join(below, `${index}.json`), signInLine(index))
    }
    const home = join(folder, 'home')
    const words = [command, 'ingest', evidence, '--case', join(folder, 'case of many'), '--output', 'json']
    const measured = await measure([process.execPath, ...words], {
      ...process.env,
      HOME: home,
      XDG_DATA_HOME: home,
    })
    const seconds = (measured.elapsedMs / 1000).toFixed(0)
    console.log(`${million} files: ${seconds} s, peak ${(measured.peakBytes / 1e6).toFixed(0)} MB`)
    const total = { records: million, rows: million, duplicates: 0, quarantined: 0 }
    expect(measured.stdout).toContain(`"totals":${JSON.stringify(total)}`)
    expect(measured.peakBytes).toBeLessThan(mostMemoryBytes)
  },
  4 * 3_600_000,
)
