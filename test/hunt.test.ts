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

const hostile = '=cmd|\'/c calc\'!A1\u001b[2J\u202e","x"\n<script>alert(1)</script>'

function activity(hour: number, caller: string, operation: string): string {
  return JSON.stringify({
    time: `2026-03-01T${String(hour).padStart(2, '0')}:10:00.1234567Z`,
    resourceId:
      '/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/ACME',
    operationName: `MICROSOFT.STORAGE/STORAGEACCOUNTS/${operation}/ACTION`,
    category: 'Administrative',
    resultType: 'Success',
    correlationId: `00000000-0000-0000-0000-0000000000${10 + hour}`,
    callerIpAddress: '192.0.2.7',
    level: 'Information',
    identity: { claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': caller } },
  })
}

const rules = `
id: 5d0e1a3c-0000-4000-8000-000000000001
name: Keys listed
severity: High
tactics: [CredentialAccess]
relevantTechniques: [T1552.005]
queryFrequency: 1h
queryPeriod: 1h
query: AzureActivity | where OperationNameValue endswith "LISTKEYS/ACTION" | project TimeGenerated, Caller, CallerIpAddress
entityMappings:
  - entityType: Account
    fieldMappings: [{ identifier: FullName, columnName: Caller }]
alertDetailsOverride: { alertDisplayNameFormat: 'Keys listed by {{Caller}}' }
eventGroupingSettings: { aggregationKind: AlertPerResult }
---
id: 5d0e1a3c-0000-4000-8000-000000000002
name: Blobs read
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
query: StorageBlobLogs | where OperationName == "GetBlob"
---
id: 5d0e1a3c-0000-4000-8000-000000000003
name: Never
severity: Low
queryFrequency: 1h
queryPeriod: 1h
query: AzureActivity | where OperationNameValue == "never"
---
id: 5d0e1a3c-0000-4000-8000-000000000004
name: Of a table that nobody knows
severity: Low
query: Nowhere_At_All | take 1
`

interface Printed {
  readonly alerts: readonly {
    readonly id: string
    readonly rule: string
    readonly title: string
    readonly level: string
    readonly start: string
    readonly count: number
    readonly entities: readonly Readonly<Record<string, string>>[]
    readonly evidence: readonly {
      readonly table: string
      readonly evidenceId: string
      readonly record: number
    }[]
  }[]
  readonly rules: readonly {
    readonly id: string
    readonly status: string
    readonly coverage: string
    readonly reason?: string
  }[]
  readonly totals: { readonly events: number; readonly alerts: number }
}

async function hunted(
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly found: Printed }> {
  const { code, out, err } = await azimuth(['hunt', '--rules', 'rules', '-o', 'json', ...words])
  if (out === '') throw new Error(err)
  return { code, found: JSON.parse(out) as Printed }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'azimuth-hunt-test-'))
  mkdirSync(join(root, 'rules'))
  writeFileSync(join(root, 'rules', 'rules.yaml'), rules)
  writeFileSync(join(root, 'rules', 'broken.yaml'), 'name: [')
  const lines = [
    activity(1, 'ann', 'READ'),
    activity(9, 'eve', 'LISTKEYS'),
    activity(20, hostile, 'LISTKEYS'),
    activity(23, 'ann', 'READ'),
  ]
  writeFileSync(join(root, 'activity.json'), lines.join('\n'))
  const { code, err } = await azimuth(['ingest', 'activity.json', '--case', 'acme'])
  expect(code, err).toBe(0)
})
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))

describe('azimuth hunt', () => {
  test('tells alerts with their records, and of every rule what became of it', async () => {
    const { code, found } = await hunted()
    expect(code).toBe(2)
    expect(
      found.alerts.map(({ title, level, start, count }) => [
        title.slice(0, 19),
        level,
        start.slice(0, 16),
        count,
      ]),
    ).toEqual([
      ['Keys listed by eve', 'high', '2026-03-01T09:10', 1],
      ['Keys listed by =cmd', 'high', '2026-03-01T20:10', 1],
    ])
    expect(found.alerts[0]?.evidence).toEqual([
      { table: 'AzureActivity', evidenceId: expect.stringMatching(/^[0-9a-f]{64}$/), record: 2, ordinal: 0 },
    ])
    expect(found.rules.map(({ id, status, coverage }) => [id?.at(-1), status, coverage])).toEqual([
      ['1', 'hit', 'present'],
      ['2', 'silent', 'absent'],
      ['3', 'silent', 'present'],
      ['4', 'refused', 'absent'],
      [undefined, 'refused', 'absent'],
    ])
    expect(found.totals).toMatchObject({ events: 4, alerts: 2 })
  })

  test('finds the same again, and adds nothing', async () => {
    const [first, second] = [await hunted(), await hunted()]
    expect(second.found.alerts).toEqual(first.found.alerts)
    const { out } = await azimuth(['query', 'Alerts | count', '-o', 'json'])
    expect(JSON.parse(out)).toEqual([{ Count: 2 }])
  })

  test('leads to the bytes of what it found', async () => {
    const { found } = await hunted()
    const [record] = found.alerts[0]?.evidence ?? []
    const { out } = await azimuth(['show', `${record?.evidenceId}:${record?.record}`])
    expect(out.trim()).toBe(activity(9, 'eve', 'LISTKEYS'))
  })

  test('exits by the level that was asked for', async () => {
    expect((await hunted('--until', '2026-03-01T05:00Z')).code).toBe(0)
    expect((await hunted('--min-level', 'high')).code).toBe(2)
    const { code, err } = await azimuth(['hunt', '--since', 'yesterday'])
    expect(code).toBe(64)
    expect(err).toContain('"yesterday" is no time')
  })

  test('closes with what was found and what could not have been', async () => {
    const { out } = await azimuth(['hunt', '--rules', 'rules'])
    expect(out).toMatch(/^4 events → 2 alerts, 50\.00 % set aside/)
    expect(out).toMatch(/high +2 +2 unique/)
    expect(out).toContain('1 silent rules: none of their logs was there')
    expect(out).toContain('StorageBlobLogs')
    expect(out).toContain('the Activity Log holds no reads')
    expect(out).toMatch(/refused rules\.yaml: .*Nowhere_At_All/)
    expect(out).toMatch(/refused broken\.yaml: \w/)
  })

  test.each(['table', 'csv', 'ndjson', 'timesketch', 'json', 'navigator'])(
    'keeps hostile values harmless in %s',
    async (output) => {
      const { out, err } = await azimuth(['hunt', '--rules', 'rules', '-o', output], { columns: 120 })
      for (const evil of ['\u001b[2J', '\u202e']) expect(`${out}${err}`).not.toContain(evil)
      if (output === 'ndjson' || output === 'timesketch') {
        const lines = out.trimEnd().split('\n')
        expect(lines).toHaveLength(2)
        for (const line of lines)
          expect(JSON.parse(line)).toHaveProperty(output === 'ndjson' ? 'title' : 'message')
      }
      if (output === 'csv') expect(out).not.toMatch(/(^|,)"?=cmd/m)
      if (output === 'navigator')
        expect(JSON.parse(out)).toMatchObject({ techniques: [{ techniqueID: 'T1552.005', score: 2 }] })
    },
  )

  test('--fast keeps nothing and says so', async () => {
    const { out } = await azimuth(['hunt', '--rules', 'rules', '--fast', '--case', 'acme'])
    expect(out).toContain('--fast left out 0 runs')
    expect(out).toContain('kept no alerts')
  })
})

describe('azimuth alert', () => {
  test('lists, shows, closes and allows, and deletes nothing', { timeout: 300_000 }, async () => {
    const { found } = await hunted('--min-level', 'high')
    const [first, second] = found.alerts
    const listed = async (...words: readonly string[]): Promise<readonly { readonly Id: string }[]> => {
      const { out } = await azimuth(['alert', 'list', '-o', 'json', ...words])
      return JSON.parse(out) as readonly { readonly Id: string }[]
    }
    expect(await listed()).toHaveLength(2)
    const shown = await azimuth(['alert', 'show', first?.id.slice(0, 8) ?? ''])
    expect(JSON.parse(shown.out)).toMatchObject({ id: first?.id, status: 'new' })
    await azimuth(['alert', 'set', first?.id ?? '', 'closed', '--why', 'known work', '--who', 'kim'])
    expect(await listed()).toEqual([expect.objectContaining({ Id: second?.id })])
    expect(await listed('--all')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Id: first?.id, Status: 'closed', Note: 'kim: known work' }),
      ]),
    )
    expect((await hunted()).found.alerts.map(({ id }) => id)).toEqual([second?.id])
    await azimuth([
      'alert',
      'allow',
      'Keys listed',
      '--entity',
      hostile,
      '--why',
      'a test',
      '--until',
      '2001-01-01',
    ])
    expect(await listed()).toHaveLength(1)
    await azimuth(['alert', 'allow', 'Keys listed', '--entity', hostile, '--why', 'a test'])
    expect(await listed()).toHaveLength(0)
    expect((await hunted()).code).toBe(0)
    const kept = await azimuth(['query', 'Alerts | count', '-o', 'json'])
    expect(JSON.parse(kept.out)).toEqual([{ Count: 2 }])
  })

  test('needs a reason, and an alert that is there', async () => {
    expect((await azimuth(['alert', 'set', 'ffff', 'closed'])).code).toBe(64)
    expect((await azimuth(['alert', 'set', 'zzzz', 'closed', '--why', 'x'])).err).toContain(
      'no alert has the id zzzz',
    )
  })
})

test('azimuth rules profile tells what each rule costs', async () => {
  const { code, out } = await azimuth(['rules', 'profile', 'rules', '-o', 'json'])
  expect(code).toBe(0)
  const rows = JSON.parse(out) as readonly {
    readonly Rule: string
    readonly Ms: number
    readonly Form: string
  }[]
  expect(rows.map(({ Rule }) => Rule).toSorted()).toEqual([
    'Blobs read',
    'Keys listed',
    'Never',
    'Of a table that nobody knows',
  ])
  expect(rows.every(({ Ms }) => Ms >= 0)).toBe(true)
})
