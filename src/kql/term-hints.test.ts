import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAsker, type Asker } from '../../test/ask.ts'
import { column } from '../sql/node.ts'
import { printExpression } from '../sql/print.ts'
import { sql } from '../sql/template.ts'
import { termText } from '../sql/term-text.ts'

const columns = [{ name: 'n', type: 'long' } as const, { name: 's', type: 'string' } as const]
const indexed = columns.map((item) => (item.name === 's' ? { ...item, terms: true as const } : item))
const schema = {
  tables: [
    { name: 'Plain', database: 'logs', source: 'Indexed', columns },
    { name: 'Indexed', database: 'logs', source: 'Other', columns: indexed },
  ],
}

const texts = [
  'alpha beta',
  'alphabeta',
  'Alpha-BETA_c',
  '—beta—',
  '“beta”',
  'ébeta',
  'beta\u0301',
  'be\u00adta',
  'βeta',
  'naïve beta1',
  '\u212aelvin',
  'kelvin',
  'ſtop',
  'stop',
  '/container/Report%20beta.pdf?sig=x',
  '203.0.113.7:5012',
  '203-0-113-7',
  'beta\u0000x',
  '',
  ' ',
  '日本beta日本',
  "quote's beta",
  'back\\beta',
  '٣beta',
  'beta٣',
  '%beta%',
]
const needles = [
  'beta',
  'BETA',
  'alpha-beta',
  'beta_c',
  'kelvin',
  'stop',
  'naïve',
  've',
  'report',
  '203.0.113.7',
  '113',
  '',
  ' ',
  '—',
  'é',
  "quote's",
  'back\\beta',
  'x',
  '20beta',
  'nothing',
]

let asker: Asker

beforeAll(async () => {
  asker = await openAsker(schema)
  const index = printExpression(termText(column('s')))
  for (const table of [sql`logs.Indexed`, sql`logs.Other`]) {
    await asker.command(
      sql`CREATE TABLE ${table} (n Int64, s String, INDEX t ${index} TYPE tokenbf_v1(32768, 2, 0) GRANULARITY 1) ORDER BY n SETTINGS index_granularity = 1`,
    )
    await asker.command(
      sql`INSERT INTO ${table} SELECT tupleElement(x, 1), tupleElement(x, 2) FROM (SELECT arrayJoin(arrayZip(arrayEnumerate([${texts}]), [${texts}])) AS x)`,
    )
  }
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

function conditions(): readonly string[] {
  const quoted = needles.map((needle) => JSON.stringify(needle))
  const single = quoted.flatMap((needle) => ['has', 'has_cs', '!has'].map((name) => `s ${name} ${needle}`))
  const pairs = quoted.slice(1).map((needle, index) => [quoted[index], needle].join(', '))
  return [
    ...single,
    ...pairs.flatMap((list) => [
      `s has_any (${list})`,
      `s has_all (${list})`,
      `s has_any (dynamic([${list}]))`,
    ]),
    's has "beta" and n > 3',
    's has "kelvin" or n == 2',
    's has "kelvin" or s has "report"',
    'not(s has "beta")',
    'iff(s has "beta", n > 4, n < 2)',
  ]
}

test('an index of terms skips rows and changes no answer', async () => {
  const counts = conditions().map((condition, index) => `c${index} = countif(${condition})`)
  const all = conditions()
  for (let start = 0; start < all.length; start += 20) {
    const part = all.slice(start, start + 20)
    // Counted without a filter, in Plain no index is asked; each branch here filters.
    const branches = part.map((condition) => `(Indexed | where ${condition} | summarize hits = count())`)
    const [plain = []] = await asker.ask(`Plain | summarize ${counts.slice(start, start + 20).join(', ')}`)
    const found = await Promise.all(branches.map(async (branch) => (await asker.ask(branch))[0]?.[0]))
    expect(Object.fromEntries(part.map((condition, index) => [condition, found[index]]))).toEqual(
      Object.fromEntries(part.map((condition, index) => [condition, plain[index]])),
    )
  }
})

test('only a condition straight over the table asks the index', async () => {
  const asks = async (query: string) => (await asker.bind(`${query} | count`)).includes('hasToken')
  expect(await asks('Indexed | where n > 1 | where s has "beta"')).toBe(true)
  expect(await asks('Indexed | project-rename t = s | where t has_any ("beta", "x")')).toBe(true)
  expect(await asks('Indexed | where s has "naïve" or s has "x"')).toBe(false)
  expect(await asks('Indexed | extend s = strcat(s, "beta") | where s has "beta"')).toBe(false)
  expect(await asks('Indexed | summarize by s | where s has "beta"')).toBe(false)
  expect(await asks('Plain | where s has "beta"')).toBe(false)
})
