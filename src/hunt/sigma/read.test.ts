import { describe, expect, test } from 'vitest'
import { readSigma } from './read.ts'
import type { RuleReading } from '../rule.ts'

const logSource = 'logsource: { product: azure, service: signinlogs }'

function read(...texts: readonly string[]): RuleReading {
  return readSigma(texts.map((text, index) => ({ path: `rules/${index}.yml`, text })))
}

function rule(detection: string): string {
  return `title: A rule\nid: r1\n${logSource}\ndetection:\n  ${detection.replaceAll('\n', '\n  ')}\n`
}

function queryOf(text: string): string {
  const { rules, refused } = read(text)
  expect(refused).toEqual([])
  return rules[0]?.query ?? ''
}

describe('what a rule says of itself', () => {
  test('becomes a rule in our words', () => {
    const { rules } = read(`title: Keys listed
id: 11111111-2222-4333-8444-555555555555
description: Someone listed keys
level: critical
tags: [attack.credential-access, attack.t1552.005, attack.defense_evasion, cve.2024-1]
falsepositives: [Backup jobs]
logsource: { product: azure, service: activitylogs }
detection: { s: { Caller: x }, condition: s }
`)
    expect(rules[0]).toMatchObject({
      id: '11111111-2222-4333-8444-555555555555',
      format: 'sigma',
      name: 'Keys listed',
      level: 'high',
      tactics: ['CredentialAccess', 'DefenseEvasion'],
      techniques: ['T1552.005'],
      tags: ['cve.2024-1'],
      guide: { benign: 'Backup jobs' },
      query: 'AzureActivity\n| where (["Caller"] =~ "x" or tostring(["Claims_d"]["name"]) =~ "x")',
    })
  })
})

const refusals: readonly (readonly [string, string, string])[] = [
  [
    'a modifier that there is not',
    's: { a|contians: x }\ncondition: s',
    'line 5, column 8: there is no modifier contians; modifiers are',
  ],
  [
    'modifiers that contradict',
    's: { a|re|contains: x }\ncondition: s',
    'the modifiers re, contains do not go together',
  ],
  [
    'a search that there is not',
    's: { a: x }\ncondition: s and t',
    'line 6, column 20: there is no search t; searches are s',
  ],
  ['a bracket left open', 's: { a: x }\ncondition: (s', 'line 6, column 14: a bracket is not closed'],
  ['a pattern without searches', 's: { a: x }\ncondition: 1 of sel*', 'no search has a name like sel*'],
  ['no condition', 's: { a: x }', 'condition is missing; add condition:'],
  ['an empty list', 's: { a: [] }\ncondition: s', 'a list without values matches nothing'],
  [
    'a placeholder without values',
    's: { a|expand: "%Admins%" }\ncondition: s',
    'the placeholder %Admins% has no values: there is no watchlist Admins; azimuth watchlist add Admins FILE.csv',
  ],
  [
    'a network that is none',
    's: { a|cidr: 10.0.0.0/33 }\ncondition: s',
    'cidr needs a network; for instance 10.0.0.0/8',
  ],
  [
    'an expression that looks around itself',
    's: { a|re: "a(?=b)" }\ncondition: s',
    'the expression looks around itself',
  ],
  ['a comparison with a word', 's: { a|gt: many }\ncondition: s', 'a comparison needs a number'],
  [
    'an encoding of wildcards',
    's: { a|base64: "a*" }\ncondition: s',
    'base64 needs a text without wildcards; put a backslash before',
  ],
  [
    'an encoding that leaves nothing',
    's: { a|base64offset|contains: a }\ncondition: s',
    'one byte leaves nothing to find at every offset',
  ],
  [
    'characters without base64',
    's: { a|wide: abc }\ncondition: s',
    'an encoding of characters stands before base64',
  ],
  ['a key that stands twice', 's: { a: x, a: y }\ncondition: s', 'the key a stands twice in one map'],
  [
    'an aggregation of another kind',
    's: { a: x }\ncondition: s | near t',
    'this aggregation is not understood; write a correlation',
  ],
  [
    'a bomb of aliases',
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[index]}`).join(', ')}]`)
      .join('\n')}\ncondition: a`,
    'more than 50000 values',
  ],
]

describe('is refused with a place and a hint:', () => {
  test.each(refusals)('%s', (_what, detection, reason) => {
    const { rules, refused } = read(rule(detection))
    expect(rules).toEqual([])
    expect(refused).toMatchObject([{ path: 'rules/0.yml', reason: expect.stringContaining(reason) }])
  })

  test('a log that no table holds', () => {
    const { refused } = read(
      rule('s: { a: x }\ncondition: s').replace('azure, service: signinlogs', 'windows'),
    )
    expect(refused[0]?.reason).toMatch(/^no table holds the log windows; logs are azure activitylogs, /)
  })

  test('text that is no YAML, without harm to other files', () => {
    const { rules, refused } = read('a: [', rule('s: { AppId: x }\ncondition: s'))
    expect(rules.map(({ path }) => path)).toEqual(['rules/1.yml'])
    expect(refused[0]?.reason).toMatch(/^line 1, column \d+: /)
  })
})

describe('several documents', () => {
  const failed = `title: Failed\nname: failed\n${logSource}\ndetection: { s: { ResultType: 50126 }, condition: s }\n`
  const counted = (more = ''): string =>
    `title: Many\ncorrelation: { type: event_count, rules: [failed], group-by: [UserPrincipalName], timespan: 5m, condition: { gte: 10 }${more} }\n`

  test('a rule that serves a correlation does not stand for itself', () => {
    expect(read(failed, counted()).rules.map(({ name }) => name)).toEqual(['Many'])
    expect(read(failed, counted(', generate: true')).rules.map(({ name }) => name)).toEqual([
      'Many',
      'Failed',
    ])
  })

  test('a correlation takes only tables that have its groups', () => {
    const [many] = read(`${failed}---\n${counted()}`).rules
    expect(many?.logs).toEqual([{ table: 'AADNonInteractiveUserSignInLogs' }, { table: 'SigninLogs' }])
    expect(many?.entities).toEqual([
      { type: 'Account', fields: [{ identifier: 'FullName', column: 'UserPrincipalName' }] },
    ])
  })

  test('correlations that go in a circle, or name nothing, are refused', () => {
    const a = 'title: A\nname: a\ncorrelation: { type: temporal, rules: [b], timespan: 5m }\n'
    const b = 'title: B\nname: b\ncorrelation: { type: temporal, rules: [a], timespan: 5m }\n'
    expect(read(a, b).refused.map(({ reason }) => reason)).toEqual(
      Array(2).fill('the correlation names itself'),
    )
    expect(read(counted()).refused[0]?.reason).toBe('no rule has the id or name failed; add its file')
  })

  test('a global part is put under the documents after it', () => {
    const global = `action: global\ntitle: Both\n${logSource}\ndetection: { condition: s }\n`
    const parts = ['id: p1\ndetection: { s: { AppId: x } }', 'id: p2\ndetection: { s: { AppId: y } }']
    const { rules, refused } = read([global, ...parts].join('\n---\n'))
    expect(refused).toEqual([])
    expect(rules.map(({ id, name, query }) => [id, name, query.includes('"y"')])).toEqual([
      ['p1', 'Both', false],
      ['p2', 'Both', true],
    ])
  })

  test.each([
    ['selection', 'not((["UserPrincipalName"] startswith "adm_"))'],
    ['not selection', 'not((["UserPrincipalName"] startswith "adm_"))'],
  ])('a filter with the condition %s leaves out what it selects', (condition, expected) => {
    const filter = `title: Admins\n${logSource}\nfilter: { rules: [failed], selection: { UserPrincipalName|startswith: adm_ }, condition: ${condition} }\n`
    expect(read(failed, filter).rules[0]?.query.replaceAll(/not\(\(*/g, 'not((')).toContain(
      expected.slice(0, -2),
    )
    expect(read(failed, filter.replace('signinlogs', 'auditlogs')).rules[0]?.query).not.toContain('adm_')
    expect(read(failed, filter.replace('[failed]', 'any')).rules[0]?.query).toContain('adm_')
  })

  test('a count after a pipe is a correlation', () => {
    const { rules, refused } = read(
      rule(
        's: { ResultType: 50126 }\ntimeframe: 10m\ncondition: s | count(UserPrincipalName) by IPAddress > 3',
      ),
    )
    expect(refused).toEqual([])
    expect(rules[0]?.query).toMatch(/_value = tolower\(\["UserPrincipalName"\]\)/)
    expect(rules[0]?.query).toMatch(/600000ms[^]*_n > real\(3\)/)
  })
})

describe('a filter that is not there yet', () => {
  test('leaves nothing out', () => {
    expect(queryOf(rule('s: { AppId: x }\ncondition: s and not 1 of filter_*'))).toContain('not(false)')
  })
})

describe('a field', () => {
  test.each([
    ['InitiatedBy.user.id', 'tostring(["InitiatedBy"]["user"]["id"]) =~ "x"'],
    ['properties.INITIATEDBY.App.displayname', 'tostring(["InitiatedBy"]["app"]["displayName"]) =~ "x"'],
    ['azure.auditlogs.properties.correlation_id', '["CorrelationId"] =~ "x"'],
    ['LoggedByService', '["LoggedByService"] =~ "x"'],
  ])('%s below an alias is one place', (field, expected) => {
    const text = rule(`s: { ${field}: x }\ncondition: s`).replace('signinlogs', 'auditlogs')
    expect(queryOf(text)).toBe(`AuditLogs\n| where ${expected}`)
  })
})
