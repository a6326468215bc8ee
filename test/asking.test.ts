import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'

let root: string

/** Runs a command as `azimuth` does, in a home directory of its own. */
async function azimuth(words: readonly string[], options: Parameters<typeof memoryTerminal>[0] = {}) {
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root, ...options })
  const code = await run(terminal, words)
  return { code, out: terminal.out.text(), err: terminal.err.text() }
}

async function rowsOf(kql: string, ...more: readonly string[]): Promise<readonly unknown[]> {
  const { code, out, err } = await azimuth(['query', kql, '--case', './case', '-o', 'ndjson', ...more])
  expect(code, err).toBe(0)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-asking-'))
  writeFileSync(
    join(root, 'activity.json'),
    [1, 2, 3]
      .map((minute) =>
        JSON.stringify({
          TimeGenerated: `2026-03-01T10:0${minute}:00Z`,
          Type: 'AzureActivity',
          CallerIpAddress: `192.0.2.${minute}`,
        }),
      )
      .join('\n'),
  )
  const { code, err } = await azimuth(['ingest', 'activity.json', '--case', './case'])
  expect(code, err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true }))

describe('externaldata', () => {
  const address = 'https://lists.example/ti/bad.csv.gz'
  const kql = `let bad = externaldata(Address: string, Score: long)[@"${address}"] with (format="csv", ignoreFirstRecord=true);
    AzureActivity | join kind=inner bad on $left.CallerIpAddress == $right.Address | project CallerIpAddress, Score`

  test('reads files of a folder, and custody names them', async () => {
    const file = join(root, 'files', 'lists.example', 'ti', 'bad.csv.gz')
    mkdirSync(join(file, '..'), { recursive: true })
    const hostile = `"', 1) --",7\n`
    writeFileSync(file, gzipSync(`address,score\n192.0.2.2,5\n${hostile}`))
    const expected = [{ CallerIpAddress: '192.0.2.2', Score: 5 }]
    expect(await rowsOf(kql, '--external', 'files')).toEqual(expected)
    expect(await rowsOf(kql, '--external', 'files')).toEqual(expected)
    const custody = readFileSync(join(root, 'case', 'custody.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
    const { inputs }: { inputs: { name: string }[] } = JSON.parse(custody.at(-1) ?? '')
    expect(inputs.map(({ name }) => name)).toEqual(['query', file])
    writeFileSync(file, gzipSync('address,score\n192.0.2.3,6\n'))
    expect(await rowsOf(kql, '--external', 'files')).toEqual([{ CallerIpAddress: '192.0.2.3', Score: 6 }])
  })

  test('takes many rows, of several files in their order', async () => {
    const folder = join(root, 'files', 'many.example')
    mkdirSync(folder, { recursive: true })
    const lines = Array.from(
      { length: 50_000 },
      (_none, index) => `{"n": ${index}, "text": "'é\\\\ ${index}"}`,
    )
    writeFileSync(join(folder, 'a.json'), lines.join('\n'))
    writeFileSync(join(folder, 'b.json'), `[{"n": -1}]`)
    const source = `externaldata(n: long, text: string)["https://many.example/a.json", "https://many.example/b.json"]`
    expect(
      await rowsOf(
        `${source} | summarize rows = count(), total = sum(n), longest = max(strlen(text))`,
        '--external',
        'files',
      ),
    ).toEqual([{ rows: 50_001, total: (50_000 * 49_999) / 2 - 1, longest: 9 }])
    expect(await rowsOf(`${source} | serialize | where n in (7, -1)`, '--external', 'files')).toEqual([
      { n: 7, text: "'é\\ 7" },
      { n: -1, text: '' },
    ])
  })

  test('is refused where the file is absent, unless the query is only compiled', async () => {
    const refused = await azimuth(['query', kql, '--case', './case', '--external', 'nowhere'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('[missing-file]') })
    expect(refused.err).toContain(`there is no file ${join(root, 'nowhere/lists.example/ti/bad.csv.gz')}`)
    expect((await azimuth(['query', kql, '--case', './case'])).err).toContain('--external DIR')
    const checked = await azimuth(['query', kql, '--case', './case', '--compile-only'])
    expect(checked).toMatchObject({ code: 0, out: '' })
    expect(checked.err).toContain('the query is sound; its columns are CallerIpAddress: string, Score: long')
    const broken = kql.replace('Score', 'Scores')
    expect(await azimuth(['query', `${broken}, Score`, '--case', './case', '--compile-only'])).toMatchObject({
      code: 1,
    })
    expect(await azimuth(['explain', kql, '--case', './case'])).toMatchObject({ code: 0 })
    const batch = await azimuth(['query', '--batch', '-', '--case', './case', '--compile-only'], {
      input: JSON.stringify({ id: 1, query: kql }),
    })
    expect(JSON.parse(batch.out)).toEqual({
      id: 1,
      columns: [
        { name: 'CallerIpAddress', type: 'string' },
        { name: 'Score', type: 'long' },
      ],
    })
  })
})
