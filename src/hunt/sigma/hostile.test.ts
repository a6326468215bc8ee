import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsAsker } from '../../../test/sigma/compare.ts'
import { eventsTable } from '../../../test/sigma/events-world.ts'
import { createCompiler } from '../../kql/compile.ts'
import type { Asker } from '../../../test/ask.ts'
import { readSigma } from './read.ts'

/** Texts that mean something to KQL, SQL, regular expressions, JSON or a terminal. */
const texts = [
  '"',
  "'",
  '`',
  '\\',
  '\\"',
  '"; print 1 //',
  '") or true or ("',
  "' or '1'='1",
  '*/',
  '//',
  '/*',
  '\n| take 1',
  '\r\n',
  '\u2028',
  '\u0000',
  '\u0007\u001B[2J',
  '${x}',
  '{{Caller}}',
  '"]',
  '["Id"]',
  '%s',
  'a"b\\"c',
  '\uD800',
  '\u202Egnp',
  '日本語😀',
  ')',
  '(?i)',
  '[[:alpha:]]',
  'a{1001}',
  '$(id)',
  '@"',
  '```',
  '~~~',
  'h"',
  '<|',
  '\\u0022',
]

const event = {
  Id: 1,
  TimeGenerated: '2024-01-01T00:00:00.000Z',
  City: '',
  Address: '',
  Size: null,
  At: null,
  DeviceDetail: null,
  TargetResources: null,
  AuthenticationDetails: '',
  Extra: null,
}
const events = texts.map((text, index) => ({
  ...event,
  Id: index,
  Caller: stored(text),
  TargetResources: [{ displayName: stored(text) }],
}))
const columns = eventsTable.columns
let asker: Asker

beforeAll(async () => {
  asker = await eventsAsker(events)
})

afterAll(async () => {
  await asker[Symbol.asyncDispose]()
})

function queryOf(detection: unknown): string {
  const text = stringify({ title: 'x', logsource: { product: 'x' }, detection })
  const { rules, refused } = readSigma([{ path: 'x.yml', text }], { findTables: () => [eventsTable] })
  expect(refused, text).toEqual([])
  return rules[0]?.query ?? ''
}

/** The engine has no lone surrogates. */
function stored(text: string): string {
  return text.toWellFormed()
}

function escaped(text: string): string {
  return text.replaceAll(/[*?\\]/g, '\\$&')
}

describe('a value of a rule is nothing but a value', () => {
  test('whole, inside, in lists and in expressions', { timeout: 120_000 }, async () => {
    const queries = texts.flatMap((text, index) => {
      const same = texts.flatMap((other, id) => (stored(other) === stored(text) ? [id] : []))
      const holding = texts.flatMap((other, id) => (stored(other).includes(stored(text)) ? [id] : []))
      const value = escaped(text)
      return [
        { index, expected: same, query: queryOf({ s: { 'Caller|cased': value }, condition: 's' }) },
        {
          index,
          expected: same,
          query: queryOf({ s: { 'TargetResources.displayName|cased': value }, condition: 's' }),
        },
        {
          index,
          expected: holding,
          query: queryOf({ s: { 'Caller|contains|cased': value }, condition: 's' }),
        },
        {
          index,
          expected: holding,
          query: queryOf({
            s: { 'Caller|cased': `*${value}*?*` },
            t: { 'Caller|cased': `*${value}*` },
            condition: 's or t',
          }),
        },
      ]
    })
    for (let start = 0; start < queries.length; start += 20) {
      const part = queries.slice(start, start + 20)
      const union = part.map(({ query }, number) => `(${query}\n| project Id, Number = ${number})`).join(', ')
      const rows = await asker.ask(`union ${union} | sort by Number asc, Id asc`)
      const expected = part.flatMap((each, number) => each.expected.map((id) => [id, number]))
      expect(rows, JSON.stringify(part.map(({ index }) => texts[index]))).toEqual(expected)
    }
  })
})

describe('a name of a field is nothing but a name', () => {
  test('in detections and correlations', async () => {
    const compiler = await createCompiler({
      tables: [{ name: 'Events', database: 'logs', source: 'Events', columns }],
    })
    for (const name of texts) {
      const field = `Extra.some.x${name.replaceAll('|', '')}`
      const detection = stringify({
        title: name,
        name: 'one',
        logsource: { product: name },
        detection: { [`s${name.replaceAll(/\W/g, '')}`]: { [field]: 'x' }, condition: '1 of them' },
      })
      const correlation = stringify({
        title: name,
        correlation: {
          type: 'value_count',
          rules: ['one'],
          'group-by': ['Caller', field],
          timespan: '1m',
          condition: { gte: 1, field },
        },
      })
      const files = [{ path: name, text: `${detection}---\n${correlation}` }]
      const { rules, refused } = readSigma(files, { findTables: () => [eventsTable] })
      expect(rules.length + refused.length).toBeGreaterThan(0)
      for (const { query } of rules) {
        const compiled = await compiler.compile(`${query}\n| count`)
        expect(compiled.ok ? [] : compiled.diagnostics, query).toEqual([])
        expect(compiled.ok && compiled.columns.map((column) => column.name)).toEqual(['Count'])
      }
    }
  })
})
