import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'

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
