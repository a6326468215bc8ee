import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { sql } from '../sql/template.ts'
import type { Compilation } from './compilation.ts'
import { createCompiler } from './compile.ts'
import type { Schema } from './schema.ts'

const schema: Schema = {
  tables: [
    {
      name: 'Events',
      database: 'logs',
      source: 'EventRows',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Caller', type: 'string' },
        { name: 'Size', type: 'long' },
        { name: 'Details', type: 'dynamic' },
        { name: '_EvidenceId', type: 'string', hidden: true },
        { name: '_EvidenceRecord', type: 'long', hidden: true },
        { name: 'Bag', type: 'dynamic', hidden: true },
      ],
      open: { bagColumn: 'Bag' },
    },
    {
      name: 'Elsewhere',
      database: 'logs',
      source: 'Elsewhere',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Caller', type: 'string' },
      ],
      open: { bagColumn: '_Bag', types: { Ports_s: 'string' } },
      absent: true,
    },
  ],
  functions: [{ name: 'Large', parameters: '(least: long = 10)', body: 'Events | where Size >= least' }],
}

const now = 17_000_000_000_000_000n
const compiler = await createCompiler(schema)
let asker: Asker

beforeAll(async () => {
  asker = await openAsker(schema)
  await asker.command(sql`CREATE TABLE logs.EventRows (TimeGenerated DateTime64(7, 'UTC'), Caller String, Size Nullable(Int64),
    Details String, _EvidenceId String, _EvidenceRecord UInt64, Bag String) ENGINE = MergeTree ORDER BY TimeGenerated`)
  await asker.command(sql`INSERT INTO logs.EventRows VALUES
    ('2020-01-01 00:00:00', 'ann', 5, '{"a":{"b":[1,{"c":"x"}]}}', 'e1', 1, '{"ip_s":"10.0.0.1","n_d":1.5}'),
    ('2020-01-02 00:00:00', 'Bob', NULL, '', 'e2', 1, '{"ip_s":"10.0.0.2"}'),
    ('2020-01-03 00:00:00', 'ann', 20, '[]', 'e3', 7, '')`)
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

const texts: readonly (readonly [string, string])[] = [
  [
    'Events | where TimeGenerated > ago(1d) | project Caller',
    "SELECT `__s2`.`Caller` FROM (SELECT `__s1`.`Caller` FROM `logs`.`EventRows` AS `__s1` WHERE (`__s1`.`TimeGenerated` > toDateTime64('2023-11-13 22:13:20.0000000', 7, 'UTC'))) AS `__s2`",
  ],
  [
    'Events | where Caller =~ "ANN" | count',
    "SELECT toString(`__s2`.`Count`) AS `Count` FROM (SELECT toInt64(count()) AS `Count` FROM `logs`.`EventRows` AS `__s1` WHERE (lowerUTF8(`__s1`.`Caller`) = lowerUTF8('ANN'))) AS `__s2`",
  ],
  [
    'Events | summarize n = count() by Caller',
    'SELECT `__s2`.`Caller`, toString(`__s2`.`n`) AS `n` FROM (SELECT `__s1`.`Caller`, toInt64(count()) AS `n` FROM `logs`.`EventRows` AS `__s1` GROUP BY `__s1`.`Caller`) AS `__s2`',
  ],
  [
    'Events | top 1 by Size | project Caller',
    'SELECT `__s3`.`Caller` FROM (SELECT `__s2`.`Caller`, `__s2`.`Size` AS `__order1` FROM (SELECT `__s1`.`Caller`, `__s1`.`Size` FROM `logs`.`EventRows` AS `__s1` ORDER BY `__s1`.`Size` DESC NULLS LAST LIMIT 1) AS `__s2`) AS `__s3` ORDER BY `__s3`.`__order1` DESC NULLS LAST',
  ],
]

describe('a query becomes this SQL, and the engine binds it', () => {
  test.each(texts)('%s', async (query, text) => {
    const bound = await asker.bind(query, { now })
    expect(bound.replaceAll(/`s\d+`/g, '`s`')).toBe(text.replaceAll(/`s\d+`/g, '`s`'))
  })
})

const answers: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  ['union (print x = 1e15), (print x = 1e15) | summarize variance(x), stdevp(x)', [[0, 0]]],
  [
    'union kind=inner withsource=Source (print a = "x", b = 1), (print b = 2) | sort by b asc',
    [
      ['union_arg0', 1],
      ['union_arg1', 2],
    ],
  ],
  [
    'union (print a = "x"), (print a = "y"), (print a = int(3)) | sort by tostring(pack_all()) asc | getschema | project ColumnName',
    [['a_string'], ['a_int']],
  ],
  [
    'Events | where Caller == "" | summarize min(TimeGenerated), take_any(TimeGenerated), arg_max(TimeGenerated, Caller)',
    [[null, null, null, '']],
  ],
  [
    'Events | summarize maxif(TimeGenerated, Caller == ""), take_anyif(TimeGenerated, false), minif(strlen(Caller), false)',
    [[null, null, null]],
  ],
  [
    'Events | where Size != 5 | sort by TimeGenerated asc | project Caller, Size',
    [
      ['Bob', null],
      ['ann', 20],
    ],
  ],
  ['Events | where not(Size == 5) | count', [[2]]],
  ['Events | project x = tostring(Details.a.b[1].c) | where x == "x"', [['x']]],
  ['Events | where Details.a.b[0] == 1 | project Caller', [['ann']]],
  ['Events | where ip_s has "10.0.0.2" | project ip_s, n_d', [['10.0.0.2', null]]],
  ['Events | where _EvidenceId == "e3" | project Caller', [['ann']]],
  ['Events | summarize make_set(Caller) | project n = array_length(set_Caller)', [[2]]],
  ['Large(6) | project Size', [[20]]],
  ['Large | project Size', [[20]]],
  [
    'Events | summarize arg_max(TimeGenerated, *) by Caller | sort by Caller asc | project Caller, Size',
    [
      ['Bob', null],
      ['ann', 20],
    ],
  ],
  ['Events | where Caller in ((Events | where Size > 10 | project Caller)) | count', [[2]]],
  [
    'Events | summarize count() by bin(TimeGenerated, 2d) | sort by TimeGenerated asc | project count_',
    [[2], [1]],
  ],
  ['Events | sort by TimeGenerated asc | extend p = prev(Caller) | project p', [[''], ['ann'], ['Bob']]],
  ['let t = toscalar(Events | summarize max(Size)); print t', [[20]]],
  ['print ["a b"] = "`", c = "\\\\\'\\n"', [['`', "\\'\n"]]],
]

describe('a query gives these rows', () => {
  test.each(answers)('%s', async (query, rows) => {
    expect(await asker.ask(query, { now })).toEqual(rows)
  })
})

const traced: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
  ['Events | where Size == 20 | project Caller', [['ann', [['e3', 7, 0]], 1]]],
  [
    'Events | extend k = 1 | summarize n = count() by Caller | sort by n',
    [
      [
        'ann',
        2,
        [
          ['e1', 1, 0],
          ['e3', 7, 0],
        ],
        2,
      ],
      ['Bob', 1, [['e2', 1, 0]], 1],
    ],
  ],
  [
    'Events | where Size == 5 | join kind=inner (Events | where Size == 20) on Caller | project Size, Size1',
    [
      [
        5,
        20,
        [
          ['e1', 1, 0],
          ['e3', 7, 0],
        ],
        2,
      ],
    ],
  ],
  [
    'Events | take 3 | count',
    [
      [
        3,
        [
          ['e1', 1, 0],
          ['e2', 1, 0],
          ['e3', 7, 0],
        ],
        3,
      ],
    ],
  ],
]

describe('asked for evidence, a row names the records that made it', () => {
  test.each(traced)('%s', async (query, rows) => {
    expect(await asker.trace(query, { now })).toEqual(rows)
  })

  test('and an operator that cannot tell is named', async () => {
    const compilation = await compiler.compile('Events | make-series count() on TimeGenerated step 1d', {
      evidence: true,
    })
    expect(compilation.ok && compilation.evidence).toEqual({ given: false, lostAt: 'make-series' })
  })
})

const refusals: readonly (readonly [string, string, number, number])[] = [
  ['Events | where Nope == 1', 'KS142', 15, 4],
  ['Events | count | consume', 'unsupported-operator', 17, 7],
  ['Events | facet by Caller', 'unsupported-syntax', 9, 15],
  ['print 1; print 2', 'unsupported-syntax', 9, 7],
  ['Events | take Size', 'not-constant', 14, 4],
  ['print geo_polygon_area(dynamic({}))', 'unsupported-function', 6, 29],
  ['externaldata(a: long)["https://example.test/a.csv"]', 'missing-file', 22, 28],
  ['Events | where', 'KS', 14, 0],
]

describe('what cannot be answered exactly is refused with a code and a place', () => {
  test.each(refusals)('%s', async (query, code, start, length) => {
    const compilation = await refused(query)
    const [problem] = compilation.diagnostics
    expect(problem?.code.startsWith(code)).toBe(true)
    expect([problem?.span.start, problem?.span.length]).toEqual([start, length])
  })

  test('a text that breaks the official parser is refused', async () => {
    const compilation = await refused('Events | evaluate sequence_detect(TimeGenerated, , 10m, a = true)')
    expect(compilation.diagnostics[0]?.code).toBe('syntax')
  })

  test('a long or deep text ends in a diagnostic, never in a crash', async () => {
    expect((await refused(`print ${'('.repeat(5000)}1${')'.repeat(5000)}`)).ok).toBe(false)
    expect((await refused(`print "${'x'.repeat(1_000_001)}"`)).diagnostics[0]?.code).toBe('too-large')
  })
})

test('a plan survives JSON', async () => {
  const compilation = await compiler.compile('Events | where Size > 1 | summarize count() by Caller')
  if (!compilation.ok) throw new Error('the query is sound')
  const { plan } = compilation
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
})

async function refused(query: string): Promise<Extract<Compilation, { ok: false }>> {
  const compilation = await compiler.compile(query)
  if (compilation.ok) throw new Error(`not refused: ${query}`)
  return compilation
}

describe('a table that is known and absent', () => {
  test('has no rows, and a warning says so', async () => {
    const query = 'Elsewhere | where Ports_s has "22" | count'
    expect(await asker.ask(query)).toEqual([[0]])
    const compilation = await compiler.compile(query)
    expect(compilation.diagnostics).toMatchObject([{ code: 'absent-table', severity: 'warning' }])
  })

  test('is not among those that a wildcard or a search of everything stands for', async () => {
    expect(await asker.ask('union * | distinct Caller | sort by Caller asc')).toEqual([['Bob'], ['ann']])
    const compilation = await compiler.compile('search "10.0.0.1"')
    expect(compilation.diagnostics).toEqual([])
  })
})

test('a column may have any name that the SQL uses too', async () => {
  const query =
    'print s1 = dynamic([1, 2]), __s1 = 5 | mv-expand s1 to typeof(long) | summarize sum(s1) by __s1'
  expect(await asker.ask(query)).toEqual([[5, 3]])
})
