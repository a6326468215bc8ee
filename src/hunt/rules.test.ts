import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentLimits, parseDocuments } from './documents.ts'
import { parseDuration } from './duration.ts'
import { readRules } from './rules.ts'
import { readSentinel } from './sentinel.ts'

const guid = '5d0e1a3c-0000-4000-8000-000000000001'

function yamlRule(extra: string, id = guid): string {
  return `id: ${id}\nname: A rule\nseverity: High\nquery: SigninLogs | take 1\n${extra}`
}

function readYaml(text: string): ReturnType<typeof readSentinel> {
  const parsed = parseDocuments('a.yaml', text)
  if ('reason' in parsed) return { rules: [], refused: [{ path: 'a.yaml', reason: parsed.reason }] }
  return readSentinel(parsed.values.map((value) => ({ path: 'a.yaml', value })))
}

describe('a rule of Sentinel', () => {
  test('says when it runs, what it looks for and what it found', () => {
    const { rules, refused } = readYaml(
      yamlRule(`queryFrequency: 1h
queryPeriod: P14D
triggerOperator: GreaterThan
triggerThreshold: 3
tactics: [CredentialAccess]
relevantTechniques: [T1552.005, none]
entityMappings:
  - entityType: IP
    fieldMappings: [{identifier: Address, columnName: IPAddress}]
customDetails: {App: AppDisplayName}
alertDetailsOverride: {alertDisplayNameFormat: 'Seen {{IPAddress}}'}
eventGroupingSettings: {aggregationKind: AlertPerResult}
suppressionEnabled: true
suppressionDuration: PT5H`),
    )
    expect(refused).toEqual([])
    expect(rules[0]).toMatchObject({
      id: guid,
      level: 'high',
      techniques: ['T1552.005'],
      schedule: { frequencyMs: 3_600_000, periodMs: 14 * 86_400_000 },
      trigger: { operator: 'gt', threshold: 3 },
      grouping: 'row',
      suppressionMs: 5 * 3_600_000,
      entities: [{ type: 'IP', fields: [{ identifier: 'Address', column: 'IPAddress' }] }],
      customDetails: { App: 'AppDisplayName' },
      override: { nameFormat: 'Seen {{IPAddress}}' },
    })
  })

  test('without a schedule is a hunting query, whose rows stand for themselves', () => {
    const [rule] = readYaml(yamlRule('')).rules
    expect(rule).toMatchObject({ grouping: 'row', trigger: { operator: 'gt', threshold: 0 } })
    expect(rule).not.toHaveProperty('schedule')
  })

  test('comes from templates and from answers of the REST API', () => {
    const rule = {
      name: `[concat(parameters('workspace'),'/Microsoft.SecurityInsights/${guid}')]`,
      type: 'Microsoft.OperationalInsights/workspaces/providers/alertRules',
      kind: 'NRT',
      properties: { displayName: 'Near', severity: 'Low', query: 'SigninLogs', techniques: ['T1110'] },
    }
    const search = {
      name: 'Saved',
      type: 'Microsoft.OperationalInsights/workspaces/savedSearches',
      properties: {
        displayName: 'A hunt',
        query: 'AuditLogs',
        tags: [{ name: 'tactics', value: 'Persistence,Impact' }],
      },
    }
    const nested = {
      type: 'Microsoft.Resources/deployments',
      properties: { template: { resources: [search] } },
    }
    const { rules, refused } = readSentinel([
      { path: 'arm.json', value: { $schema: 'x', resources: [rule, nested] } },
      { path: 'rest.json', value: { value: [{ ...rule, name: 'x', id: '/x/alertRules/y' }] } },
    ])
    expect(refused).toEqual([])
    expect(
      rules.map(({ name, level, schedule, tactics }) => [name, level, schedule?.frequencyMs, tactics]),
    ).toEqual([
      ['Near', 'low', 60_000, []],
      ['A hunt', 'informational', undefined, ['Persistence', 'Impact']],
      ['Near', 'low', 60_000, []],
    ])
    expect(rules[0]?.id).toBe(guid)
  })

  test.each([
    ['a missing query', 'id: 1\nname: x'],
    ['an unknown severity', yamlRule('').replace('High', 'Extreme')],
    ['a frequency of nothing', yamlRule('queryFrequency: 0h')],
    ['a frequency of a century', yamlRule('queryFrequency: 36500d')],
    ['a mistyped key of ours', yamlRule('azimuth: {benine: x}')],
    ['a template expression', yamlRule('').replace('SigninLogs | take 1', '"[parameters(\'q\')]"')],
    ['a key that stands twice', yamlRule('name: again')],
    ['no rule at all', '- 1\n- 2'],
    ['a document that is no YAML', 'a: [1'],
  ])('with %s is refused with a reason', (_what, text) => {
    const { rules, refused } = readYaml(text)
    expect(rules).toEqual([])
    expect(refused.length).toBeGreaterThan(0)
    for (const { reason } of refused) expect(reason).toMatch(/\w/)
  })
})

describe('hostile files', () => {
  test('do not unfold: aliases of aliases are refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 9; level += 1) {
      const alias = `*a${level - 1}`
      lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => alias).join(', ')}]`)
    }
    expect(parseDocuments('a.yaml', lines.join('\n'))).toMatchObject({
      reason: expect.stringMatching(/alias/i),
    })
  })

  test('do not run the parser out of its stack', () => {
    const deep = '['.repeat(200_000)
    expect(parseDocuments('a.yaml', deep)).toHaveProperty('reason')
    expect(parseDocuments('a.json', deep)).toHaveProperty('reason')
  })

  test('do not take time that grows with the square of their keys', () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n')
    const started = performance.now()
    expect(parseDocuments('a.yaml', keys)).toHaveProperty('values')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('make nothing of their tags and prototypes', () => {
    const parsed = parseDocuments('a.yaml', '__proto__: {polluted: 1}\nx: !!js/function "() => 1"')
    expect(parsed).toMatchObject({ values: [{ x: '() => 1' }] })
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('a folder of rules', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'azimuth-rules-test-'))
    await mkdir(join(folder, 'rules', 'deep'), { recursive: true })
    await writeFile(join(folder, 'outside.yaml'), yamlRule('', '5d0e1a3c-0000-4000-8000-000000000009'))
    await writeFile(join(folder, 'rules', 'deep', 'b.yml'), yamlRule(''))
    await writeFile(join(folder, 'rules', 'a.yaml'), yamlRule(''))
    await writeFile(join(folder, 'rules', 'bad.yaml'), 'name: [')
    await writeFile(join(folder, 'rules', 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]))
    await writeFile(join(folder, 'rules', 'large.yaml'), `# ${'x'.repeat(documentLimits.yamlBytes)}`)
    await writeFile(join(folder, 'rules', 'notes.txt'), 'not a rule')
    await symlink(join(folder, 'outside.yaml'), join(folder, 'rules', 'link.yaml'))
    await symlink(folder, join(folder, 'rules', 'around'))
  })
  afterAll(async () => await rm(folder, { recursive: true }))

  test('gives what can be read and says why the rest cannot, links among them', async () => {
    const { rules, refused } = await readRules(join(folder, 'rules'))
    expect(rules.map(({ path }) => path)).toEqual(['a.yaml'])
    expect(refused.map(({ path }) => path).toSorted()).toEqual([
      'around',
      'bad.yaml',
      'deep/b.yml',
      'large.yaml',
      'latin.yaml',
      'link.yaml',
    ])
    expect(refused.find(({ path }) => path === 'deep/b.yml')?.reason).toBe('has the id of a.yaml')
  })

  test('may be one file', async () => {
    const { rules } = await readRules(join(folder, 'rules', 'deep', 'b.yml'))
    expect(rules.map(({ path }) => path)).toEqual(['b.yml'])
  })
})

test.each([
  ['5m', 300_000],
  ['1d', 86_400_000],
  ['PT5H', 18_000_000],
  ['P1DT2H30M', 95_400_000],
  ['P2W', 1_209_600_000],
  ['1.02:00:00', 93_600_000],
  ['00:05', 300_000],
  ['P', undefined],
  ['-1h', undefined],
  ['soon', undefined],
])('the duration %s', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})
