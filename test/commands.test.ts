import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'

let root: string
let evidence: string

/** Runs a command as `azimuth` does, in a home directory of its own. */
async function azimuth(words: readonly string[], options: Parameters<typeof memoryTerminal>[0] = {}) {
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root, ...options })
  const code = await run(terminal, words)
  return { code, out: terminal.out.text(), err: terminal.err.text() }
}

function activity(minute: number, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    time: `2026-03-01T10:${String(minute).padStart(2, '0')}:00.1234567Z`,
    resourceId:
      '/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/ACME',
    operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    category: 'Administrative',
    resultType: 'Success',
    correlationId: `00000000-0000-0000-0000-0000000000${10 + minute}`,
    callerIpAddress: '192.0.2.7',
    level: 'Information',
    identity: { claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'kim@acme.example' } },
    ...more,
  })
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-commands-'))
  evidence = join(root, 'evidence')
  mkdirSync(join(evidence, 'y=2026'), { recursive: true })
  const hostile = activity(3, { level: 'Warning\u001b[2J\u202e' })
  writeFileSync(join(evidence, 'y=2026', 'PT1H.json'), [activity(1), activity(2), hostile].join('\r\n'))
  writeFileSync(join(evidence, 'copy.json'), [activity(1), activity(2)].join('\n'))
  writeFileSync(join(evidence, 'notes.txt'), 'nothing of interest\n')
  const { code, err } = await azimuth(['ingest', 'evidence', '--case', 'acme'])
  expect(code, err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true }))

describe('taking logs in', () => {
  test('accounts for every record of every file', async () => {
    const { code, out } = await azimuth(['ingest', 'evidence', '--case', './other', '--output', 'json'])
    expect(code).toBe(0)
    const report: {
      files: {
        path: string
        verdict: string
        records: number
        duplicates: number
        quarantined: number
        tables: object
      }[]
      totals: { records: number; duplicates: number; quarantined: number }
    } = JSON.parse(out)
    expect(
      report.files.map(({ path, verdict }) => `${path.split('/').at(-1)} ${verdict}`).toSorted(),
    ).toEqual(['PT1H.json parsed', 'copy.json parsed', 'notes.txt skipped'])
    for (const { records, duplicates, quarantined, tables } of report.files) {
      expect(
        Object.values(tables).reduce((sum: number, rows: number) => sum + rows, 0) + duplicates + quarantined,
      ).toBe(records)
    }
    expect(report.totals).toMatchObject({ records: 5, duplicates: 2, quarantined: 0 })
  })

  test('tells the tables, and what was not read with its reason', async () => {
    const { out } = await azimuth(['ingest', 'evidence', '--case', './third', '--explain'], { columns: 60 })
    expect(out).toMatch(/PT1H\.json\n {2}parsed AzureActivity\/\w+\n {2}\S.*\n/)
    expect(out).toMatch(/\nAzureActivity +3 +2\n/)
    expect(out).toMatch(/\nskipped +\S*… +its text is not in a form of log known here\n/)
    expect(out).toMatch(/\n3 files, 5 records, 3 rows, 2 duplicates, 0 in quarantine\n$/)
  })

  test('names a case after the evidence, and triage prints its page', async () => {
    const { code, out, err } = await azimuth(['triage', 'evidence', '--no-hunt'], {
      environment: { XDG_DATA_HOME: join(root, 'data') },
    })
    expect(code).toBe(0)
    expect(err).toMatch(/^case evidence \(new and empty; .*\/azimuth\/cases\/evidence\)\n/)
    expect(out).toMatch(/^case evidence: 3 files, 5 records, 3 new rows, 2 duplicates in /)
    expect(out).toMatch(
      /^AzureActivity +11111111-2222-3333-4444-555555555555 +3 +2026-03-01 10:01 +2026-03-01 10:03$/m,
    )
    expect(out).toMatch(/^ {2}sign-ins of people: no SigninLogs, no /m)
    expect(out).toMatch(/^ +3 {2}kim@acme\.example$/m)
    expect(out).toMatch(/^ {4}1 × .*notes\.txt$/m)
    expect(out).not.toContain('Top alerts')
    expect(out).toMatch(/\nNext\n( {2}azimuth .*\n){1,4}$/)
  })

  test('refuses a case inside the evidence, and a path that is not there', async () => {
    expect(await azimuth(['ingest', 'evidence', '--case', './evidence/case'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('[case-overlaps-evidence]'),
    })
    expect(await azimuth(['ingest', 'nowhere', '--case', './new'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('[evidence-unreadable]'),
    })
  })

  test('that was stopped exits with 130', async () => {
    const stopped = await azimuth(['ingest', 'evidence', '--case', './stopped'], {
      signal: AbortSignal.abort('SIGINT'),
    })
    expect(stopped).toMatchObject({ code: 130, err: expect.stringMatching(/stopped\n$/) })
  })
})

describe('asking', () => {
  test('takes the last case used and says so', async () => {
    await azimuth(['tables', '--case', 'acme'])
    const { code, out, err } = await azimuth(['tables', '--output', 'csv'])
    expect({ code, err }).toEqual({ code: 0, err: 'case acme (the last one used; --case takes another)\n' })
    expect(out).toMatch(/^Table,Rows,First,Last,Sources\r\nAzureActivity,3,2026-03-01T10:01:00/)
  })

  test('gives cells of every type as they are documented', async () => {
    const kql = `print l = 9007199254740993, i = int(7), r = 0.5, n = real(nan), f = real(+inf), b = true, s = '',
      d = datetime(2026-03-01 10:00:00.1234567), t = 1d + 2s, g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642),
      j = dynamic({"a": [1, null]}), z = int(null), m = decimal(1.5)`
    const { out, err } = await azimuth(['query', kql, '--case', 'acme', '--output', 'ndjson'])
    expect(err).toBe('')
    expect(JSON.parse(out)).toEqual({
      l: '9007199254740993',
      i: 7,
      r: 0.5,
      n: 'NaN',
      f: 'Infinity',
      b: true,
      s: '',
      d: '2026-03-01T10:00:00.1234567Z',
      t: '1.00:00:02',
      g: '74be27de-1e4e-49d9-b579-fe0b331d3642',
      j: { a: [1, null] },
      z: null,
      m: '1.5',
    })
  })

  test('shows what a log would do to a terminal', async () => {
    const { out } = await azimuth([
      'query',
      "AzureActivity | where Level has 'Warning' | project Level",
      '--case',
      'acme',
    ])
    expect(out).toBe('Level\nWarning␛[2J<U+202E>\n')
  })

  test('underlines what is wrong with a query', async () => {
    expect(await azimuth(['query', 'AzureActivity | where Nope == 1', '--case', 'acme'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('| where Nope == 1\n                             ^^^^\n'),
    })
  })

  test('answers a batch on a case that is made for it', async () => {
    const input =
      '{"id":"a","query":"print x = 6 * 7"}\n{"id":"b","query":"AzureActivity | count"}\n{"id":"c","query":"Nope"}\n'
    const { code, out } = await azimuth(['query', '--batch', '-', '--case', './empty'], { input })
    expect(code).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toMatchObject([
      { id: 'a', columns: [{ name: 'x', type: 'long' }], rows: [[42]] },
      { id: 'b', columns: [{ name: 'Count', type: 'long' }], rows: [[0]] },
      { id: 'c', error: { code: expect.stringMatching(/^KS\d+$/), span: { start: 0, length: 4 } } },
    ])
  })

  test('counts from the time that is given, or from the last record', async () => {
    const kql = 'AzureActivity | where TimeGenerated > ago(90s) | project Now = now(), TimeGenerated'
    const ask = async (...more: readonly string[]) =>
      await azimuth(['query', kql, '--case', 'acme', '--output', 'csv', ...more])
    const late = await ask()
    expect(late.out).toBe('Now,TimeGenerated\r\n')
    expect(late.err).toMatch(
      /^the query counts from \S+ \S+, and the records of this case are from 2026-03-01 10:01 to 2026-03-01 10:03 UTC: try --as-of end\n$/,
    )
    const atEnd = await ask('--as-of', 'end')
    expect(atEnd.err).toBe('as of 2026-03-01 10:03:00.1234567 UTC, the last record\n')
    expect(atEnd.out.split('\r\n').slice(1, 3)).toEqual([
      '2026-03-01T10:03:00.1234567Z,2026-03-01T10:02:00.1234567Z',
      '2026-03-01T10:03:00.1234567Z,2026-03-01T10:03:00.1234567Z',
    ])
    const before = await ask('--as-of', '2026-03-01T10:00Z')
    expect(before.out.split('\r\n')).toHaveLength(5)
    expect(await ask('--as-of', 'yesterday')).toMatchObject({
      code: 64,
      err: expect.stringContaining('is not a time'),
    })
    const explained = await azimuth(['explain', kql, '--case', 'acme', '--as-of', 'end'])
    expect(explained.out).toContain("toDateTime64('2026-03-01 10:01:30.1234567', 7, 'UTC')")
    const batch = await azimuth(['query', '--batch', '-', '--case', 'acme', '--as-of', 'end'], {
      input: JSON.stringify({ id: 1, query: 'print now()' }),
    })
    expect(batch.out).toContain('2026-03-01T10:03:00.1234567Z')
  })

  test('explains the plan and the SQL', async () => {
    const { code, out } = await azimuth(['explain', 'AzureActivity | count', '--case', 'acme'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Columns\nCount: long\n\nPlan\ntable .*AzureActivity\ncount +1 column +count\n\nSQL\nSELECT /,
    )
  })
})

describe('proving', () => {
  test('shows the bytes of a row', async () => {
    const kql =
      "AzureActivity | where Level has 'Warning' | project Row = strcat(_EvidenceId, ':', _EvidenceRecord)"
    const { out } = await azimuth(['query', kql, '--case', 'acme', '--output', 'ndjson'])
    const { Row: row }: { Row: string } = JSON.parse(out)
    const bytes = readFileSync(join(evidence, 'y=2026', 'PT1H.json'))
    const shown = await azimuth(['show', row, '--case', 'acme'])
    expect(shown.out).toBe(activity(3, { level: 'Warning\u001b[2J\u202e' }))
    const { offset, length }: { offset: number; length: number } = JSON.parse(
      (await azimuth(['show', row, '--case', 'acme', '--output', 'json'])).out,
    )
    expect(bytes.subarray(offset, offset + length).toString()).toBe(shown.out)
    expect(shown.err).toContain(join(evidence, 'y=2026', 'PT1H.json'))
  })

  test('verifies, and finds one changed byte of evidence or of custody', async () => {
    expect(await azimuth(['verify', '--case', 'acme'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('nothing is wrong'),
    })
    for (const path of [
      join(evidence, 'copy.json'),
      join(root, 'home/.local/share/azimuth/cases/acme/custody.jsonl'),
    ]) {
      const bytes = readFileSync(path)
      const changed = Buffer.from(bytes)
      changed[40] = (changed[40] ?? 0) ^ 1
      writeFileSync(path, changed)
      const { code, out } = await azimuth(['verify', '--case', 'acme'])
      expect({ code, out }).toMatchObject({ code: 2, out: expect.stringMatching(/^fault /m) })
      if (path.endsWith('copy.json')) writeFileSync(path, bytes)
    }
  })
})
