import { expect, test } from 'vitest'
import { memorySink } from '../../test/memory-terminal.ts'
import type { Alert } from '../hunt/alert.ts'
import type { HuntedRule } from '../hunt/hunt.ts'
import { noRuns } from '../hunt/hunt-context.ts'
import type { Level, Rule } from '../hunt/rule.ts'
import { findingsTexts } from './triage-findings-text.ts'
import { suspectsOf } from './triage-findings.ts'

const hostile = 'eve\u001b[2J\u202e"; rm -rf /'
const id = '162ef55a-bfff-4a41-a8f7-703b78933aa5'

function alert(rule: string, level: Level, entity: Readonly<Record<string, string>>): Alert {
  return {
    ...{ id: rule, ruleId: rule, rule, path: rule, title: rule, description: '', level },
    ...{ tactics: [], techniques: [], start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:00:00Z' },
    ...{ now: '', entities: [{ Type: 'account', ...entity }], customDetails: {}, rows: 1, count: 1 },
    ...{ evidence: [], isBaselineComplete: true },
  }
}

const alerts = [
  alert('a', 'medium', { FullName: 'Ann@acme.example' }),
  alert('b', 'high', { AadUserId: id.toUpperCase() }),
  alert('c', 'low', { FullName: 'ann@ACME.example' }),
  alert('d', 'high', { FullName: hostile }),
  alert('e', 'low', { FullName: '  ' }),
  { ...alert('f', 'high', { Address: '192.0.2.1' }), entities: [{ Type: 'ip', Address: '192.0.2.1' }] },
]

test('identities are told once, by the name that a log gives an id, the gravest first', () => {
  expect(suspectsOf(alerts, new Map([[id, 'ann@acme.example']]))).toEqual([
    { name: 'Ann@acme.example', level: 'high', alerts: 3, rules: 3 },
    { name: hostile, level: 'high', alerts: 1, rules: 1 },
  ])
})

test('the page tells what was found and what was not looked at, and hides nothing that a terminal obeys', () => {
  const outcome = (name: string, over: Partial<HuntedRule>): HuntedRule => ({
    rule: { name, path: name, logs: [] } as unknown as Rule,
    ...{
      status: 'silent',
      alerts: [],
      tables: [],
      runs: noRuns,
      form: 'runs',
      ms: 0,
      coverage: 'present',
      ...over,
    },
  })
  const outcomes = [
    outcome('a', { status: 'hit', alerts, runs: { ...noRuns, active: 9, made: 2, suppressed: 1 } }),
    outcome('b', { coverage: 'absent' }),
    outcome('c', { coverage: 'partly' }),
    outcome('d', { status: 'stopped', reason: hostile }),
    outcome('e', { status: 'refused', reason: 'x' }),
  ]
  const texts = findingsTexts(memorySink({ columns: 200 }), {
    alerts,
    suspects: suspectsOf(alerts, new Map()),
    hunt: { outcomes, refused: [], events: 6, stored: undefined, tables: [], evidence: undefined, ms: 1 },
    access: { accounts: [], uses: [], signatures: [], vaults: [], chains: [] },
  })
  const text = texts.join('\n')
  for (const evil of ['\u001b', '\u202e']) expect(text).not.toContain(evil)
  expect(text).toContain('of 6 rules with alerts: 3 high, 1 medium, 2 low')
  expect(text).toContain('no read of content is in any log')
  expect(text).toContain('which left out 6 runs')
  expect(text).toContain('of 5 rules, 1 had none of their logs and 1 only a part')
  expect(text).toContain('1 rules were refused')
  expect(text).toMatch(/the rule d was stopped: eve␛/)
})
