import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'

// Every command here starts anew, as a user's does.
vi.setConfig({ testTimeout: 180_000 })

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

/** The rows of several queries that are asked the same way, by one command. */
async function rowsOfEach(
  queries: readonly string[],
  ...more: readonly string[]
): Promise<readonly unknown[]> {
  const input = queries.map((query, id) => JSON.stringify({ id, query })).join('\n')
  const { code, out, err } = await azimuth(['query', '--batch', '-', '--case', './case', ...more], { input })
  expect(code, err).toBe(0)
  const answers = out.trimEnd().split('\n')
  return answers.map((line): unknown => {
    const { rows, error }: { rows?: unknown; error?: unknown } = JSON.parse(line)
    return rows ?? error
  })
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

describe('a stored function', () => {
  const add = async (name: string, text: string) => {
    writeFileSync(join(root, 'function.kql'), text)
    return await azimuth(['function', 'add', name, 'function.kql', '--case', './case'])
  }

  test('takes scalars with defaults, and tables', async () => {
    expect(
      await add(
        'Recent',
        '(minutes: long = 1) {\n  AzureActivity | where TimeGenerated > ago(minutes * 1m)\n}',
      ),
    ).toEqual({
      code: 0,
      out: '',
      err: 'kept; queries can call Recent\n',
    })
    const near = `let Near = (T: (CallerIpAddress: string), suffix: string) { T | where CallerIpAddress endswith suffix };`
    expect(await add('Near', near)).toMatchObject({ code: 0 })
    expect(await add('Last', 'let n = 1;\nRecent(10) | sort by TimeGenerated desc | take n;')).toMatchObject({
      code: 0,
    })
    const queries = [
      'Recent | count',
      'Recent(2) | count',
      'Near(Recent(minutes = 10), ".2") | project CallerIpAddress',
      `AzureActivity | invoke Near("'; drop") | count`,
      'Last() | project CallerIpAddress',
    ]
    expect(await rowsOfEach(queries, '--as-of', 'end')).toEqual([
      [[1]],
      [[2]],
      [['192.0.2.2']],
      [[0]],
      [['192.0.2.3']],
    ])
    const list = await azimuth(['function', 'list', '--case', './case', '-o', 'csv'])
    expect(list.out.split('\r\n')[3]).toMatch(/^Recent,\(minutes: long = 1\),\d+$/)
    expect(await azimuth(['function', 'show', 'Near', '--case', './case'])).toMatchObject({
      out: `${near}\n`,
    })
  })

  test('is refused where its text has problems, and told where', async () => {
    const { code, err } = await add('Broken', '(x: long) {\n  AzureActivity | where Nope == x\n}')
    expect(code).toBe(1)
    expect(err).toContain('  2:25   AzureActivity | where Nope == x\n')
    expect(await add('Broken', 'AzureActivity | facet by Caller')).toMatchObject({
      code: 1,
      err: expect.stringContaining('1:17 AzureActivity | facet'),
    })
    expect(await add('AzureActivity', 'print 1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[function-name]'),
    })
    expect(await add('../x', 'print 1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[function-name]'),
    })
    expect(await add('Endless', 'Endless()')).toMatchObject({ code: 1 })
    expect(await azimuth(['query', 'Broken(1)', '--case', './case'])).toMatchObject({ code: 1 })
  })

  test('can be replaced, forgotten, and does not call itself through another', async () => {
    await add('A', 'AzureActivity')
    await add('B', 'A | count')
    expect(await add('A', 'B')).toMatchObject({ code: 1 })
    await add('A', 'AzureActivity | take 1')
    expect(await rowsOf('B')).toEqual([{ Count: 1 }])
    expect(await azimuth(['function', 'remove', 'A', '--case', './case'])).toMatchObject({ code: 0 })
    expect(await azimuth(['function', 'remove', 'A', '--case', './case'])).toMatchObject({ code: 1 })
    expect(await azimuth(['query', 'B', '--case', './case'])).toMatchObject({ code: 1 })
  })
})

describe('a watchlist', () => {
  const add = async (name: string, text: string, ...more: readonly string[]) => {
    writeFileSync(join(root, 'list.csv'), text)
    return await azimuth(['watchlist', 'add', name, 'list.csv', '--case', './case', ...more])
  }

  test("has Sentinel's columns and its own", async () => {
    const text = `\uFEFFAddress,Owner's note\r\n192.0.2.1,"it's, ""fine"""\r\n192.0.2.3,'); drop --\r\n`
    expect(await add('High Value', text)).toMatchObject({
      code: 0,
      err: `kept 2 items; SearchKey is Address; ask with _GetWatchlist('High Value')\n`,
    })
    expect(await add('keyed', 'a,b\n1,x\n2\n', '--key', 'b')).toMatchObject({ code: 0 })
    const rows = await rowsOf('_GetWatchlist("High Value")')
    expect(rows).toEqual([
      {
        _DTItemId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        LastUpdatedTimeUTC: expect.stringMatching(/^20\d\d-/),
        SearchKey: '192.0.2.1',
        Address: '192.0.2.1',
        "Owner's note": `it's, "fine"`,
      },
      expect.objectContaining({ SearchKey: '192.0.2.3', "Owner's note": `'); drop --` }),
    ])
    const kql = `let name = 'High Value'; AzureActivity
      | where CallerIpAddress in ((_GetWatchlist(name) | project SearchKey))
      | join kind=inner _GetWatchlist('High Value') on $left.CallerIpAddress == $right.SearchKey
      | summarize count() by Address`
    expect(await rowsOf(`${kql} | sort by Address asc`)).toEqual([
      { Address: '192.0.2.1', count_: 1 },
      { Address: '192.0.2.3', count_: 1 },
    ])
    expect(await rowsOf('_GetWatchlist("keyed") | project SearchKey, a, b')).toEqual([
      { SearchKey: 'x', a: '1', b: 'x' },
      { SearchKey: '', a: '2', b: '' },
    ])
    expect(await rowsOf('_GetWatchlistAlias | sort by WatchlistAlias asc')).toEqual([
      { WatchlistAlias: 'High Value' },
      { WatchlistAlias: 'keyed' },
    ])
    const shown = await azimuth(['watchlist', 'show', 'keyed', '--case', './case', '-o', 'csv'])
    expect(shown.out.split('\r\n')[0]).toBe('_DTItemId,LastUpdatedTimeUTC,SearchKey,a,b')
  })

  test('is refused where it could not be asked', async () => {
    const refused = async (name: string, text: string, ...more: readonly string[]) => {
      const { code, err } = await add(name, text, ...more)
      expect(code).toBe(1)
      return err
    }
    expect(await refused('x', 'a,a\n')).toContain('names a column "a"')
    expect(await refused('x', 'a,SearchKey\n')).toContain('names a column "SearchKey"')
    expect(await refused('x', '')).toContain('names 0 columns')
    expect(await refused('x', 'a\n1,2\n')).toContain('record 2 of the file has more cells')
    expect(await refused('x', 'a\n"1\n')).toContain('a quoted cell has no end')
    expect(await refused('x', 'a\n', '--key', 'b')).toContain('has no column "b"')
    expect(await refused('../x', 'a\n')).toContain('[watchlist-name]')
    const unknown = await azimuth(['query', '_GetWatchlist("nobody") | project Anything', '--case', './case'])
    expect(unknown.err).toContain('there is no watchlist "nobody" [missing-watchlist]')
  })

  test('can be replaced and forgotten', async () => {
    await add('short', 'a\n1\n')
    await add('short', 'a\n1\n2\n')
    expect(await rowsOf('_GetWatchlist("short") | count')).toEqual([{ Count: 2 }])
    expect(await azimuth(['watchlist', 'remove', 'short', '--case', './case'])).toMatchObject({ code: 0 })
    const list = await azimuth(['watchlist', 'list', '--case', './case', '-o', 'ndjson'])
    expect(list.out).not.toContain('short')
    expect(await azimuth(['query', '_GetWatchlist("short")', '--case', './case'])).toMatchObject({ code: 1 })
  })
})

test('ingestion_time() is the time of the event, or the actual one', async () => {
  const kql = 'union AzureActivity, AzureDiagnostics | where ingestion_time() > ago(90s) | count'
  expect(await rowsOf(kql, '--as-of', 'end')).toEqual([{ Count: 2 }])
  expect(await rowsOf(kql, '--as-of', 'end', '--ingestion-time', 'actual')).toEqual([{ Count: 3 }])
})

describe('query parameters', () => {
  const kql = `declare query_parameters(who: string, since: datetime = datetime(2026-03-01 10:02), step: timespan = 1h, n: long = 7,
    list: dynamic = dynamic([1]), on: bool = false, x: real = 1.5, id: guid = guid(null));
    AzureActivity | where CallerIpAddress == who or TimeGenerated < since | project CallerIpAddress, since, step, n, list, on, x, id`

  test('take values by their types, or their defaults', async () => {
    const common = { step: '01:00:00', n: 7, list: [1], on: false, x: 1.5, id: null }
    expect(await rowsOf(`${kql} | sort by CallerIpAddress asc`, '--param', 'who=192.0.2.3')).toEqual([
      { CallerIpAddress: '192.0.2.1', since: '2026-03-01T10:02:00.0000000Z', ...common },
      { CallerIpAddress: '192.0.2.3', since: '2026-03-01T10:02:00.0000000Z', ...common },
    ])
    const given = [
      'who=',
      'since=2026-03-01T10:01:30Z',
      'step=1.5d',
      'n=-9223372036854775808',
      'list={"a":"=\'"}',
      'on=True',
      'x=1e3',
    ]
    const options = given.flatMap((word) => ['--param', word])
    expect(await rowsOf(kql, ...options, '--param', 'id=74be27de-1e4e-49d9-b579-fe0b331d3642')).toEqual([
      {
        CallerIpAddress: '192.0.2.1',
        since: '2026-03-01T10:01:30.0000000Z',
        step: '1.12:00:00',
        n: '-9223372036854775808',
        list: { a: "='" },
        on: true,
        x: 1000,
        id: '74be27de-1e4e-49d9-b579-fe0b331d3642',
      },
    ])
    const hostile = `who=' or 1 == 1 //"\\`
    expect(await rowsOf('declare query_parameters(who: string); print a = who', '--param', hostile)).toEqual([
      { a: hostile.slice(4) },
    ])
  })

  test('are refused where they are no values', async () => {
    const refused = async (...words: readonly string[]) =>
      await azimuth(['query', kql, '--case', './case', ...words.flatMap((word) => ['--param', word])])
    expect(await refused('who=x', 'n=seven')).toMatchObject({
      code: 1,
      err: expect.stringContaining('"seven" is no long'),
    })
    expect(await refused('n')).toMatchObject({
      code: 64,
      err: expect.stringContaining('"n" gives no parameter a value'),
    })
    expect(await refused('n=1', 'n=2')).toMatchObject({
      code: 64,
      err: expect.stringContaining('n is given twice'),
    })
  })

  test('without values are no hindrance to a query that is only compiled', async () => {
    expect(await azimuth(['query', kql, '--case', './case', '--compile-only'])).toMatchObject({ code: 0 })
  })
})

test('render draws on a terminal, or where that is asked for', async () => {
  const kql =
    'AzureActivity | summarize n = count() by CallerIpAddress | sort by CallerIpAddress asc | render barchart with (title = "who")'
  const drawn = /^who\n192\.0\.2\.1 {2}█+ +1\n192\.0\.2\.2/
  expect((await azimuth(['query', kql, '--case', './case'], { columns: 40 })).out).toMatch(drawn)
  expect((await azimuth(['query', kql, '--case', './case', '-o', 'chart'])).out).toMatch(drawn)
  expect((await azimuth(['query', kql, '--case', './case'])).out).toMatch(/^CallerIpAddress +n\n192/)
})

describe('an answer with several tables', () => {
  const kql =
    'AzureActivity | fork (count | as Total) (project CallerIpAddress | sort by CallerIpAddress asc | take 1)'
  const words = ['query', kql, '--case', './case', '--output'] as const

  test('is printed table by table', async () => {
    const [table, csv] = [await azimuth([...words, 'table']), await azimuth([...words, 'csv'])]
    expect(table.out).toBe('Table 1: Total\nCount\n    3\n\nTable 2\nCallerIpAddress\n192.0.2.1\n')
    expect(table.err).toContain('2 rows in ')
    expect(csv.out).toBe('Count\r\n3\r\n\r\nCallerIpAddress\r\n192.0.2.1\r\n')
  })

  test('tells in JSON which table a row belongs to', async () => {
    const [json, ndjson] = [await azimuth([...words, 'json']), await azimuth([...words, 'ndjson'])]
    const columns = [[{ name: 'Count', type: 'long' }], [{ name: 'CallerIpAddress', type: 'string' }]]
    expect(JSON.parse(json.out)).toEqual([
      { table: 1, name: 'Total', columns: columns[0], rows: [{ Count: 3 }] },
      { table: 2, name: null, columns: columns[1], rows: [{ CallerIpAddress: '192.0.2.1' }] },
    ])
    expect(ndjson.out).toBe(
      '{"table":1,"name":"Total","row":{"Count":3}}\n{"table":2,"name":null,"row":{"CallerIpAddress":"192.0.2.1"}}\n',
    )
    const input = JSON.stringify({ id: 1, query: kql })
    const batch = await azimuth(['query', '--batch', '-', '--case', './case'], { input })
    expect(JSON.parse(batch.out)).toEqual({
      id: 1,
      tables: [
        { name: 'Total', columns: columns[0], rows: [[3]] },
        { name: null, columns: columns[1], rows: [['192.0.2.1']] },
      ],
    })
  })

  test('is explained table by table, and counted whole', async () => {
    const { out } = await azimuth(['explain', kql, '--case', './case', '--run', '-o', 'json'])
    expect(JSON.parse(out)).toMatchObject({
      tables: [{ name: 'Total' }, { plan: { kind: 'take' } }],
      run: { rows: 2, readRows: 4 },
    })
    const checked = await azimuth(['query', kql, '--case', './case', '--compile-only'])
    expect(checked.err).toContain('it gives 2 tables:\n  Count: long\n  CallerIpAddress: string\n')
  })
})
