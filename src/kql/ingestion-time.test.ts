import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { sql } from '../sql/template.ts'
import type { Schema } from './schema.ts'

const columns = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'n', type: 'long' },
] as const
const ingestionTime = { event: 'TimeGenerated', actual: '_IngestedAt' }
const schema: Schema = {
  tables: [
    { name: 'Events', database: 'logs', source: 'Rows', columns, ingestionTime },
    { name: 'Others', database: 'logs', source: 'Rows', columns, ingestionTime },
    { name: 'Timeless', database: 'logs', source: 'Rows', columns },
  ],
  functions: [{ name: 'Ingested', parameters: '()', body: 'Events | where ingestion_time() > ago(1d)' }],
}
const now = new Date('2026-01-02T00:00:00Z')
let asker: Asker

beforeAll(async () => {
  asker = await openAsker(schema)
  await asker.command(sql`CREATE TABLE logs.Rows (TimeGenerated DateTime64(7, 'UTC'), n Nullable(Int64),
    _IngestedAt DateTime('UTC')) ENGINE = MergeTree ORDER BY TimeGenerated`)
  await asker.command(sql`INSERT INTO logs.Rows VALUES
    ('2026-01-01 12:00:00.5', 1, '2026-05-01 00:00:00'), ('2025-06-01 00:00:00', 2, '2026-05-01 00:00:01')`)
})
afterAll(async () => await asker[Symbol.asyncDispose]())

const event = '2026-01-01T12:00:00.5000000Z'

describe('ingestion_time()', () => {
  test.each([
    ['Events | where ingestion_time() > ago(1d) | project n', [[1]]],
    ['Ingested | project n', [[1]]],
    ['Events | project n | extend t = ingestion_time() | sort by n asc | take 1', [[1, event]]],
    ['Events | sort by ingestion_time() desc | project-away TimeGenerated | take 1', [[1]]],
    ['Events | mv-expand x = dynamic([7, 8]) | where ingestion_time() > ago(1d) | project x', [[7], [8]]],
    ['Events | summarize max(ingestion_time())', [[event]]],
    [
      'Events | summarize count() by bin(ingestion_time(), 1d) | sort by count_ asc | project count_',
      [[1], [1]],
    ],
    ['union Events, Others | where ingestion_time() > ago(1d) | count', [[2]]],
    ['union Events, Timeless | summarize n = countif(isnull(ingestion_time()))', [[2]]],
    ['Events | where n == toscalar(Events | where ingestion_time() > ago(1d) | project n) | count', [[1]]],
    ['find in (Events, Others) where ingestion_time() > ago(1d) | count', [[2]]],
  ])('is the time of the event: %s', async (query, rows) => {
    expect(await asker.ask(query, { now })).toEqual(rows)
  })

  test('is the actual time where that is asked for', async () => {
    const query = 'Events | project t = ingestion_time() | sort by t asc | take 1'
    expect(await asker.ask(query, { now, ingestionTime: 'actual' })).toEqual([
      ['2026-05-01T00:00:00.0000000Z'],
    ])
  })

  test.each([
    'Timeless | where ingestion_time() > ago(1d)',
    'print ingestion_time()',
    'Events | summarize count() by n | extend ingestion_time()',
    'Events | join kind=inner Others on n | where ingestion_time() > ago(1d)',
    'datatable(a: long)[1] | extend t = ingestion_time()',
  ])('is refused where rows cannot tell: %s', async (query) => {
    await expect(asker.ask(query, { now })).rejects.toThrow('do not tell when they were ingested')
  })
})
