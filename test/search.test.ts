import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../src/cli/program.ts'
import { memoryTerminal } from './memory-terminal.ts'

let root: string

async function azimuth(words: readonly string[], options: Parameters<typeof memoryTerminal>[0] = {}) {
  const terminal = memoryTerminal({ home: join(root, 'home'), directory: root, ...options })
  const code = await run(terminal, words)
  return { code, out: terminal.out.text(), err: terminal.err.text() }
}

const hostile = '#=cmd|\'/c calc\'!A1\u001b[2J\u202e","x"\n192.0.2.99\n# 203.0.113.1'

function activity(minute: number, caller: string, claims: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    time: `2026-03-01T10:${String(minute).padStart(2, '0')}:00.1234567Z`,
    resourceId: '/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG',
    operationName: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    category: 'Administrative',
    resultType: 'Success',
    correlationId: `00000000-0000-0000-0000-0000000000${10 + minute}`,
    callerIpAddress: '10.0.0.11',
    level: 'Information',
    identity: {
      claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': caller, ...claims },
    },
  })
}

const rule = `
id: 5d0e1a3c-0000-4000-8000-000000000001
name: Keys listed
severity: High
queryFrequency: 1h
queryPeriod: 1h
query: AzureActivity | project TimeGenerated, Caller, CallerIpAddress, Agent = 'AzCopy/10 "x"', KeyHash = 'a1b2c3d4e5'
entityMappings:
  - entityType: Account
    fieldMappings: [{ identifier: FullName, columnName: Caller }]
  - entityType: IP
    fieldMappings: [{ identifier: Address, columnName: CallerIpAddress }]
customDetails: { UserAgent: Agent, KeyHash: KeyHash }
eventGroupingSettings: { aggregationKind: AlertPerResult }
`

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-search-'))
  mkdirSync(join(root, 'evidence'))
  const lines = [
    activity(1, 'kim@acme.example'),
    activity(2, 'kim@acme.example', {
      path: 'C:\\temp\\new',
      login: 'ACME\\eve',
      note: 'first\nsecond "third"',
    }),
    activity(3, hostile),
  ]
  writeFileSync(join(root, 'evidence', 'PT1H.json'), lines.join('\n'))
  writeFileSync(join(root, 'rule.yaml'), rule)
  const { code, err } = await azimuth(['ingest', 'evidence', '--case', 'acme'])
  expect(code, err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true }))

interface Hit {
  readonly Term: string
  readonly Table: string
  readonly Records: number
  readonly Rows: readonly string[]
}

async function found(words: readonly string[], input?: string): Promise<Readonly<Record<string, number>>> {
  const { out } = await azimuth(['search', '--case', 'acme', '--output', 'json', ...words], {
    ...(input !== undefined && { input }),
  })
  const hits: readonly Hit[] = JSON.parse(out)
  expect(hits.filter(({ Rows, Records }) => Rows.length !== Records)).toEqual([])
  return Object.fromEntries(hits.map(({ Term, Records }) => [Term, Records]))
}

describe('a search', () => {
  test('finds terms whole, whatever their letters, wherever they stand', async () => {
    const terms: readonly (readonly [string, number])[] = [
      ['10.0.0.11', 3],
      ['KIM@ACME.example', 2],
      ['ACME\\eve', 1],
      // As JSON writes it.
      ['ACME\\\\eve', 1],
      ['second', 1],
      ['second "third"', 1],
      // It only looks like what follows the end of a line.
      ['new', 1],
      [hostile, 1],
    ]
    // Part of an address, the number of a record, the name of a column, what would be KQL, a regular expression.
    const absent = ['10.0.0.1', '3', 'CallerIpAddress', "' or true //", '10.0.0.1.', '.*']
    expect(await found(['--', ...terms.map(([term]) => term), ...absent])).toEqual(Object.fromEntries(terms))
  })

  test('takes a list with comments, thousands at once', async () => {
    const many = Array.from(
      { length: 9990 },
      (_, index) => `198.51.${index >> 8}.${index & 255}-of-a-longer-name`,
    )
    const list = ['# addresses', '', ...many, '  10.0.0.11  ', JSON.stringify(hostile), '10.0.0.11'].join(
      '\r\n',
    )
    expect(await found(['-f', '-'], list)).toEqual({ '10.0.0.11': 3, [hostile]: 1 })
  })

  test('shows the rows, and names what is nowhere and where it was looked for', async () => {
    const { out, err } = await azimuth(['search', '192.0.2.99', 'nobody', '--case', 'acme'])
    expect(out).toMatch(/^192\.0\.2\.99 +AzureActivity +1 /m)
    expect(out).toMatch(/^[0-9a-f]{12}:3 +AzureActivity +2026-03-01T10:03:00\.1234567Z .*192\.0\.2\.99/m)
    expect(out).not.toContain('\u001b')
    expect(err).toBe('in none of 1 tables (AzureActivity):\n  nobody\n')
  })
})

describe('what alerts name', () => {
  test('is nothing before a hunt', async () => {
    expect(await azimuth(['iocs', '--case', 'acme'])).toMatchObject({
      code: 0,
      out: '',
      err: '0 values of 0 alerts; alerts are kept by azimuth hunt, but not by its --fast\n',
    })
  })

  test('is a list that search takes, whatever it holds', async () => {
    expect((await azimuth(['hunt', '--rules', 'rule.yaml', '--case', 'acme'])).code).toBe(2)
    const { out } = await azimuth(['iocs', '--case', 'acme'])
    expect(out.split('\n')).toEqual([
      '# address: high, 3 alerts',
      '10.0.0.11',
      '# account: high, 2 alerts',
      'kim@acme.example',
      '# account: high, 1 alert',
      '"#=cmd|\'/c calc\'!A1\\u001b[2J\\u202e\\",\\"x\\"\\n192.0.2.99\\n# 203.0.113.1"',
      '# hash: high, 3 alerts',
      'a1b2c3d4e5',
      '# user agent: high, 3 alerts',
      'AzCopy/10 "x"',
      '',
    ])
    expect(await found(['-f', '-'], out)).toEqual({ '10.0.0.11': 3, 'kim@acme.example': 2, [hostile]: 1 })
  })

  test('comes as JSON and CSV too; what is closed or allowed is left out', async () => {
    const json = JSON.parse((await azimuth(['iocs', '--case', 'acme', '--output', 'json'])).out)
    expect(json).toHaveLength(5)
    expect(json[1]).toEqual({
      Kind: 'account',
      Value: 'kim@acme.example',
      Level: 'high',
      Alerts: 2,
      First: expect.stringMatching(/^2026-03-01T10:01:00/),
      Last: expect.stringMatching(/^2026-03-01T10:02:00/),
    })
    const why = ['--why', 'known', '--case', 'acme']
    await azimuth(['alert', 'allow', 'Keys listed', '--entity', 'kim@acme.example', ...why])
    const { out, err } = await azimuth(['iocs', '--case', 'acme', '--output', 'csv'])
    expect(out).not.toContain('kim@')
    expect(out).toContain(`\r\naccount,"#=cmd|'/c calc'!A1`)
    expect(err).toBe('4 values of 1 alert; 2 more are allowed, closed or of a lower level\n')
    expect((await azimuth(['iocs', '--all', '--case', 'acme'])).out).toContain('kim@')
    expect((await azimuth(['iocs', '--case', 'acme', '--min-level', 'high'])).out).not.toBe('')
  })
})
