import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'
import { buildMmdb } from './mmdb-builder.ts'

let root: string

async function azimuth(words: readonly string[]) {
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root })
  const code = await run(terminal, words)
  return { code, out: terminal.out.text(), err: terminal.err.text() }
}

interface Printed {
  readonly alerts: readonly { readonly entities: readonly Readonly<Record<string, string>>[] }[]
  readonly rules: readonly { readonly name: string; readonly status: string; readonly reason?: string }[]
}

async function hunted(...words: readonly string[]): Promise<Printed> {
  const { out, err } = await azimuth(['hunt', '--case', './case', '--fast', '-o', 'json', ...words])
  if (out === '') throw new Error(err)
  return JSON.parse(out) as Printed
}

const callers = ['ann@acme.example', 'bob@acme.example', `eve" or true //`, '%Admins%']

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-hunt-inputs-'))
  const records = callers.map((Caller, index) => ({
    TimeGenerated: `2026-03-01T10:0${index}:00Z`,
    Type: 'AzureActivity',
    CorrelationId: `c${index}`,
    CallerIpAddress: `192.0.2.${index}`,
    Caller,
  }))
  writeFileSync(join(root, 'activity.json'), records.map((record) => JSON.stringify(record)).join('\n'))
  const { code, err } = await azimuth(['ingest', 'activity.json', '--case', './case'])
  expect(code, err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true }))

test("placeholders of Sigma's rules are the search keys of the case's watchlists", async () => {
  mkdirSync(join(root, 'sigma'))
  writeFileSync(
    join(root, 'sigma', 'rule.yml'),
    `title: By an administrator
logsource: { product: azure, service: activitylogs }
detection: { s: { Caller|expand: '%Our-Admins%' }, condition: s }
---
title: By nobody that is listed
logsource: { product: azure, service: activitylogs }
detection: { s: { Caller|expand|endswith: '%Nobody%@acme.example' }, condition: s }
`,
  )
  const without = await hunted('--rules', 'sigma')
  expect(without.rules.map(({ status }) => status)).toEqual(['refused', 'refused'])
  expect(without.rules[0]?.reason).toMatch(
    /^line 3, column \d+: the placeholder %Our-Admins% has no values: there is no watchlist Our-Admins; azimuth watchlist add Our-Admins FILE\.csv$/,
  )
  const list = `Name,Account\nAnn,ANN@acme.example\nEve,"eve"" or true //"\nNone,\nAll,c*d@acme.example\n`
  writeFileSync(join(root, 'admins.csv'), list)
  writeFileSync(join(root, 'nobody.csv'), 'Account\n')
  await azimuth(['watchlist', 'add', 'Our-Admins', 'admins.csv', '--key', 'Account', '--case', './case'])
  await azimuth(['watchlist', 'add', 'Nobody', 'nobody.csv', '--case', './case'])
  const { alerts, rules } = await hunted('--rules', 'sigma')
  const found = alerts.flatMap(({ entities }) => entities.map(({ FullName }) => FullName))
  expect(found.filter((name) => name !== undefined).toSorted()).toEqual([callers[0], callers[2]])
  expect(rules.map(({ name, status, reason }) => [name, status, reason?.split(': ').at(-1)])).toEqual([
    ['By an administrator', 'hit', undefined],
    ['By nobody that is listed', 'refused', 'the watchlist has none; azimuth watchlist add Nobody FILE.csv'],
  ])
  expect((await azimuth(['rules', 'profile', 'sigma', '--case', './case'])).out).toMatch(/ hit +By an admin/)
})

test('rules read the files that a query reads, and are refused with the same words without them', async () => {
  mkdirSync(join(root, 'files', 'lists.example'), { recursive: true })
  writeFileSync(join(root, 'files', 'lists.example', 'bad.csv'), "192.0.2.1\n'); drop --\n")
  const norway = { country: { names: { en: 'Norway' } } }
  writeFileSync(join(root, 'city.mmdb'), buildMmdb([['192.0.2.2/31', norway]]))
  const rule = (
    number: number,
    name: string,
    query: string,
  ): string => `id: 5d0e1a3c-0000-4000-8000-00000000000${number}
name: ${name}
severity: Low
queryFrequency: 1h
queryPeriod: 1d
query: |
  ${query}
entityMappings: [{ entityType: Account, fieldMappings: [{ identifier: FullName, columnName: Caller }] }]
eventGroupingSettings: { aggregationKind: AlertPerResult }
`
  const bad = 'externaldata(Address: string)["https://lists.example/bad.csv"]'
  const rules = [
    rule(1, 'Listed', `let bad = ${bad}; AzureActivity | where CallerIpAddress in (bad)`),
    rule(
      2,
      'Listed by now',
      `let bad = ${bad}; AzureActivity | where TimeGenerated > ago(1h) | summarize arg_max(TimeGenerated, CallerIpAddress) by Caller | where CallerIpAddress in (bad)`,
    ),
    rule(3, 'Abroad', 'AzureActivity | where geo_info_from_ip_address(CallerIpAddress).country == "Norway"'),
  ]
  writeFileSync(join(root, 'files.yaml'), rules.join('---\n'))
  const without = await hunted('--rules', 'files.yaml')
  expect(without.rules.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('--external DIR'),
    expect.stringContaining('--external DIR'),
    expect.stringContaining('--geoip FILE.mmdb'),
  ])
  const files = ['--external', 'files', '--geoip', 'city.mmdb'] as const
  const { rules: all, alerts } = await hunted('--rules', 'files.yaml', ...files)
  expect(all.map(({ status, reason }) => [status, reason])).toEqual(all.map(() => ['hit', undefined]))
  const found = alerts.flatMap(({ entities }) => entities.map(({ FullName }) => FullName))
  expect(found).toEqual([callers[1], callers[1], callers[2], callers[3]])
  const { out } = await azimuth(['rules', 'profile', 'files.yaml', '--case', './case', ...files])
  expect(out.match(/ hit /g)).toHaveLength(3)
  const custody = readFileSync(join(root, 'case', 'custody.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  const lines = custody.map((line) => JSON.parse(line) as { command: string; inputs: { name: string }[] })
  const inputs = lines.findLast(({ command }) => command === 'hunt')?.inputs.map(({ name }) => name)
  expect(inputs?.toSorted()).toEqual([
    join(root, 'city.mmdb'),
    join(root, 'files', 'lists.example', 'bad.csv'),
  ])
})
