import { describe, expect, test } from 'vitest'
import { parseDocuments } from './documents.ts'
import { builtInName, readRules } from './rules.ts'
import { testRules } from './sample-bench.ts'
import { readSentinel } from './sentinel.ts'

const rule = `
id: 5d0e1a3c-0000-4000-8000-000000000001
name: Deletions in an hour
severity: Low
queryFrequency: 1h
queryPeriod: 1h
eventGroupingSettings: { aggregationKind: AlertPerResult }
query: |
  AzureActivity
  | where OperationNameValue endswith "/delete"
  | summarize n = count() by Caller
  | where n > 1 // the caller's second
samples:
  positive:
    - { name: two at once, alerts: 1, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:30:00Z', OperationNameValue: a/delete, Caller: eve },
          { TimeGenerated: '2026-03-02T09:40:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
    - { name: too few, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:30:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
    - { name: the wrong number, alerts: 2, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:30:00Z', OperationNameValue: a/delete, Caller: eve },
          { TimeGenerated: '2026-03-02T09:40:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
    - { name: a column that is not there, tables: { AzureActivity: [ { TimeGenerated: '2026-03-02T09:30:00Z', Nobody: 1 } ] } }
    - { name: a table that is not there, tables: { Nothing: [ { TimeGenerated: '2026-03-02T09:30:00Z' } ] } }
  negative:
    - { name: hours apart, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T08:30:00Z', OperationNameValue: a/delete, Caller: eve },
          { TimeGenerated: '2026-03-02T09:40:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
    - { name: an hour that ends with it, now: '2026-03-02T10:00:00Z', tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:00:00Z', OperationNameValue: a/delete, Caller: eve },
          { TimeGenerated: '2026-03-02T10:00:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
---
id: 5d0e1a3c-0000-4000-8000-000000000002
name: New caller
severity: Low
queryFrequency: 1h
queryPeriod: 1h
query: |
  let least = 0; // none
  AzureActivity
  | where OperationNameValue endswith "/delete" // and nothing else
azimuth: { firstSeen: { days: 2, by: [Caller] } }
samples:
  positive:
    - { name: nobody before, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:30:00Z', OperationNameValue: a/delete, Caller: "e'v\\\\e" },
          { TimeGenerated: '2026-02-26T09:30:00Z', OperationNameValue: a/delete, Caller: "e'v\\\\e" } ] } }
  negative:
    - { name: the same before, tables: { AzureActivity: [
          { TimeGenerated: '2026-03-02T09:30:00Z', OperationNameValue: a/delete, Caller: eve },
          { TimeGenerated: '2026-03-01T09:30:00Z', OperationNameValue: a/delete, Caller: eve } ] } }
---
id: 5d0e1a3c-0000-4000-8000-000000000003
name: Of no table
severity: Low
query: Nowhere | take 1
`

describe('rules on their samples', () => {
  test('pass where they alert as told, each sample seeing its own rows, and fail with a reason', async () => {
    const parsed = parseDocuments('a.yaml', rule)
    if ('reason' in parsed) throw new Error(parsed.reason)
    const { rules, refused } = readSentinel(parsed.values.map((value) => ({ path: 'a.yaml', value })))
    expect(refused).toEqual([])
    const results = await Array.fromAsync(testRules(rules))
    expect(results.map(({ rule: { name }, sample, problem }) => [sample?.name ?? name, problem])).toEqual([
      ['two at once', undefined],
      ['too few', 'no alert'],
      ['the wrong number', '1 alert (1 row), not 2'],
      ['a column that is not there', 'AzureActivity, row 1: no column Nobody'],
      ['a table that is not there', 'no table Nothing'],
      ['hours apart', undefined],
      ['an hour that ends with it', undefined],
      ['nobody before', undefined],
      ['the same before', undefined],
      ['Of no table', expect.stringContaining('Nowhere')],
    ])
  })
})

describe('the rules that come with Azimuth', async () => {
  const { rules, refused } = await readRules(builtInName)

  test('can all be read', () => {
    expect(refused).toEqual([])
  })

  test('say what they find, why it matters, and which logs they need', () => {
    const poor = rules.filter(
      ({ description, guide, techniques, logs, id, samples }) =>
        [description, guide.why, guide.next, guide.benign].some((text) => (text ?? '').trim() === '') ||
        techniques.length === 0 ||
        logs.length === 0 ||
        !/^[0-9a-f-]{36}$/.test(id) ||
        !samples.some(({ positive }) => positive) ||
        !samples.some(({ positive }) => !positive),
    )
    expect(poor.map(({ path }) => path)).toEqual([])
  })

  test('alert on their true samples and on none of their false ones', { timeout: 300_000 }, async () => {
    const failures: string[] = []
    for await (const { rule: failed, sample, problem } of testRules(rules)) {
      if (problem !== undefined) failures.push(`${failed.path}: ${sample?.name ?? ''}: ${problem}`)
    }
    expect(failures).toEqual([])
  })
})
